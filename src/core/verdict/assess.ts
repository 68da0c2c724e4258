import type { Overruling, Ratification, Review } from '../statement/statement.ts';
import type { Case } from './case.ts';
import { finding, type Finding } from './finding.ts';
import {
  isAdoption,
  isApproval,
  isPositive,
  labelOf,
  once,
  textOf,
  type Accepted,
  type Opinion,
} from './statements/accepted.ts';
import { adopt, type Adopted, type Covers } from './statements/adoption.ts';
import { carryProblem } from './statements/carry-over.ts';
import { coverageProblem } from './statements/coverage.ts';
import { judgeMalformed } from './statements/malformed.ts';
import { findObjections, overrulingProblem, type Objections } from './statements/objections.ts';
import { placeProblem } from './statements/place.ts';
import { ratificationProblem, ratify, type Ratified } from './statements/ratification.ts';
import { takeStands, type Stand } from './statements/serials.ts';
import { signatureProblem } from './statements/signature.ts';
import { enclosedBy, isSpent } from './statements/span.ts';

/** The statements that count, and why the others do not. */
export interface Assessment {
  /** Of what is judged, those of an earlier head that still hold among them. */
  readonly approvals: readonly Accepted<Review>[];
  /** Those of the approvals that were signed for an earlier head. */
  readonly carried: readonly Accepted<Review>[];
  readonly adoptions: readonly Adopted[];
  readonly objections: Objections;
  readonly ratified: Ratified;
  readonly notes: readonly Finding[];
}

/** When a statement counts: trust.md C13 to C18. */
export function assessStatements(judged: Case): Assessment {
  const notes: Finding[] = [];
  const opinions: Accepted<Opinion>[] = [];
  const overrulings: Accepted<Overruling>[] = [];
  const ratifications: Accepted<Ratification>[] = [];
  for (const read of judged.reading.statements) {
    const { statement } = read;
    // Revocations were looked at before anybody's key was.
    if (statement.type === 'revoke') continue;
    let problem = signatureProblem(judged, read) ?? placeProblem(judged, read);
    if (problem === null) {
      if (statement.type === 'overrule') {
        problem = overrulingProblem(judged, { ...read, statement });
        if (problem === null) overrulings.push({ ...read, statement });
      } else if (statement.type === 'ratify') {
        problem = ratificationProblem(judged, { ...read, statement });
        if (problem === null) ratifications.push({ ...read, statement });
      } else {
        const one = { ...read, statement };
        problem = opinionProblem(judged, one);
        if (problem === null) opinions.push(one);
      }
    }
    if (problem !== null) notes.push(problem);
  }
  const stands = takeStands(once(opinions, textOf));
  const sorted = sortPositive(judged, stands);
  const illegible = judgeMalformed(judged);
  const objections = judged.landed
    ? { findings: [], counted: [], notes: [] }
    : findObjections(judged, stands, answersOf(judged, stands, sorted.carried), once(overrulings, textOf));
  return {
    approvals: [...sorted.approvals, ...sorted.carried],
    carried: sorted.carried,
    adoptions: sorted.adoptions,
    objections: { ...objections, findings: [...objections.findings, ...illegible.blocking] },
    ratified: ratify(judged, once(ratifications, textOf)),
    notes: [
      ...illegible.notes,
      ...notes,
      ...sorted.notes,
      ...notesOfStands(judged, stands),
      ...objections.notes,
    ],
  };
}

/** In history only positive evidence counts (trust.md C18): what is said against is noted, and takes nothing back. */
function opinionProblem(judged: Case, one: Accepted<Opinion>): Finding | null {
  if (isPositive(one)) return coverageProblem(judged, one);
  if (!judged.landed) return null;
  const { statement } = one;
  const label = labelOf(judged.facts.target, one);
  if (!judged.byId.has(statement.head)) return finding('statement-other-head', { ...label, why: 'kind' });
  return finding('objection-noted', { ...label, notes: statement.notes });
}

interface Positive {
  readonly approvals: readonly Accepted<Review>[];
  readonly carried: readonly Accepted<Review>[];
  readonly adoptions: readonly Adopted[];
  readonly notes: readonly Finding[];
}

function sortPositive(judged: Case, stands: readonly Stand[]): Positive {
  const approvals: Accepted<Review>[] = [];
  const carried: Accepted<Review>[] = [];
  const adoptions: Adopted[] = [];
  const notes: Finding[] = [];
  const covers: Covers = new Map();
  for (const one of stands.flatMap(({ positive }) => positive)) {
    if (isAdoption(one)) {
      const adopted = spentProblem(judged, one) ?? elsewhere(judged, one) ?? adopt(judged, one, covers);
      if ('covers' in adopted) adoptions.push(adopted);
      else notes.push(adopted);
    } else if (isApproval(one)) {
      const direct = judged.heads.has(one.statement.head);
      const problem = direct ? spentProblem(judged, one) : carryProblem(judged, one);
      if (problem !== null) notes.push(problem);
      else (direct ? approvals : carried).push(one);
    }
  }
  return { approvals, carried, adoptions, notes };
}

function spentProblem(judged: Case, one: Accepted<Opinion>): Finding | null {
  const enclosed = enclosedBy(judged.enclosures, one.statement);
  if (!enclosed || !isSpent(enclosed.span)) return null;
  return finding('statement-spent', { ...labelOf(judged.facts.target, one), by: enclosed.span.repeatedBy });
}

/** Adoptions are not carried over: they name commits, and another head has others. */
function elsewhere(judged: Case, one: Accepted<Opinion>): Finding | null {
  if (judged.byId.has(one.statement.head)) return null;
  return finding('statement-other-head', { ...labelOf(judged.facts.target, one), why: 'kind' });
}

function notesOfStands(judged: Case, stands: readonly Stand[]): Finding[] {
  const { target } = judged.facts;
  return stands.flatMap(({ withdrawn, replaced }) => [
    ...(withdrawn ? [finding('statement-withdrawn', labelOf(target, withdrawn))] : []),
    ...replaced.map(({ replaced: one, by }) =>
      finding('statement-superseded', { ...labelOf(target, one), serial: one.statement.serial, by }),
    ),
  ]);
}

/** The serial with which each person last spoke for the judged head, by carry-over too, or withdrew from it. */
function answersOf(
  judged: Case,
  stands: readonly Stand[],
  carried: readonly Accepted<Review>[],
): ReadonlyMap<string, number> {
  const answers = new Map<string, number>();
  const add = (person: string, serial: number): void => {
    answers.set(person, Math.max(serial, answers.get(person) ?? 0));
  };
  for (const { person, head, answer } of stands) if (judged.heads.has(head)) add(person, answer);
  for (const { statement } of carried) add(statement.reviewer, statement.serial);
  return answers;
}
