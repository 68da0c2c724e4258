import { openKeyring } from '../../src/core/identity/certificate.ts';
import type { OpenedKeyring } from '../../src/core/identity/certificate.ts';
import { standingOf } from '../../src/core/identity/standing.ts';
import type { StandingProblem } from '../../src/core/identity/standing.ts';
import type { Proof, ProofReason } from '../../src/core/signature/proof.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import type { Keys } from '../keys/keys.ts';

/** What two programs say of one signature, in words that both have. */
export interface Answer {
  readonly says:
    | 'good'
    | 'good, key expired'
    | 'good, signature expired'
    | 'good, key revoked'
    | 'good, key unfit'
    | 'bad'
    | 'unknown key'
    | 'refused';
  /** Of the key that signed, where the signature is good. */
  readonly fingerprint: string | null;
  readonly primary: string | null;
}

/** The first of these words in gpg's `--status-fd`, and what it means in ours. */
const GPG_WORDS: readonly (readonly [RegExp, Answer['says']])[] = [
  [/^\[GNUPG:\] BADSIG /m, 'bad'],
  [/^\[GNUPG:\] NO_PUBKEY /m, 'unknown key'],
  [/^\[GNUPG:\] (?:ERRSIG|NODATA|UNEXPECTED) /m, 'refused'],
  [/^\[GNUPG:\] REVKEYSIG /m, 'good, key revoked'],
  [/^\[GNUPG:\] EXPKEYSIG /m, 'good, key expired'],
  [/^\[GNUPG:\] EXPSIG /m, 'good, signature expired'],
  [/^\[GNUPG:\] GOODSIG /m, 'good'],
];

/** `gpg --verify` of a detached signature. `at`: gpg's notation of the time that it is to believe. */
export async function gpgAnswer(
  keys: Keys,
  armor: Uint8Array,
  payload: Uint8Array,
  at?: string,
): Promise<Answer> {
  const path = await keys.writeTemporary(armor);
  const clock = at === undefined ? [] : ['--faked-system-time', `${at}!`];
  const args = [...clock, '--allow-weak-digest-algos', '--status-fd', '1', '--verify', path, '-'];
  return readStatus((await keys.gpg(args, payload)).stdout.toString());
}

export function readStatus(status: string): Answer {
  const says = GPG_WORDS.find(([pattern]) => pattern.test(status))?.[1] ?? 'refused';
  const valid = /^\[GNUPG:\] VALIDSIG ([0-9A-F]{40}) .* ([0-9A-F]{40})$/m.exec(status);
  return { says, fingerprint: valid?.[1] ?? null, primary: valid?.[2] ?? null };
}

/** All that we say of it, unabridged. */
export interface Ours {
  readonly answer: Answer;
  readonly reason: ProofReason | null;
  readonly problems: readonly StandingProblem[];
  readonly inHistory: readonly StandingProblem[];
}

const UNFIT: readonly StandingProblem[] = [
  'key-not-bound',
  'binding-bad',
  'key-not-for-signing',
  'back-signature-missing',
  'back-signature-bad',
  'key-created-later',
  'weak-key',
  'algorithm-unsupported',
];

export async function openBytes(...certificates: Uint8Array[]): Promise<OpenedKeyring> {
  return openKeyring(certificates.map((bytes, index) => ({ path: `${index}.asc`, bytes })));
}

/** @param at the verifier's time, seconds since the epoch */
export async function ourAnswer(
  opened: OpenedKeyring,
  armor: Uint8Array,
  payload: Uint8Array,
  at = Date.now() / 1000,
): Promise<Ours> {
  const claim = { payload, armor, form: 'detached', namespace: 'git' } as const;
  const proof = await verifySignature(claim, opened.keys);
  const { key: signer, reason } = proof;
  if (proof.status !== 'good' || signer?.kind !== 'openpgp') {
    const says = reason === 'signature-bad' ? 'bad' : reason === 'key-unknown' ? 'unknown key' : 'refused';
    return { answer: { says, fingerprint: null, primary: null }, reason, problems: [], inHistory: [] };
  }
  const problems = standing(opened, proof, at, false);
  const answer = { says: inWords(problems), fingerprint: signer.fingerprint, primary: signer.primary };
  return { answer, reason: null, problems, inHistory: standing(opened, proof, at, true) };
}

function standing({ keyring }: OpenedKeyring, proof: Proof, at: number, landed: boolean): StandingProblem[] {
  const { key: signer, claimedAt, expiresAt } = proof;
  const keys = keyring.certificates.flatMap((certificate) => certificate.keys);
  const found = keys.find(({ fingerprint }) => fingerprint === signer?.fingerprint);
  if (found === undefined) throw new Error('a good signature by a key that is not there');
  return standingOf(found, { at, landed, claimedAt, expiresAt });
}

/** gpg says one thing: that a key may not sign at all comes before that it was revoked, and that before its expiry. */
function inWords(problems: readonly StandingProblem[]): Answer['says'] {
  if (problems.some((problem) => UNFIT.includes(problem))) return 'good, key unfit';
  if (problems.includes('key-revoked-hard') || problems.includes('key-revoked-soft'))
    return 'good, key revoked';
  if (problems.includes('key-expired')) return 'good, key expired';
  return problems.includes('signature-expired') ? 'good, signature expired' : 'good';
}
