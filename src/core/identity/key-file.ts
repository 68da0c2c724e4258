import { parseArmorBlocks } from '../signature/armor.ts';
import { fingerprintOf, isKeySized } from '../signature/openpgp-key.ts';
import { parsePackets } from '../signature/openpgp-packet.ts';
import type { Packet } from '../signature/openpgp-packet.ts';
import { Refusal } from '../signature/refusal.ts';
import { openCopies } from './certificate-copies.ts';
import type { Copies } from './certificate-copies.ts';
import { isTelling, placePackets, spelling, TAG } from './certificate-packets.ts';
import type { CertificatePackets } from './certificate-packets.ts';
import { isTooLarge } from './certificate-weight.ts';
import type { KeyFile, UnreadableKeyFile } from './keyring.ts';
import { makeRoom } from './turns.ts';

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
/** Certificates of one file; more, and it is `too-large`. */
export const MAX_PRIMARIES_IN_FILE = 256;
/** Files with certificates beyond this many are reported as `too-large`. */
export const MAX_CERTIFICATES = 1024;
/**
 * Likewise where verifying all of them may cost more than this many verifications by an Ed25519 key (`Load.weight`), a
 * second or two. Real certificates have 5 self-signatures each, old ones some dozen, and whoever proposes a change may put
 * into it what they like.
 */
export const MAX_WEIGHT_IN_ALL = 8192;
/** Likewise with packets beyond this many in all: putting one in its place takes some microseconds. */
export const MAX_PACKETS_IN_ALL = 50_000;
/**
 * What is searched at all, in all files: their bytes, their packets, and primary keys that stand in files which are not
 * taken. A keyring beyond it says nothing, since nobody knows whom the rest of it revokes.
 */
export const MAX_SEARCHED = { bytes: 32 << 20, packets: 1 << 18, primaries: 1 << 14 } as const;

/**
 * Reads the certificates of all files, each certificate once: several copies are taken together, under the name of the
 * first file. Files that can't be read, or whose certificates go beyond the bounds, are named with the reason.
 *
 * A file that is `too-large` may hold the revocation of a certificate that others hold as well: whatever certificate it
 * holds is left out, wherever else it lies, so that nothing which a bound keeps from being read leaves a key in use. Only
 * of a file of more than 1 MiB nobody can tell what it holds.
 */
export function collectCertificates(files: readonly KeyFile[]): CollectedCertificates {
  const collecting = collect(files);
  for (;;) {
    const step = collecting.next();
    if (step.done === true) return step.value;
  }
}

/** As `collectCertificates`, but between files the event loop may turn. */
export async function collectInTurns(files: readonly KeyFile[]): Promise<CollectedCertificates> {
  const collecting = collect(files);
  for (;;) {
    const step = collecting.next();
    if (step.done === true) return step.value;
    await makeRoom(step.value);
  }
}

/** Yields how many bytes the next file has, before it is read. */
function* collect(files: readonly KeyFile[]): Generator<number, CollectedCertificates, undefined> {
  const unreadable: UnreadableKeyFile[] = [];
  const certificates = new Map<string, Copies>();
  const brought: { path: string; primary: string }[] = [];
  const doubtful = new Set<string>();
  const searched = { bytes: 0, packets: 0, primaries: 0 };
  let placed = 0;
  let weight = 0;
  for (const file of files) {
    yield file.bytes.length;
    const listed = listPackets(file);
    if (!listed.ok) {
      unreadable.push({ path: file.path, reason: listed.reason });
      continue;
    }
    searched.bytes += file.bytes.length;
    searched.packets += listed.count;
    const fits = placed + listed.telling.length <= MAX_PACKETS_IN_ALL;
    if (fits) placed += listed.telling.length;
    const parsed = fits ? placeCertificates(file.path, listed.telling) : TOO_LARGE;
    let problem = parsed.ok ? null : parsed.reason;
    for (const certificate of parsed.ok ? parsed.certificates : []) {
      const { fingerprint } = certificate.primary.key;
      const known = certificates.get(fingerprint);
      const copies = known ?? openCopies(certificate);
      weight -= known?.load.weight ?? 0;
      if (known === undefined) certificates.set(fingerprint, copies);
      else known.add(certificate);
      weight += copies.load.weight;
      if (copies.tooLarge || doubtful.has(fingerprint)) problem = 'too-large';
      brought.push({ path: file.path, primary: fingerprint });
    }
    if (certificates.size > MAX_CERTIFICATES || weight > MAX_WEIGHT_IN_ALL) problem = 'too-large';
    if (problem !== null) unreadable.push({ path: file.path, reason: problem });
    if (problem === 'too-large') {
      const primaries = primariesIn(listed.telling);
      searched.primaries += primaries.length;
      for (const body of primaries.slice(0, MAX_SEARCHED.primaries)) {
        const fingerprint = fingerprintOf(body);
        doubtful.add(fingerprint);
        weight -= certificates.get(fingerprint)?.load.weight ?? 0;
        certificates.delete(fingerprint);
      }
    }
    if (
      searched.bytes > MAX_SEARCHED.bytes ||
      searched.packets > MAX_SEARCHED.packets ||
      searched.primaries > MAX_SEARCHED.primaries
    ) {
      return allTooLarge(files);
    }
  }
  const taken = brought.filter(({ primary }) => certificates.has(primary));
  const known = new Set([...unreadable, ...taken].map(({ path }) => path));
  const emptied = new Set(brought.map(({ path }) => path).filter((path) => !known.has(path)));
  return {
    certificates: [...certificates.values()].map((copies) => copies.merged()),
    unreadable: [...unreadable, ...[...emptied].map((path) => ({ path, reason: 'too-large' as const }))],
    brought: taken,
  };
}

