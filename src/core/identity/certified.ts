import { hash } from 'node:crypto';
import { hashedKey } from '../signature/openpgp-key.ts';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import { signedBytes } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { shortestHash, SIGNATURE_HASHES, verifyValue } from '../signature/openpgp-value.ts';
import type { HashName } from '../signature/public-key.ts';
import { Refusal } from '../signature/refusal.ts';
import { mayBeBy } from './certificate-packets.ts';
import { TYPE } from './signature-type.ts';
import { makeRoom } from './turns.ts';

/** What a signature in a certificate is made over (RFC 9580 section 5.2.4): a key, and a subkey or a user id of it. */
export interface Certified {
  readonly key: OpenpgpKey;
  readonly subkey?: OpenpgpKey;
  readonly userId?: Uint8Array;
}

/** `unclear`: nobody can tell whether the key made it, since its form or hash is none that is read. */
export type Checked = 'good' | 'bad' | 'unclear';

const SHA1 = 2;
const SHA1_HASH = { name: 'sha1', bits: 160 } as const;
/** 2023-02-01T00:00:00Z */
const SHA1_END = 1_675_209_600;
/**
 * SHA-1 counts in self-signatures said to be made before February 2023, since old certificates that are still in use have
 * nothing else; MD5 and RIPEMD-160 never. RFC 9580 section 9.5 allows old signatures whose custody is known: the keyring
 * changes only with the governance quorum, and forging a self-signature takes a second preimage unless its owner signs
 * what an attacker prepared. That SHA-1 is refused (trust.md D21) is about commits and statements, whose bytes anybody may
 * prepare.
 */
export function acceptsHash(signature: OpenpgpSignature, by: OpenpgpKey): boolean {
  const known = readableHash(signature);
  if (known === null || known.bits < shortestHash(signature.algorithm, by.key)) return false;
  return signature.hash !== SHA1 || signature.createdAt < SHA1_END;
}

type ReadHash = Pick<OpenpgpSignature, 'hash' | 'algorithm'>;
interface KnownHash {
  readonly name: HashName;
  readonly bits: number;
}

/**
 * The hash that a signature in a certificate can be checked with, SHA-1 of any date among them; `null`: none that is known
 * and long enough for its algorithm.
 */
export function readableHash(signature: ReadHash): KnownHash | null {
  const known = knownHash(signature);
  return known === null || known.bits < shortestHash(signature.algorithm, null) ? null : known;
}

function knownHash({ hash: id }: ReadHash): KnownHash | null {
  return (id === SHA1 ? SHA1_HASH : SIGNATURE_HASHES[id]) ?? null;
}

/**
 * Checks a signature in a certificate against the key that is said to have made it, and nothing else: no date is looked
 * at, and neither are flags. Judging cryptography and dates at once is what turns good history bad (openpgpjs issue 1800).
 */
export async function checkCertified(
  by: OpenpgpKey,
  signature: OpenpgpSignature,
  certified: Certified,
): Promise<Checked> {
  return checkWith(readableHash(signature), by, signature, certified);
}

async function checkWith(
  known: KnownHash | null,
  by: OpenpgpKey,
  signature: OpenpgpSignature,
  certified: Certified,
): Promise<Checked> {
  const { version, algorithm, issuer } = signature;
  if (version !== by.version || algorithm !== by.algorithm || !mayBeBy(by, issuer)) return 'bad';
  if (by.key === null) return 'bad';
  if (known === null) return 'unclear';
  const signed = signedBytes(signature, documentOf(certified));
  await makeRoom(signed.length);
  const digest = hash(known.name, signed, 'hex');
  // Nothing protects these two bytes. Whoever changes them must not make a revocation unheard.
  if (!isRevocation(signature) && !agrees(signature, digest)) return 'bad';
  try {
    return (await verifyValue(signature, by.key, known.name, signed, digest)) ? 'good' : 'bad';
  } catch (error) {
    if (error instanceof Refusal) return 'unclear';
    throw error;
  }
}

/** Whether the two bytes by which a signature foretells its hash are those of what is certified. */
export async function isForetold(signature: OpenpgpSignature, certified: Certified): Promise<boolean> {
  const known = knownHash(signature);
  // As far as anybody can tell.
  if (known === null) return true;
  const signed = signedBytes(signature, documentOf(certified));
  await makeRoom(signed.length);
  return agrees(signature, hash(known.name, signed, 'hex'));
}

function agrees({ quickCheck }: OpenpgpSignature, digest: string): boolean {
  return digest.startsWith(Buffer.from(quickCheck).toString('hex'));
}

function isRevocation({ type }: OpenpgpSignature): boolean {
  return (
    type === TYPE.keyRevocation || type === TYPE.subkeyRevocation || type === TYPE.certificationRevocation
  );
}

/** `doubted`: `by` made it, with a hash that is not believed: too short, or SHA-1 of these days. */
export type Claimed = 'believed' | 'doubted' | 'bad';

/** What a self-signature by which a key says something of its certificate is worth. */
export async function checkClaim(
  by: OpenpgpKey,
  signature: OpenpgpSignature,
  certified: Certified,
): Promise<Claimed> {
  if ((await checkWith(knownHash(signature), by, signature, certified)) !== 'good') return 'bad';
  return acceptsHash(signature, by) ? 'believed' : 'doubted';
}

/** Whether `by` made a signature over what is certified, with a hash that is believed. */
export async function isCertifiedBy(
  by: OpenpgpKey,
  signature: OpenpgpSignature,
  certified: Certified,
): Promise<boolean> {
  return acceptsHash(signature, by) && (await checkCertified(by, signature, certified)) === 'good';
}

/** The bytes as they were read: a user id need not be UTF-8. */
function documentOf({ key, subkey, userId }: Certified): Uint8Array {
  const parts = [hashedKey(key)];
  if (subkey !== undefined) parts.push(hashedKey(subkey));
  if (userId !== undefined) {
    const head = Buffer.alloc(5, 0xb4);
    head.writeUInt32BE(userId.length, 1);
    parts.push(head, userId);
  }
  return Buffer.concat(parts);
}
