import type { Certificate } from '../identity/keyring.ts';
import { standingOf, type StandingProblem } from '../identity/standing.ts';
import type { Proof, ProofReason } from '../signature/proof.ts';
import { trimBlanks } from '../signature/blanks.ts';
import type { VerificationKeys } from '../signature/verification-keys.ts';
import { verifySignature } from '../signature/verify.ts';
import { extractStatements, type SignedText } from '../statement/extract.ts';
import { encodePossession, parsePossession, type Possession } from '../statement/possession.ts';
import type { Pin } from './policy.ts';

export type PossessionProblem =
  /** The signature is not good; `changed`: it is over the text with what an editor or a mail client does to it. */
  | { readonly about: 'signature'; readonly code: ProofReason; readonly changed: TextChange | null }
  /** It is good, by a key that may not speak. */
  | { readonly about: 'key'; readonly code: StandingProblem }
  /** `not-touched`, `not-verified`: the hardware key did not prove what the pin asks for. */
  | {
      readonly about: 'proof';
      readonly code: 'proof-missing' | 'not-touched' | 'not-verified';
    }
  /** `by`: whose signature it is, as far as it says so: a fingerprint or a key id, unverified. */
  | { readonly about: 'signer'; readonly code: 'proof-by-another-key'; readonly by: string | null }
  /** Signed for another project, person or key: it proves nothing here. */
  | { readonly about: 'statement'; readonly code: 'proof-of-another'; readonly signed: Possession };

/** How a text may be changed on the way to its signer. */
export type TextChange = 'line-ends' | 'final-newline' | 'byte-order-mark';

/** The statement that the owner of a pin signs; trust.md has no key of a person without one. */
export function possessionOf(project: string, person: string, pin: Pin): Possession {
  const key = pin.kind === 'openpgp' ? `openpgp:${pin.fingerprint}` : `ssh:${pin.fingerprint}`;
  return { project, person, key };
}

/**
 * Whether a text holds a signature over exactly this possession statement by the pin's own key: text and signature, as in
 * a file of statements, or the armored signature alone. `null`: it does.
 *
 * @param keys those of the pin's certificate and no others
 * @param now seconds since the epoch
 */
export async function provePossession(
  text: string,
  wanted: Possession,
  pin: Pin,
  { keys, certificates }: { keys: VerificationKeys; certificates: readonly Certificate[] },
  now: number,
): Promise<PossessionProblem | null> {
  const expected = new TextEncoder().encode(encodePossession(wanted));
  const candidates = findCandidates(text, expected);
  if (candidates.length === 0) {
    const { signed } = extractStatements({ from: 'proof', text });
    const other = signed.map((one) => parsePossession(one.text)).find(({ ok }) => ok);
    return other?.ok === true
      ? { about: 'statement', code: 'proof-of-another', signed: other.possession }
      : { about: 'proof', code: 'proof-missing' };
  }
  let first: PossessionProblem | null = null;
  for (const { armor, form } of candidates) {
    const proof = await verifySignature(
      { payload: expected, armor, form, namespace: 'countersign@v1' },
      keys,
    );
    const problem = problemOf(proof, pin, certificates, now);
    if (problem === null) return null;
    if (first !== null) continue;
    first =
      problem.about === 'signature' && problem.code === 'signature-bad'
        ? { ...problem, changed: await changeOf(expected, { armor, form }, keys) }
        : problem;
  }
  return first;
}

/** Such a signature proves nothing, for it is not over our bytes: this is for the message alone. */
async function changeOf(
  expected: Uint8Array,
  candidate: Candidate,
  keys: VerificationKeys,
): Promise<TextChange | null> {
  const text = new TextDecoder().decode(expected);
  const crlf = text.replaceAll('\n', '\r\n');
  const changes: readonly (readonly [TextChange, string])[] = [
    ['line-ends', crlf],
    ['line-ends', crlf.slice(0, -2)],
    ['final-newline', text.slice(0, -1)],
    ['final-newline', `${text}\n`],
    ['byte-order-mark', `\ufeff${text}`],
    ['byte-order-mark', `\ufeff${crlf}`],
  ];
  for (const [change, changed] of changes) {
    const payload = new TextEncoder().encode(changed);
    const { status } = await verifySignature({ payload, ...candidate, namespace: 'countersign@v1' }, keys);
    if (status === 'good') return change;
  }
  return null;
}

type Candidate = Pick<SignedText, 'armor' | 'form'>;

const MOST_CANDIDATES = 8;
const ALONE = /^-----BEGIN (?:PGP|SSH) SIGNATURE-----/;

function findCandidates(text: string, expected: Uint8Array): Candidate[] {
  const trimmed = text.trim();
  if (ALONE.test(trimmed)) {
    // Mail ends lines in CR LF, which ssh-keygen does not read.
    const lines = trimmed.split('\n').map(trimBlanks).join('\n');
    return [{ armor: new TextEncoder().encode(`${lines}\n`), form: 'detached' }];
  }
  return extractStatements({ from: 'proof', text })
    .signed.filter((signed) => Buffer.compare(signed.text, expected) === 0)
    .slice(0, MOST_CANDIDATES);
}

function problemOf(
  { reason, key, issuer, presence, claimedAt, expiresAt }: Proof,
  pin: Pin,
  certificates: readonly Certificate[],
  now: number,
): PossessionProblem | null {
  const another = {
    about: 'signer',
    code: 'proof-by-another-key',
    by: key?.fingerprint ?? issuer,
  } as const;
  if (reason === 'key-unknown') return another;
  if (reason !== null) return { about: 'signature', code: reason, changed: null };
  if (pin.kind === 'ssh') {
    if (key?.kind !== 'ssh' || key.blob !== pin.blob) return another;
    if (pin.presence !== 'none' && presence?.touched !== true) return { about: 'proof', code: 'not-touched' };
    return pin.presence === 'verified' && presence?.verified !== true
      ? { about: 'proof', code: 'not-verified' }
      : null;
  }
  if (key?.kind !== 'openpgp' || key.primary !== pin.fingerprint) return another;
  const signer = certificates
    .find(({ primary }) => primary === pin.fingerprint)
    ?.keys.find(({ fingerprint }) => fingerprint === key.fingerprint);
  if (signer === undefined) return another;
  const [problem] = standingOf(signer, { at: now, landed: false, claimedAt, expiresAt });
  return problem === undefined ? null : { about: 'key', code: problem };
}
