import { keyIdOf } from '../signature/openpgp-key.ts';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { isWeak } from '../signature/public-key.ts';
import type { CertificatePackets, SignedKey, SignedUserId } from './certificate-packets.ts';
import { MAX_FOREIGN } from './certificate-weight.ts';
import { settle } from './settle.ts';
import { foundOf, verifyBack } from './back-signature.ts';
import type { Found } from './keyring.ts';
import { checkCertified, checkClaim } from './certified.ts';
import type { Certified } from './certified.ts';
import { CERTIFICATIONS, TYPE } from './signature-type.ts';

/** The self-signatures on one key that its primary key really made, as yet unjudged. */
export interface VerifiedSelfSignatures {
  /** Subkey bindings; for a primary key its certifications of user ids and direct key signatures. */
  readonly bindings: readonly OpenpgpSignature[];
  /** Likewise, but with a hash that is no longer believed: they give no power, and may take it away. */
  readonly doubted: readonly OpenpgpSignature[];
  /** `bad`: there are such, but none that counts. */
  readonly binding: Found;
  readonly revocations: readonly OpenpgpSignature[];
  /** There is a revocation of which nobody can say whether it is one. */
  readonly unclearRevocation: boolean;
  /** The key itself confirms the primary key in one of its bindings; always `verified` for a primary key. */
  readonly backSignature: Found;
}

export interface VerifiedCertificate {
  readonly primary: VerifiedSelfSignatures;
  /** In the order of the subkeys. */
  readonly subkeys: readonly VerifiedSelfSignatures[];
  /** In the order of the user ids: whether the primary key says that the name is its own, and did not take it back. */
  readonly ownUserIds: readonly boolean[];
}

const REVOCATION_KEY = 12;
const NONE: VerifiedSelfSignatures = {
  bindings: [],
  doubted: [],
  binding: 'bad',
  revocations: [],
  unclearRevocation: false,
  backSignature: 'missing',
};

/**
 * Verifies all self-signatures of a certificate. What prolonged a key later is as valid as what it replaced: which of them
 * counts is for `key-standing`.
 */
export async function verifySelfSignatures(packets: CertificatePackets): Promise<VerifiedCertificate> {
  const { primary, userIds, subkeys } = await settle(packets);
  const by = primary.key;
  if (by.key === null) {
    const nothing = { ...NONE, backSignature: 'verified' } as const;
    return { primary: nothing, subkeys: subkeys.map(() => NONE), ownUserIds: userIds.map(() => false) };
  }
  const named = [];
  for (const userId of userIds) named.push(await verifyUserId(by, userId));
  const direct = await verifyOwn(by, primary, { key: by });
  // RFC 9580 section 10.1.1: what a key of version 6 may do and when it ends stands in a direct key signature, which it
  // must have.
  const certifications = primary.key.version === 6 ? [] : toldBy(named);
  const bindings = [...direct.bindings, ...certifications];
  const doubted = primary.key.version === 6 ? [] : named.flatMap((userId) => userId.doubted);
  const claimed =
    direct.binding !== 'missing' || (primary.key.version === 4 && named.some(({ claimed }) => claimed));
  const revokers = revokersOf([...bindings, ...named.flatMap(({ certifications }) => certifications)]);
  // A key that is not believed itself confirms no other (trust.md D21).
  const believed = !isWeak(by.key);
  const all = [];
  for (const subkey of subkeys) {
    all.push(believed ? await verifySubkey(by, subkey, revokers) : NONE);
  }
  return {
    primary: {
      ...direct,
      bindings,
      doubted: [...direct.doubted, ...doubted],
      binding: foundOf(bindings.length > 0, claimed),
      unclearRevocation: direct.unclearRevocation || isAppointed(primary, revokers),
      backSignature: 'verified',
    },
    subkeys: all,
    ownUserIds: named.map(({ standing }) => standing.length > 0),
  };
}

interface VerifiedUserId {
  /** All that verify. */
  readonly certifications: readonly OpenpgpSignature[];
  /** Those that were not taken back since. */
  readonly standing: readonly OpenpgpSignature[];
  /** Those of `VerifiedSelfSignatures.doubted` that were not taken back since. */
  readonly doubted: readonly OpenpgpSignature[];
  readonly claimed: boolean;
}

