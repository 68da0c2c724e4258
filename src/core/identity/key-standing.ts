import { SUBPACKET } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature, Subpacket } from '../signature/openpgp-signature.ts';
import type { KeyStanding } from './keyring.ts';
import type { VerifiedSelfSignatures } from './self-signatures.ts';
import { TYPE } from './signature-type.ts';

/** First octet of the key flags, RFC 9580 section 5.2.3.29. */
const MAY = { certify: 0x01, sign: 0x02 };
/** RFC 9580 section 5.2.3.31: superseded, retired. All else, no reason too, may mean that somebody else has the key. */
const SOFT_REASONS: readonly (number | undefined)[] = [1, 3];

/** What a primary key's self-signatures say of it. */
export function primaryStanding(createdAt: number, signatures: VerifiedSelfSignatures): KeyStanding {
  const { binding, bindings } = signatures;
  const telling = bindings.filter(isTelling);
  const limits = limitsTo(telling, signatures);
  return {
    binding,
    // Keys from before there were flags may do what their algorithm can, as gpg has it.
    canSign: (may(MAY.sign, telling) ?? binding === 'verified') && may(MAY.sign, limits) !== false,
    backSignature: 'verified',
    expiresAt: earlier(endOf(createdAt, telling), endOf(createdAt, limits)),
    revoked: revocationOf(signatures),
  };
}

/** Whether a primary key may certify other people's names. */
export function mayCertify(signatures: VerifiedSelfSignatures): boolean {
  const { binding, bindings } = signatures;
  const limits = limitsTo(bindings.filter(isTelling), signatures);
  return (may(MAY.certify, bindings) ?? binding === 'verified') && may(MAY.certify, limits) !== false;
}

/**
 * What was said last with a hash that is no longer believed, where nothing believed has been said since: it only takes
 * away. Whoever forges it needs more than to leave out what is newer, and does the same harm.
 */
function limitsTo(
  believed: readonly OpenpgpSignature[],
  { doubted }: VerifiedSelfSignatures,
): readonly OpenpgpSignature[] {
  const since = latest(believed);
  return newest(doubted.filter(({ createdAt }) => createdAt >= since));
}

/** In version 4, a direct key signature that only names a revoker (gpg's `addrevoker`) says nothing of flags and expiry. */
function isTelling(binding: OpenpgpSignature): boolean {
  if (binding.version === 6 || binding.type !== TYPE.directKey) return true;
  return flagsOf(binding) !== null || has(binding, SUBPACKET.keyExpiration);
}

/** What bindings say of a subkey; it falls with its primary key, and must be told that it may sign. */
export function subkeyStanding(
  createdAt: number,
  signatures: VerifiedSelfSignatures,
  primary: KeyStanding,
): KeyStanding {
  const { bindings } = signatures;
  const limits = limitsTo(bindings, signatures);
  const ends = [endOf(createdAt, bindings), endOf(createdAt, limits), primary.expiresAt];
  return {
    binding: signatures.binding === 'verified' ? primary.binding : signatures.binding,
    canSign: (may(MAY.sign, bindings) ?? false) && may(MAY.sign, limits) !== false,
    backSignature: signatures.backSignature,
    expiresAt: ends.reduce(earlier, null),
    revoked: worse(revocationOf(signatures), primary.revoked),
  };
}

/** Of the newest of each kind that have flags; all of them must allow it. `null`: none has flags. */
function may(flag: number, bindings: readonly OpenpgpSignature[]): boolean | null {
  const flagged = newestOfKinds(
    bindings.filter((binding) => binding.version === 6 || flagsOf(binding) !== null),
  );
  return flagged.length === 0 ? null : flagged.every((binding) => ((flagsOf(binding) ?? 0) & flag) !== 0);
}

function endOf(keyCreatedAt: number, bindings: readonly OpenpgpSignature[]): number | null {
  return newestOfKinds(bindings)
    .flatMap((binding) => [
      ...all(binding, SUBPACKET.keyExpiration).map(({ body }) => after(keyCreatedAt, body)),
      ...all(binding, SUBPACKET.signatureExpiration).map(({ body }) => after(binding.createdAt, body)),
    ])
    .reduce(earlier, null);
}

/**
 * A direct key signature and a certification are each believed where they end or limit a key, since readers differ in which
 * of them goes before. Of several names the one that was signed last speaks for all. RFC 9580 section 5.2.3.10 has the most
 * recent self-signature of one name count, and leaves open which name it is: with the strictest, a key that its owner
 * prolonged under one name would end with one that was left behind.
 */
function newestOfKinds(bindings: readonly OpenpgpSignature[]): OpenpgpSignature[] {
  const [direct, others] = [true, false].map((wanted) =>
    bindings.filter(({ type }) => (type === TYPE.directKey) === wanted),
  );
  return [...newest(direct ?? []), ...newest(others ?? [])];
}

/**
 * RFC 9580 section 5.2.3.13: four bytes of seconds after a time; 0 or absent: never. Of more bytes the first four count, as
 * for gpg; fewer are no time at all.
 */
function after(start: number, body: Uint8Array): number | null {
  if (body.length < 4) return start;
  const seconds = body.subarray(0, 4).reduce((number, byte) => number * 256 + byte, 0);
  return seconds === 0 ? null : start + seconds;
}

function revocationOf({ revocations, unclearRevocation }: VerifiedSelfSignatures): KeyStanding['revoked'] {
  // Without a date that could be read, it holds for all time.
  const unclear = unclearRevocation ? { at: 0, kind: 'hard' as const } : null;
  return revocations
    .map((revocation): KeyStanding['revoked'] => {
      const reasons = all(revocation, SUBPACKET.revocationReason);
      const isSoft = reasons.length > 0 && reasons.every(({ body }) => SOFT_REASONS.includes(body[0]));
      return { at: revocation.createdAt, kind: isSoft ? 'soft' : 'hard' };
    })
    .reduce(worse, unclear);
}

/** Hard before soft, then the earlier. */
function worse(a: KeyStanding['revoked'], b: KeyStanding['revoked']): KeyStanding['revoked'] {
  if (a === null || b === null) return a ?? b;
  if (a.kind !== b.kind) return a.kind === 'hard' ? a : b;
  return a.at <= b.at ? a : b;
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function newest(signatures: readonly OpenpgpSignature[]): OpenpgpSignature[] {
  const time = latest(signatures);
  return signatures.filter(({ createdAt }) => createdAt === time);
}

function latest(signatures: readonly OpenpgpSignature[]): number {
  return signatures.reduce((time, { createdAt }) => Math.max(time, createdAt), 0);
}

/** First octet of the key flags, of several what all of them allow; `null` without any. */
function flagsOf(signature: OpenpgpSignature): number | null {
  const flags = all(signature, SUBPACKET.keyFlags).map(({ body }) => body[0] ?? 0);
  return flags.length === 0 ? null : flags.reduce((both, one) => both & one);
}

function has(signature: OpenpgpSignature, type: number): boolean {
  return all(signature, type).length > 0;
}

/**
 * Readers differ in which of several they believe (RFC 9580 section 5.2.3.9 has the last, gpg the first): the strictest
 * counts. Only the hashed area does.
 */
function all({ hashed }: OpenpgpSignature, type: number): Subpacket[] {
  return hashed.filter((subpacket) => subpacket.type === type);
}
