import type { Oid } from '../object/id.ts';
import type { Assessment } from './assess.ts';
import { peopleOf, signersOf, wouldApprove, type Roles } from './behind.ts';
import type { Case } from './case.ts';
import { needsAdoption } from './rules/commits.ts';
import { applicableRequirements, judgeRequirement } from './rules/requirement.ts';

/** People who both adopt and approve, and are asked which of it they are needed for. Nobody has seen as many. */
const MOST_UNDECIDED = 8;

/**
 * Nobody adopts and approves the same change (trust.md B9). Who has signed both is an adopter where that is needed, and an
 * approver where others vouch for the commits: of all ways to read what was signed, the one in which most is there. So
 * that signing more never takes support away (docs/decisions/0021), and withholding a statement never adds any.
 */
export function castRoles(judged: Case, assessment: Assessment): Roles {
  const needed = judged.commits.filter((one) => needsAdoption(judged, one)).map(({ id }) => id);
  const authors = signersOf(judged);
  const approving = new Set(wouldApprove(judged, assessment).filter((name) => !authors.has(name)));
  const adopters = new Set(assessment.adoptions.map(({ statement }) => statement.adopter));
  const undecided = [...adopters].filter((name) => approving.has(name)).sort();
  const requirements = applicableRequirements(judged);
  let best: { readonly roles: Roles; readonly score: readonly number[] } | null = null;
  for (const approvers of choicesOf(undecided)) {
    const roles = rolesWith(judged, assessment, approvers);
    const open = needed.filter((id) => !roles.covered.has(id)).length;
    const isMet = requirements.every(
      (rule) => judgeRequirement(judged, rule, roles.people).outcome === 'pass',
    );
    const isOpen = open > 0 || !isMet ? 1 : 0;
    const score = [isOpen, open, undecided.length - approvers.size];
    if (best === null || isLess(score, best.score)) best = { roles, score };
  }
  return best?.roles ?? rolesWith(judged, assessment, new Set());
}

/** Every way to let some of them approve instead of adopting. */
function choicesOf(undecided: readonly string[]): ReadonlySet<string>[] {
  const asked = undecided.slice(0, MOST_UNDECIDED);
  const others = undecided.slice(MOST_UNDECIDED);
  return Array.from(
    { length: 2 ** asked.length },
    (_, bits) => new Set([...asked.filter((_name, index) => (bits >> index) % 2 === 1), ...others]),
  );
}

function rolesWith(judged: Case, assessment: Assessment, approvers: ReadonlySet<string>): Roles {
  const adoptions = assessment.adoptions.filter(({ statement }) => !approvers.has(statement.adopter));
  return {
    people: peopleOf(judged, assessment, adoptions),
    adoptions,
    unused: assessment.adoptions.filter(({ statement }) => approvers.has(statement.adopter)),
    covered: unionOf(new Set(adoptions.map(({ covers }) => covers))),
  };
}

function unionOf(sets: Iterable<ReadonlySet<Oid>>): ReadonlySet<Oid> {
  const all = new Set<Oid>();
  for (const set of sets) for (const id of set) all.add(id);
  return all;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