async function verifyUserId(
  by: OpenpgpKey,
  { bytes, signatures, others }: SignedUserId,
): Promise<VerifiedUserId> {
  const certifications: OpenpgpSignature[] = [];
  const doubted: OpenpgpSignature[] = [];
  let takenBack = -1;
  let claimed = false;
  for (const signature of signatures) {
    const certifies = CERTIFICATIONS.includes(signature.type);
    if (!certifies && signature.type !== TYPE.certificationRevocation) continue;
    claimed ||= certifies;
    const certified = { key: by, userId: bytes };
    if (certifies) {
      const worth = await checkClaim(by, signature, certified);
      if (worth !== 'bad') (worth === 'believed' ? certifications : doubted).push(signature);
    } else if ((await checkCertified(by, signature, certified)) === 'good') {
      takenBack = Math.max(takenBack, signature.createdAt);
    }
  }
  const foreign = others.filter(({ type }) => type === TYPE.certificationRevocation);
  for (const signature of foreign.slice(0, MAX_FOREIGN)) {
    if (await isByNonetheless(by, signature, { key: by, userId: bytes }))
      takenBack = Math.max(takenBack, signature.createdAt);
  }
  const stands = ({ createdAt }: OpenpgpSignature): boolean => createdAt > takenBack;
  return {
    certifications,
    standing: certifications.filter(stands),
    doubted: doubted.filter(stands),
    claimed,
  };
}

/**
 * What the names tell of the key itself. A name that was taken back tells nothing any more, unless all were: a key does
 * not get back what it lost by taking back all of its names.
 */
function toldBy(named: readonly VerifiedUserId[]): readonly OpenpgpSignature[] {
  const standing = named.flatMap((userId) => userId.standing);
  return standing.length > 0 ? standing : named.flatMap(({ certifications }) => certifications);
}

async function verifySubkey(
  by: OpenpgpKey,
  subkey: SignedKey,
  revokers: ReadonlySet<string>,
): Promise<VerifiedSelfSignatures> {
  const own = await verifyOwn(by, subkey, { key: by, subkey: subkey.key });
  return {
    ...own,
    unclearRevocation: own.unclearRevocation || isAppointed(subkey, revokers),
    backSignature: await verifyBack(by, subkey.key, own.bindings),
  };
}

/** The signatures by which a primary key speaks of a key: of itself without a user id, or of a subkey. */
async function verifyOwn(
  by: OpenpgpKey,
  { signatures, foreignRevocations, unreadable }: SignedKey,
  over: Certified,
): Promise<Omit<VerifiedSelfSignatures, 'backSignature'>> {
  const [binding, revocation] = over.subkey
    ? [TYPE.subkeyBinding, TYPE.subkeyRevocation]
    : [TYPE.directKey, TYPE.keyRevocation];
  const bindings: OpenpgpSignature[] = [];
  const doubted: OpenpgpSignature[] = [];
  const revocations: OpenpgpSignature[] = [];
  let claimed = unreadable.has(binding);
  // Nobody can tell whether it is its owner's. Who has the keyring changed has a quorum behind them: power that was taken
  // away in doubt is given back by a certificate without the packet, power that was left in doubt is not taken back.
  let unclearRevocation = unreadable.has(revocation);
  for (const signature of signatures) {
    if (signature.type === revocation) {
      const checked = await checkCertified(by, signature, over);
      unclearRevocation ||= checked === 'unclear';
      if (checked === 'good') revocations.push(signature);
    } else if (signature.type === binding) {
      claimed = true;
      const worth = await checkClaim(by, signature, over);
      if (worth !== 'bad') (worth === 'believed' ? bindings : doubted).push(signature);
    }
  }
  for (const signature of foreignRevocations) {
    if (signature.type === revocation && (await isByNonetheless(by, signature, over)))
      revocations.push(signature);
  }
  return {
    bindings,
    doubted,
    binding: foundOf(bindings.length > 0, claimed),
    revocations,
    unclearRevocation,
  };
}

/** Whom a signature names may stand where anybody can change it: only its numbers tell who made it. */
export async function isByNonetheless(
  by: OpenpgpKey,
  signature: OpenpgpSignature,
  over: Certified,
): Promise<boolean> {
  const nameless = { ...signature, issuer: { fingerprint: null, keyId: null } };
  return (await checkCertified(by, nameless, over)) === 'good';
}

/** Keys that the certificate itself lets revoke it (RFC 9580 section 5.2.3.23), by fingerprint and by key id. */
export function revokersOf(signatures: readonly OpenpgpSignature[]): Set<string> {
  const fingerprints = signatures
    .flatMap(({ hashed }) => hashed)
    .filter(
      ({ type, body }) => type === REVOCATION_KEY && body.length === 22 && ((body[0] ?? 0) & 0x80) !== 0,
    )
    .map(({ body }) => Buffer.from(body.subarray(2)).toString('hex').toUpperCase());
  return new Set(fingerprints.flatMap((fingerprint) => [fingerprint, keyIdOf(fingerprint)]));
}

/**
 * Whether a revocation is said to be by somebody whom the certificate appointed for it. That they made it is not verified
 * (their certificate may be anywhere): it is heard as an unclear one.
 */
function isAppointed({ foreignRevocations }: SignedKey, revokers: ReadonlySet<string>): boolean {
  return foreignRevocations.some((signature) => isAppointedRevoker(signature, revokers));
}

export function isAppointedRevoker({ issuer }: OpenpgpSignature, revokers: ReadonlySet<string>): boolean {
  return revokers.has(issuer.fingerprint ?? issuer.keyId ?? '');
}
