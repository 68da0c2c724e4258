import { join } from 'node:path';
import { openKeyring } from '../../core/identity/certificate.ts';
import { mergeCopies } from '../../core/identity/certificate-copies.ts';
import { hasUnreadableRevocation, type CertificatePackets } from '../../core/identity/certificate-packets.ts';
import { keepVerified } from '../../core/identity/keep-verified.ts';
import { parseKeyFile } from '../../core/identity/key-file.ts';
import type { KeyFile } from '../../core/identity/keyring.ts';
import { encodeCertificate } from '../../core/policy/edit-certificate.ts';
import type { Pin, Policy } from '../../core/policy/policy.ts';
import { buildRoster } from '../../core/policy/roster.ts';
import { keyIdOf } from '../../core/signature/openpgp-key.ts';
import type { OpenpgpSignature } from '../../core/signature/openpgp-signature.ts';
import { KeysRefusal } from './outcome.ts';
import type { PolicyOnDisk } from './policy.ts';
import type { FileChange } from './write.ts';
import { rosterProblem } from '../roster-diagnostics.ts';

/** Where a certificate is to lie, with all that is known of it. */
export interface CertificateFile extends KeyFile {
  /** Bytes of the file that is there already. */
  readonly before: Uint8Array | null;
  /** Whether a copy of this certificate was there before. */
  readonly known: boolean;
  /** Whether the new copy says anything that was not known. */
  readonly news: boolean;
}

/**
 * The file of a certificate: `<FINGERPRINT>.asc`, or the file that holds this one certificate and nothing else already.
 * What was known of it stays (an old subkey's signatures must verify on), and so do the certifications by people of the
 * policy; but nothing that its owner did not sign.
 */
export async function certificateFile(
  packets: CertificatePackets,
  disk: PolicyOnDisk,
  policy: Policy,
): Promise<CertificateFile> {
  const { fingerprint } = packets.primary.key;
  const parsed = disk.files.map((file) => ({ file, parsed: parseKeyFile(file) }));
  const copies = parsed.flatMap(({ parsed: one }) =>
    one.ok ? one.certificates.filter(({ primary }) => primary.key.fingerprint === fingerprint) : [],
  );
  const own = parsed.find(
    ({ parsed: one }) =>
      one.ok && one.certificates.every(({ primary }) => primary.key.fingerprint === fingerprint),
  );
  const path = own?.file.path ?? `${fingerprint}.asc`;
  const taken = disk.files.find((file) => file.path === path);
  if (own === undefined && taken !== undefined) {
    throw new KeysRefusal(
      'file-taken',
      `\`${path}\` is there already and holds something else`,
      'move that file away: it should hold the certificate of its name',
    );
  }
  const known = copies.length === 0 ? null : copies.reduce(mergeCopies);
  const merged = known === null ? packets : mergeCopies(known, packets);
  // What can't be read can't be written anew, and a revocation must not get lost.
  if (
    [merged.primary, ...merged.subkeys].some(hasUnreadableRevocation) ||
    merged.astray.unreadRevocations.length > 0
  ) {
    throw new KeysRefusal(
      'key-revoked-hard',
      `the certificate ${fingerprint} holds a revocation that cannot be read: it counts as revoked`,
      'a key that was revoked is replaced by a new one',
    );
  }
  const keep = byPinned(policy);
  const bytes = encodeCertificate(await keepVerified(merged), keep);
  const news =
    known === null || Buffer.compare(encodeCertificate(await keepVerified(known), keep), bytes) !== 0;
  await refuseUnreadableAgain(fingerprint, { path, bytes }, disk);
  return { path, bytes, before: taken?.bytes ?? null, known: known !== null, news };
}

/** What is written must be read again, alone and among the others, and keep every key that counted. */
async function refuseUnreadableAgain(
  fingerprint: string,
  written: KeyFile,
  { files }: PolicyOnDisk,
): Promise<void> {
  const others = files.filter(({ path }) => path !== written.path);
  const [before, alone, after] = await Promise.all(
    [files, [written], [...others, written]].map(async (some) => {
      const { keyring } = await openKeyring(some);
      const own = keyring.certificates.find(({ primary }) => primary === fingerprint);
      const bound = own?.keys.filter(({ standing }) => standing.binding === 'verified') ?? [];
      return { found: own !== undefined, bound: new Set(bound.map((key) => key.fingerprint)) };
    }),
  );
  const lost = [...(before?.bound ?? [])].filter((hex) => after?.bound.has(hex) !== true);
  if (alone?.found === true && after?.found === true && lost.length === 0) return;
  throw new KeysRefusal(
    'certificate-unusable',
    `the certificate ${fingerprint} could not be read again: with what is known of it already, it has too many parts`,
    'look through the files of `.countersign/keys/` that hold it: `countersign policy lint`',
  );
}

/** Of other people's certifications those stay that people of the policy made. */
export function byPinned(policy: Policy): (certification: OpenpgpSignature) => boolean {
  const pinned = new Set<string>();
  for (const { keys } of ownersOf(policy)) {
    for (const { kind, fingerprint } of keys) {
      if (kind === 'openpgp') pinned.add(fingerprint).add(keyIdOf(fingerprint));
    }
  }
  return ({ issuer }) => pinned.has(issuer.fingerprint ?? issuer.keyId ?? '');
}

export function certificateChange({ path, bytes, before }: CertificateFile, disk: PolicyOnDisk): FileChange {
  return { path: join(disk.place.keys, path), bytes, before };
}

/** Raw key material is compared over all formats and subkeys (trust.md B7), by the roster's own rules. */
export async function refuseShared(
  before: Policy | null,
  after: Policy,
  { person, pin }: { readonly person: string; readonly pin: Pin },
  disk: PolicyOnDisk,
  certificate: KeyFile | null,
): Promise<void> {
  const files = disk.files.filter(({ path }) => path !== certificate?.path);
  const old = new Set<string>();
  if (before !== null) {
    const { keyring } = await openKeyring(disk.files);
    for (const problem of buildRoster(before, keyring).problems) old.add(JSON.stringify(problem));
  }
  const { keyring } = await openKeyring(certificate === null ? files : [...files, certificate]);
  for (const problem of buildRoster(after, keyring).problems) {
    if (old.has(JSON.stringify(problem))) continue;
    const isOthers = problem.kind === 'pin-is-subkey' && problem.owner !== person;
    if (problem.kind !== 'key-shared' && !isOthers) continue;
    const { code, message, remedy } = rosterProblem(problem, disk.place.shown, disk.place.shownKeys);
    const own = `the key ${pin.fingerprint} cannot be added: `;
    throw new KeysRefusal(code, own + message, remedy ?? 'bring a key that nobody else holds');
  }
}

export interface PinOwner {
  readonly kind: 'person' | 'bot';
  readonly name: string;
  readonly keys: readonly Pin[];
}

/** Everybody who has pins: people first, in the order of the policy. */
export function ownersOf({ people, bots }: Policy): PinOwner[] {
  return [
    ...[...people.values()].map(({ name, keys }) => ({ kind: 'person' as const, name, keys })),
    ...[...bots.values()].map(({ name, keys }) => ({ kind: 'bot' as const, name, keys })),
  ];
}
