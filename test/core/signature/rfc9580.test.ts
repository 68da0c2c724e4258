import { describe, expect, it } from 'vitest';
import { parseArmorBlocks } from '../../../src/core/signature/armor.ts';
import { parseOpenpgpKey } from '../../../src/core/signature/openpgp-key.ts';
import { parsePackets } from '../../../src/core/signature/openpgp-packet.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { keysOf } from './keys-of.ts';

/** The samples of RFC 9580, appendix A. */
const armored = (label: string, body: string) =>
  Buffer.from(`-----BEGIN PGP ${label}-----\n\n${body}\n-----END PGP ${label}-----\n`);

const LEGACY_KEY = armored(
  'PUBLIC KEY BLOCK',
  `xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJku
Q+47JAY=`,
);

const LEGACY_SIGNATURE = armored(
  'SIGNATURE',
  `iF4EABYIAAYFAlX5X5UACgkQjP3hIZeWWpr2IgD/VvkMypjiECY3vZg/2xbBMd/S
ftgr9N3lYG4NdWrtM2YBANCcT6EVJ/A44PV/IgHYLy6iyQMyZfps60iehUuuYbQE`,
);

const CERTIFICATE = armored(
  'PUBLIC KEY BLOCK',
  `xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laPCsQYf
GwoAAABCBYJjh3/jAwsJBwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxy
KwwfHifBilZwj2Ul7Ce62azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lw
gyU2kCcUmKfvBXbAf6rhRYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaE
QsiPlR4zxP/TP7mhfVEe7XWPxtnMUMtf15OyA51YBM4qBmOHf+MZAAAAIIaTJINn
+eUBXbki+PSAld2nhJh/LVmFsS+60WyvXkQ1wpsGGBsKAAAALAWCY4d/4wKbDCIh
BssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce62azJAAAAAAQBIKbpGG2dWTX8
j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDEM0g12vYxoWM8Y81W+bHBw805
I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUrk0mXubZvyl4GBg==`,
);

const SIGNATURE = armored(
  'SIGNATURE',
  `wpgGARsKAAAAKQWCY5ijYyIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJAAAAAGk2IHZJX1AhiJD39eLuPBgiUU9wUA9VHYblySHkBONKU/usJ9BvuAqo
/FvLFuGWMbKAdA+epq7V4HOtAPlBWmU8QOd6aud+aSunHQaaEJ+iTFjP2OMW0KBr
NK2ay45cX1IVAQ==`,
);

const fingerprints = (certificate: Uint8Array) =>
  parsePackets(Buffer.concat(parseArmorBlocks(certificate, 'PGP PUBLIC KEY BLOCK')))
    .filter(({ tag }) => tag === 6 || tag === 14)
    .map(({ body }) => parseOpenpgpKey(body).fingerprint);

describe('the samples of RFC 9580', () => {
  it('A.1 and A.2: a legacy Ed25519 key, and its signature over `OpenPGP`', async () => {
    const [fingerprint = ''] = fingerprints(LEGACY_KEY);
    expect(fingerprint).toBe('C959BDBAFA32A2F89A153B678CFDE12197965A9A');
    const claim = { armor: LEGACY_SIGNATURE, form: 'detached', namespace: 'git' } as const;
    expect(
      await verifySignature({ ...claim, payload: Buffer.from('OpenPGP') }, keysOf(LEGACY_KEY)),
    ).toMatchObject({
      status: 'good',
      key: { fingerprint },
      issuer: fingerprint.slice(24),
    });
  });

  it('A.3: a version 6 certificate', () => {
    expect(fingerprints(CERTIFICATE)).toEqual([
      'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9',
      '12C83F1E706F6308FE151A417743A1F033790E93E9978488D1DB378DA9930885',
    ]);
  });

  it('A.6: a clear-signed message by that key', async () => {
    const lines = ['What we need from the grocery store:', '', '- tofu', '- vegetables', '- noodles', '', ''];
    const verify = (payload: string) =>
      verifySignature(
        { payload: Buffer.from(payload), armor: SIGNATURE, form: 'cleartext', namespace: 'countersign@v1' },
        keysOf(CERTIFICATE),
      );
    expect(await verify(lines.join('\n'))).toMatchObject({
      status: 'good',
      key: { fingerprint: 'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9' },
    });
    expect(await verify(lines.join('\n').replace('tofu', 'Tofu'))).toMatchObject({ reason: 'signature-bad' });
  });
});
