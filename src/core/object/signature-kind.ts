import { bufferOver } from './headers.ts';

/** Which tool made an armored signature. */
export type ArmorKind = 'openpgp' | 'ssh' | 'x509' | 'unknown';

const OPENINGS: readonly (readonly [opening: string, kind: ArmorKind])[] = [
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN PGP MESSAGE-----', 'openpgp'],
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
  ['-----BEGIN PKCS7-----', 'x509'],
];

/** Tells an armored signature's kind by its first line, as git does (gpg-interface.c, `get_format_by_sig`). */
export function signatureKindOf(armor: Uint8Array): ArmorKind {
  const start = bufferOver(armor).toString('latin1', 0, 256).trimStart();
  return OPENINGS.find(([opening]) => start.startsWith(opening))?.[1] ?? 'unknown';
}