/** Bodies of the primary keys, each once, that can be any certificate's. */
function primariesIn(telling: readonly Packet[]): Uint8Array[] {
  const bodies = telling.flatMap(({ tag, body }) =>
    tag === TAG.publicKey && isKeySized(body) ? [body] : [],
  );
  return [...new Map(bodies.map((body) => [spelling(body), body])).values()];
}

const TOO_LARGE = { ok: false, reason: 'too-large' } as const;

function allTooLarge(files: readonly KeyFile[]): CollectedCertificates {
  const unreadable = files.map(({ path }) => ({ path, reason: 'too-large' as const }));
  return { certificates: [], unreadable, brought: [] };
}

/**
 * Reads the certificates of one file, armored or binary, each once. A file is taken whole or not at all, so that nobody is
 * left with half of what an admin put there.
 */
export function parseKeyFile(file: KeyFile): ParsedKeyFile {
  const listed = listPackets(file);
  if (!listed.ok) return listed;
  if (listed.telling.length > MAX_PACKETS_IN_ALL) return TOO_LARGE;
  return placeCertificates(file.path, listed.telling);
}

type Listed =
  | { readonly ok: true; readonly telling: readonly Packet[]; readonly count: number }
  | { readonly ok: false; readonly reason: UnreadableKeyFile['reason'] };

/** The packets of a file that say something, in their order, and how many there are in all. */
export function listPackets({ bytes }: KeyFile): Listed {
  if (bytes.length > MAX_KEY_FILE_BYTES) return TOO_LARGE;
  try {
    const packets = parsePackets(isBinary(bytes) ? bytes : dearmor(bytes));
    if (packets.some(({ tag }) => tag === TAG.secretKey || tag === TAG.secretSubkey)) {
      return { ok: false, reason: 'private-key' };
    }
    return { ok: true, telling: packets.filter(isTelling), count: packets.length };
  } catch (error) {
    const reason = reasonOf(error);
    return { ok: false, reason: isPrivate(bytes) ? 'private-key' : reason };
  }
}

function placeCertificates(path: string, telling: readonly Packet[]): ParsedKeyFile {
  const groups = new Map<string, Packet[]>();
  let group: Packet[] | null = null;
  for (const packet of telling) {
    if (packet.tag === TAG.publicKey) {
      const name = spelling(packet.body);
      group = groups.get(name) ?? [];
      groups.set(name, group);
    }
    if (group === null) return { ok: false, reason: 'not-a-certificate' };
    group.push(packet);
  }
  if (groups.size === 0) return { ok: false, reason: 'not-a-certificate' };
  if (groups.size > MAX_PRIMARIES_IN_FILE) return TOO_LARGE;
  try {
    const certificates = [...groups.values()].map((packets) => placePackets(path, packets));
    return certificates.some(isTooLarge) ? TOO_LARGE : { ok: true, certificates };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): UnreadableKeyFile['reason'] {
  if (!(error instanceof Refusal)) throw error;
  return error.reason === 'version-unsupported' ? 'unsupported-version' : 'not-a-certificate';
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
