import type { Pin } from '../../policy/policy.ts';
import type { Revocation } from '../../statement/statement.ts';
import type { Court } from '../court.ts';
import { finding, type Finding } from '../finding.ts';
import { keyName } from '../signer.ts';
import { labelOf, once, type Accepted } from './accepted.ts';
import { placeProblem } from './place.ts';
import { signatureProblem } from './signature.ts';

/** The keys that statements have stopped, by whom, and why other such statements stop nothing. */
export interface Revocations {
  /** Keys as `revoke/v1` spells them. */
  readonly keys: ReadonlySet<string>;
  /** Those of them that their owner or the governance quorum has stopped: not even a "no" outlasts that. */
  readonly settled: ReadonlySet<string>;
  readonly counted: readonly Accepted<Revocation>[];
  readonly findings: readonly Finding[];
  readonly notes: readonly Finding[];
}

interface Signed extends Accepted<Revocation> {
  /** The key that signed, in the same spelling. */
  readonly by: string;
}

/**
 * A key stops by the word of its owner, signed with any key of theirs, or of a member of the governance group, signed with
 * one that is in good standing and not stopped itself. It then counts for nothing that has not landed (trust.md D19). All of
 * them are looked at before any takes effect, so that their order means nothing, and where a thief and an owner, or two
 * admins, revoke each other's key, both stop.
 */
export function findRevocations(court: Court): Revocations {
  const notes: Finding[] = [];
  const accepted: Signed[] = [];
  for (const read of court.reading.statements) {
    const { statement } = read;
    if (statement.type !== 'revoke') continue;
    const one = { ...read, statement };
    const problem = signatureProblem(court, read) ?? placeProblem(court, read) ?? powerProblem(court, one);
    const key = court.proofs.statements[read.index]?.key;
    if (problem !== null) notes.push(problem);
    else if (court.landed) notes.push(finding('revocation-noted', labelOfKey(court, one)));
    else if (key) accepted.push({ ...one, by: keyName(key) });
  }
  const distinct = once(accepted, keyOf);
  const { may, surely } = settle(distinct);
  for (const one of accepted) {
    if (may.has(keyOf(one))) continue;
    const label = labelOf(court.facts.target, one);
    notes.push(finding('statement-key-standing', { ...label, problems: ['key-revoked-by-statement'] }));
  }
  const counted = distinct.filter((one) => may.has(keyOf(one)));
  const byKey = Map.groupBy(counted, ({ statement }) => statement.key);
  const { people: need } = court.policy.governance;
  const settled = [...byKey].filter(([key, those]) => {
    const sure = those.filter((one) => surely.has(keyOf(one)) && (one.by === key || !byKey.has(one.by)));
    return sure.some(isOwn) || new Set(sure.map(({ statement }) => statement.revoker)).size >= need;
  });
  return {
    keys: new Set(byKey.keys()),
    settled: new Set(settled.map(([key]) => key)),
    counted,
    findings: [...byKey.values()].flatMap(([first]) => {
      if (first === undefined) return [];
      const { person, key, revoker, reason } = first.statement;
      return [finding('key-revoked', { person, key, by: revoker, reason })];
    }),
    notes,
  };
}

/**
 * Which revocations may count, and which surely do: those whose own key nothing that may count stops. Between the two are
 * those that stop each other. An owner's own always count: whoever holds a key may end it, and what else it said is doubtful
 * with it.
 */
function settle(accepted: readonly Signed[]): { may: ReadonlySet<string>; surely: ReadonlySet<string> } {
  const unstopped = (by: readonly Signed[]): Signed[] => {
    const stopped = new Set(by.map(({ statement }) => statement.key));
    return accepted.filter((one) => isOwn(one) || !stopped.has(one.by));
  };
  let may: readonly Signed[] = accepted;
  for (;;) {
    const surely = unstopped(may);
    const next = unstopped(surely);
    if (next.length === may.length) {
      return { may: new Set(may.map(keyOf)), surely: new Set(surely.map(keyOf)) };
    }
    may = next;
  }
}

function isOwn({ statement }: Signed): boolean {
  return statement.revoker === statement.person;
}

/** What tells one from the others here: whatever their reasons, and however often they were posted. */
function keyOf({ by, statement }: Signed): string {
  return `${by} ${statement.revoker} ${statement.key}`;
}

function labelOfKey({ facts }: Court, one: Accepted<Revocation>) {
  const { person, key, reason } = one.statement;
  return { ...labelOf(facts.target, one), person, key, reason };
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
