import { parseArmorBlocks } from '../signature/armor.ts';
import { parsePackets } from '../signature/openpgp-packet.ts';
import { Refusal } from '../signature/refusal.ts';
import { mergeCopies } from './certificate-copies.ts';
import { countSignatures, isTelling, isTooLarge, placePackets, TAG } from './certificate-packets.ts';
import type { CertificatePackets } from './certificate-packets.ts';
import type { KeyFile, UnreadableKeyFile } from './keyring.ts';

export type ParsedKeyFile =
  | { readonly ok: true; readonly certificates: readonly CertificatePackets[] }
  | { readonly ok: false; readonly reason: UnreadableKeyFile['reason'] };

export interface CollectedCertificates {
  readonly certificates: readonly CertificatePackets[];
  readonly unreadable: readonly UnreadableKeyFile[];
  /** Which file brought which certificate, by its primary fingerprint: every copy of it. */
  readonly brought: readonly { readonly path: string; readonly primary: string }[];
}

export const MAX_KEY_FILE_BYTES = 1 << 20;
/** Files with certificates beyond this many are reported as `too-large`. */
export const MAX_CERTIFICATES = 1024;
/**
 * Likewise with self-signatures beyond this many in all. Real certificates have 5 each, old ones some dozen, and whoever
 * proposes a change may put into it what they like: verifying one takes a tenth of a millisecond, with RSA-16384 two.
 */
export const MAX_SIGNATURES_IN_ALL = 8192;

/**
 * Reads the certificates of all files, each certificate once: several copies are taken together, under the name of the
 * first file. Files that can't be read, or whose certificates go beyond the bounds, are named with the reason.
 */
export function collectCertificates(files: readonly KeyFile[]): CollectedCertificates {
  const unreadable: UnreadableKeyFile[] = [];
  const certificates = new Map<string, CertificatePackets>();
  const copies: { path: string; primary: string }[] = [];
  let total = 0;
  for (const file of files) {
    const parsed = parseKeyFile(file);
    if (!parsed.ok) {
      unreadable.push({ path: file.path, reason: parsed.reason });
      continue;
    }
    const brought = new Map<string, CertificatePackets>();
    for (const certificate of parsed.certificates) {
      const { fingerprint } = certificate.primary.key;
      const known = brought.get(fingerprint) ?? certificates.get(fingerprint);
      brought.set(fingerprint, known === undefined ? certificate : mergeCopies(known, certificate));
    }
    let count = certificates.size;
    let signatures = total;
    for (const [fingerprint, certificate] of brought) {
      const known = certificates.get(fingerprint);
      if (known === undefined) count += 1;
      else signatures -= countSignatures(known);
      signatures += countSignatures(certificate);
    }
    if (
      count > MAX_CERTIFICATES ||
      signatures > MAX_SIGNATURES_IN_ALL ||
      [...brought.values()].some(isTooLarge)
    ) {
      unreadable.push({ path: file.path, reason: 'too-large' });
      continue;
    }
    total = signatures;
    for (const [primary, certificate] of brought) {
      certificates.set(primary, certificate);
      copies.push({ path: file.path, primary });
    }
  }
  return { certificates: [...certificates.values()], unreadable, brought: copies };
}

/**
 * Reads the certificates of one file, armored or binary. A file is taken whole or not at all, so that nobody is left with
 * half of what an admin put there.
 */
export function parseKeyFile({ path, bytes }: KeyFile): ParsedKeyFile {
  if (bytes.length > MAX_KEY_FILE_BYTES) return { ok: false, reason: 'too-large' };
  try {
    const packets = parsePackets(isBinary(bytes) ? bytes : dearmor(bytes));
    if (packets.some(({ tag }) => tag === TAG.secretKey || tag === TAG.secretSubkey)) {
      return { ok: false, reason: 'private-key' };
    }
    const telling = packets.filter(isTelling);
    const starts = telling.flatMap(({ tag }, index) => (tag === TAG.publicKey ? [index] : []));
    if (starts[0] !== 0) return { ok: false, reason: 'not-a-certificate' };
    const groups = starts.map((start, index) => telling.slice(start, starts[index + 1]));
    const certificates = groups.map((group) => placePackets(path, group));
    return certificates.some(isTooLarge) ? { ok: false, reason: 'too-large' } : { ok: true, certificates };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (isPrivate(bytes)) return { ok: false, reason: 'private-key' };
    const unsupported = error.reason === 'version-unsupported';
    return { ok: false, reason: unsupported ? 'unsupported-version' : 'not-a-certificate' };
  }
}

/** Binary packets start with bit 7 set, which armor, being ASCII, never has. */
function isBinary(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0;
}

function dearmor(bytes: Uint8Array): Uint8Array {
  return Buffer.concat(parseArmorBlocks(bytes, 'PGP PUBLIC KEY BLOCK'));
}

function isPrivate(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes('-----BEGIN PGP PRIVATE KEY BLOCK-----');
}
