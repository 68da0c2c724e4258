import type { Pin } from '../../policy/policy.ts';
import type { Revocation } from '../../statement/statement.ts';
import type { Court } from '../court.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted } from './accepted.ts';
import { placeProblem } from './place.ts';
import { signatureProblem } from './signature.ts';

/** The keys that statements have stopped, by whom, and why other such statements stop nothing. */
export interface Revocations {
  /** Keys as `revoke/v1` spells them. */
  readonly keys: ReadonlySet<string>;
  readonly counted: readonly Accepted<Revocation>[];
  readonly findings: readonly Finding[];
  readonly notes: readonly Finding[];
}

/**
 * A key stops by the word of its owner, signed with any key of theirs, or of a member of the governance group. It then
 * counts for nothing that has not landed (trust.md D19). All of them are looked at before any takes effect, so that their
 * order means nothing, and a thief and an owner who revoke each other's key stop both.
 */
export function findRevocations(court: Court): Revocations {
  const keys = new Set<string>();
  const counted: Accepted<Revocation>[] = [];
  const findings: Finding[] = [];
  const notes: Finding[] = [];
  for (const read of court.reading.statements) {
    const { statement } = read;
    if (statement.type !== 'revoke') continue;
    const problem =
      signatureProblem(court, read) ??
      placeProblem(court, read) ??
      powerProblem(court, { ...read, statement });
    if (problem !== null) {
      notes.push(problem);
      continue;
    }
    const { person, key, revoker, reason } = statement;
    const data = { ...labelOf(court.facts.target, read), person, key, reason };
    if (court.landed) {
      notes.push(finding('revocation-noted', data));
      continue;
    }
    counted.push({ ...read, statement });
    if (!keys.has(key)) findings.push(finding('key-revoked', { person, key, by: revoker, reason }));
    keys.add(key);
  }
  return { keys, counted, findings, notes };
}

function powerProblem({ policy, facts }: Court, read: Accepted<Revocation>): Finding | null {
  const { person, key, revoker } = read.statement;
  const label = { ...labelOf(facts.target, read), person, key };
  const { from } = policy.governance;
  const members = policy.groups.get(from);
  if (revoker !== person && members?.has(revoker) !== true) {
    return finding('revocation-refused', { ...label, group: from, candidates: [...(members ?? [])].sort() });
  }
  const owner = policy.people.get(person) ?? policy.bots.get(person);
  return owner?.keys.some((pin) => spell(pin) === key) === true
    ? null
    : finding('revocation-key-unknown', label);
}

function spell(pin: Pin): string {
  return `${pin.kind}:${pin.fingerprint}`;
}
