import { crc24 } from '../src/core/signature/crc24.ts';

/** Armor as gpg writes it: 64 columns and a CRC-24 (RFC 9580 section 6.1). */
export function pgpArmor(label: 'PGP SIGNATURE' | 'PGP PUBLIC KEY BLOCK', bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc24(bytes));
  const sum = checksum.toString('base64', 1);
  return `-----BEGIN ${label}-----\n\n${columns(bytes, 64)}\n=${sum}\n-----END ${label}-----\n`;
}

/** As ssh-keygen writes it: 70 columns. */
export function sshArmor(bytes: Uint8Array): string {
  return `-----BEGIN SSH SIGNATURE-----\n${columns(bytes, 70)}\n-----END SSH SIGNATURE-----\n`;
}

function columns(bytes: Uint8Array, width: number): string {
  const text = Buffer.from(bytes).toString('base64');
  let lines = '';
  for (let at = 0; at < text.length; at += width)
    lines += `${at > 0 ? '\n' : ''}${text.slice(at, at + width)}`;
  return lines;
}
