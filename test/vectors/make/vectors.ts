import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import type { Binding, HandCertificate, SelfSignature } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import type { HandKey } from '../../keys/hand-keys.ts';
import { armorPgp, HAND_TIME, mpi, packet, signByHand, TAG } from '../../keys/packets.ts';
import type { HandSignature, Signer } from '../../keys/packets.ts';
import type { SignatureExpectation, SignatureVector, Standing } from '../vector.ts';

/** What most vectors sign. */
export const TEXT = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nsigned text\n');
export const DAY = 86_400;
/** Numbers that no key made. */
export const SPOILED = Buffer.concat([mpi(Buffer.alloc(32, 7)), mpi(Buffer.alloc(32, 7))]);
export const YEAR = 365 * DAY;
/** When documents are signed by hand: a hundred days after the keys were made. */
export const SIGNED_AT = HAND_TIME + 100 * DAY;
/** When standing is judged, unless a vector is about time: 2030-03-17. */
export const JUDGED_AT = 1_900_000_000;
export const BY_HAND = 'packets by hand with node:crypto';

export interface Given {
  readonly armor: string | Uint8Array;
  readonly payload?: Uint8Array;
  readonly certificates?: readonly (string | Uint8Array)[];
  readonly namespace?: SignatureVector['namespace'];
  readonly form?: SignatureVector['form'];
}

export function vector(
  name: string,
  madeBy: string,
  given: Given,
  expect: SignatureExpectation,
): SignatureVector {
  const { armor, payload = TEXT, certificates = [], namespace = 'git', form = 'detached' } = given;
  return {
    name,
    madeBy,
    payload: Buffer.from(payload).toString('base64'),
    armor: Buffer.from(armor).toString(),
    certificates: certificates.map((certificate) => Buffer.from(certificate).toString()),
    namespace,
    form,
    expect,
  };
}

/** A good signature; `problems` are those of its key at `JUDGED_AT`, `inHistory` those of what has landed. */
export function good(
  fingerprint: string,
  primaryFingerprint: string,
  problems: readonly string[] = [],
  inHistory: readonly string[] = problems,
): SignatureExpectation {
  return goodAt(fingerprint, primaryFingerprint, [
    { at: JUDGED_AT, landed: false, problems },
    { at: JUDGED_AT, landed: true, problems: inHistory },
  ]);
}

export function goodAt(
  fingerprint: string,
  primaryFingerprint: string,
  standing: readonly Standing[],
): SignatureExpectation {
  const sorted = standing.map((judged) => ({ ...judged, problems: judged.problems.toSorted() }));
  return { ...NOTHING, status: 'good', reason: null, fingerprint, primaryFingerprint, standing: sorted };
}

export function refused(
  status: SignatureExpectation['status'],
  reason: string,
  named: Partial<SignatureExpectation> = {},
): SignatureExpectation {
  return { ...NOTHING, status, reason, ...named };
}

const NOTHING = {
  status: 'unsigned',
  reason: 'unsigned',
  kind: 'openpgp',
  fingerprint: null,
  primaryFingerprint: null,
  presence: null,
  standing: [],
} as const satisfies SignatureExpectation;

/** A signature over `TEXT` by hand, armored. */
export function signed(key: Signer, options: HandSignature = {}, document: Uint8Array = TEXT): string {
  const body = signByHand(key, document, { createdAt: SIGNED_AT, ...options });
  return armorPgp('SIGNATURE', packet(TAG.signature, body));
}

export function certificate(parts: HandCertificate): string {
  return armorPgp('PUBLIC KEY BLOCK', makeHandCertificate(parts));
}

/** The vector of a signature by hand by `key`, in a certificate by hand. */
export function byHand(
  name: string,
  key: HandKey,
  parts: HandCertificate,
  standing: { problems?: readonly string[]; inHistory?: readonly string[]; signature?: HandSignature } = {},
): SignatureVector {
  const { problems = [], inHistory = problems, signature = {} } = standing;
  const given = { armor: signed(key, signature), certificates: [certificate(parts)] };
  return vector(name, BY_HAND, given, good(hexOf(key), hexOf(parts.primary), problems, inHistory));
}

/** A vector whose signature is by `key`, which is in the one certificate. */
export function refusedBy(
  key: HandKey,
  name: string,
  signature: HandSignature,
  expect: SignatureExpectation,
): SignatureVector {
  return refusedWith(name, signed(key, signature), key, expect);
}

export function refusedWith(
  name: string,
  armor: string,
  key: HandKey,
  expect: SignatureExpectation,
  payload: Uint8Array = TEXT,
): SignatureVector {
  return vector(
    `by hand: ${name}`,
    BY_HAND,
    { armor, payload, certificates: [certificate({ primary: key })] },
    expect,
  );
}

export const primaryKey = () => makeHandKey('ed25519-legacy');

/** By a subkey of a certificate that has nothing else to it. */
export function bySubkey(
  name: string,
  binding: readonly Binding[] | ((primary: HandKey, key: HandKey) => readonly Binding[]),
  problems: readonly string[] = [],
  inHistory = problems,
): SignatureVector {
  const primary = primaryKey();
  const key = primaryKey();
  const made = typeof binding === 'function' ? binding(primary, key) : binding;
  return byHand(name, key, { primary, subkeys: [{ key, bindings: made }] }, { problems, inHistory });
}

/** By a primary key with these self-signatures on its user id. */
export function byPrimary(
  name: string,
  signatures: readonly SelfSignature[],
  problems: readonly string[] = [],
  inHistory = problems,
) {
  const primary = primaryKey();
  return byHand(
    name,
    primary,
    { primary, userIds: [{ text: 'alice', signatures }] },
    { problems, inHistory },
  );
}
