import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import type { CertificatePackets } from '../../../src/core/identity/certificate-packets.ts';
import { parseKeyFile } from '../../../src/core/identity/key-file.ts';
import { encodeCertificate } from '../../../src/core/policy/edit-certificate.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import { makeHandKey } from '../../keys/hand-keys.ts';
import { subpacket } from '../../keys/packets.ts';
import { must, openKeys, run, type Keys } from '../../keys/keys.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

function packetsOf(bytes: Uint8Array): CertificatePackets {
  const parsed = parseKeyFile({ path: 'key', bytes });
  const [packets] = parsed.ok ? parsed.certificates : [];
  if (packets === undefined) throw new Error('no certificate');
  return packets;
}

/** Every packet by its place and bytes. */
function bodiesOf({ primary, userIds, subkeys }: CertificatePackets): unknown {
  const hex = ({ body }: { body: Uint8Array }): string => Buffer.from(body).toString('hex');
  const ofKey = ({ key, signatures, foreignRevocations }: typeof primary): unknown => [
    hex(key),
    signatures.map(hex),
    foreignRevocations.map(hex),
  ];
  const names = userIds.map(({ bytes, signatures, others }) => [
    hex({ body: bytes }),
    signatures.map(hex),
    others.map(hex),
  ]);
  return [ofKey(primary), names, subkeys.map(ofKey)];
}

describe('a certificate that is written', () => {
  test('is read again as what it was, by us and by gpg', async () => {
    for (const options of [
      { algorithm: 'default' },
      { algorithm: 'rsa3072', signingSubkeys: ['ed25519', 'nistp521'], expires: '2y' },
    ] as const) {
      const { certificate, fingerprint } = await keys.makeGpgKey('alice', options);
      const packets = packetsOf(certificate);
      const written = encodeCertificate(packets, () => true);
      expect(bodiesOf(packetsOf(written))).toEqual(bodiesOf(packets));
      const before = await openKeyring([{ path: 'key', bytes: certificate }]);
      const after = await openKeyring([{ path: 'key', bytes: written }]);
      expect(after.keyring).toEqual(before.keyring);
      const shown = must('gpg', await keys.gpg(['--with-colons', '--show-keys'], written)).toString();
      expect(shown).toContain(fingerprint);
      expect(
        must('gpg', await run('gpg', ['--homedir', keys.home, '--dearmor'], written)).length,
      ).toBeGreaterThan(0);
    }
  });

  test('of version 6 has no checksum, and long packets have long lengths', () => {
    const primary = makeHandKey('ed25519', { version: 6 });
    const long = subpacket(100, Buffer.alloc(9000, 1));
    const certificate = makeHandCertificate({
      primary,
      userIds: [
        { text: 'short', signatures: [{}] },
        { text: 'y'.repeat(300), signatures: [{}] },
        { text: 'long', signatures: [{ more: [long] }] },
      ],
    });
    const packets = packetsOf(certificate);
    const written = encodeCertificate(packets, () => true);
    expect(bodiesOf(packetsOf(written))).toEqual(bodiesOf(packets));
    expect(Buffer.from(written).toString()).not.toMatch(/^=/m);
    expect(packets.userIds.map(({ bytes }) => bytes.length)).toEqual([5, 300, 4]);
    expect(packets.userIds[2]?.signatures[0]?.body.length).toBeGreaterThan(9000);
  });

  test('keeps of other people only what is wanted', async () => {
    const [owner, friend, other] = [
      await keys.makeGpgKey('bob'),
      await keys.makeGpgKey('carol'),
      await keys.makeGpgKey('dave'),
    ];
    for (const by of [friend, other]) {
      must('gpg', await keys.gpg(['--local-user', by.fingerprint, '--quick-sign-key', owner.fingerprint]));
    }
    const packets = packetsOf(await keys.exportCertificate(owner.fingerprint));
    expect(packets.userIds[0]?.others).toHaveLength(2);
    const written = packetsOf(
      encodeCertificate(packets, ({ issuer }) => issuer.keyId === friend.fingerprint.slice(-16)),
    );
    expect(written.userIds[0]?.others.map(({ issuer }) => issuer.fingerprint)).toEqual([friend.fingerprint]);
    expect(written.userIds[0]?.signatures).toEqual(packets.userIds[0]?.signatures);
  });
});
