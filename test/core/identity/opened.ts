import { expect } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import type { CertificatePackets } from '../../../src/core/identity/certificate-packets.ts';
import { parseKeyFile } from '../../../src/core/identity/key-file.ts';
import type { Certificate, CertificateKey } from '../../../src/core/identity/keyring.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import type { KeyUse, StandingProblem } from '../../../src/core/identity/standing.ts';

export const NOW = Math.floor(Date.now() / 1000);

/** For something signed that says nothing of its own dates. */
export function use(at: number, landed: boolean): KeyUse {
  return { at, landed, claimedAt: null, expiresAt: null };
}

/** The certificates in these files, all of which must be readable. */
export async function open(...files: Uint8Array[]): Promise<readonly Certificate[]> {
  const { keyring } = await openKeyring(files.map((bytes, index) => ({ path: `${index}.asc`, bytes })));
  expect(keyring.unreadable).toEqual([]);
  return keyring.certificates;
}

/** The key number `index` of the first certificate that the files hold. */
export async function keyOf(files: Uint8Array | readonly Uint8Array[], index = 0): Promise<CertificateKey> {
  const [opened] = await open(...(files instanceof Uint8Array ? [files] : files));
  const key = opened?.keys[index];
  if (key === undefined) throw new Error('no such key');
  return key;
}

/** What keeps each key of the first certificate from signing something new now. */
export async function problemsOf(...files: Uint8Array[]): Promise<StandingProblem[][]> {
  const [opened] = await open(...files);
  return opened?.keys.map((key) => standingOf(key, use(NOW, false))) ?? [];
}

/** The packets of the only certificate in a file. */
export function parse(bytes: Uint8Array): CertificatePackets {
  const parsed = parseKeyFile({ path: 'a', bytes });
  const [certificate, ...more] = parsed.ok ? parsed.certificates : [];
  if (certificate === undefined || more.length > 0) throw new Error('not one certificate');
  return certificate;
}
