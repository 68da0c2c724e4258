import type { Certificate } from '../identity/keyring.ts';
import { standingOf, type StandingProblem } from '../identity/standing.ts';
import type { Proof, ProofReason } from '../signature/proof.ts';
import type { VerificationKeys } from '../signature/verification-keys.ts';
import { verifySignature } from '../signature/verify.ts';
import { extractStatements, type SignedText } from '../statement/extract.ts';
import { encodePossession, parsePossession, type Possession } from '../statement/possession.ts';
import type { Pin } from './policy.ts';

export type PossessionProblem =
  /** The signature is not good. */
  | { readonly about: 'signature'; readonly code: ProofReason }
  /** It is good, by a key that may not speak. */
  | { readonly about: 'key'; readonly code: StandingProblem }
  /** `not-touched`, `not-verified`: the hardware key did not prove what the pin asks for. */
  | {
      readonly about: 'proof';
      readonly code: 'proof-missing' | 'proof-by-another-key' | 'not-touched' | 'not-verified';
    }
  /** Signed for another project, person or key: it proves nothing here. */
  | { readonly about: 'statement'; readonly code: 'proof-of-another'; readonly signed: Possession };

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
    first ??= problem;
  }
  return first;
}

type Candidate = Pick<SignedText, 'armor' | 'form'>;

const MOST_CANDIDATES = 8;
const ALONE = /^-----BEGIN (?:PGP|SSH) SIGNATURE-----/;

function findCandidates(text: string, expected: Uint8Array): Candidate[] {
  const trimmed = text.trim();
  if (ALONE.test(trimmed)) return [{ armor: new TextEncoder().encode(`${trimmed}\n`), form: 'detached' }];
  return extractStatements({ from: 'proof', text })
    .signed.filter((signed) => Buffer.compare(signed.text, expected) === 0)
    .slice(0, MOST_CANDIDATES);
}

function problemOf(
  { reason, key, presence, claimedAt, expiresAt }: Proof,
  pin: Pin,
  certificates: readonly Certificate[],
  now: number,
): PossessionProblem | null {
  if (reason === 'key-unknown') return { about: 'proof', code: 'proof-by-another-key' };
  if (reason !== null) return { about: 'signature', code: reason };
  if (pin.kind === 'ssh') {
    if (key?.kind !== 'ssh' || key.blob !== pin.blob) return { about: 'proof', code: 'proof-by-another-key' };
    if (pin.presence !== 'none' && presence?.touched !== true) return { about: 'proof', code: 'not-touched' };
    return pin.presence === 'verified' && presence?.verified !== true
      ? { about: 'proof', code: 'not-verified' }
      : null;
  }
  if (key?.kind !== 'openpgp' || key.primary !== pin.fingerprint)
    return { about: 'proof', code: 'proof-by-another-key' };
  const signer = certificates
    .find(({ primary }) => primary === pin.fingerprint)
    ?.keys.find(({ fingerprint }) => fingerprint === key.fingerprint);
  if (signer === undefined) return { about: 'proof', code: 'proof-by-another-key' };
  const [problem] = standingOf(signer, { at: now, landed: false, claimedAt, expiresAt });
  return problem === undefined ? null : { about: 'key', code: problem };
}
