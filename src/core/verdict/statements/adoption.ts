import type { Oid } from '../../object/id.ts';
import type { Adoption } from '../../statement/statement.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted } from './accepted.ts';
import { reachedFrom } from './reach.ts';

/** An adoption that counts, and the commits for which its signer vouches as an author does. */
export interface Adopted extends Accepted<Adoption> {
  readonly covers: ReadonlySet<Oid>;
}

/** What adoptions cover, by base and head: many may name the same two. */
export type Covers = Map<string, ReadonlySet<Oid>>;

/**
 * What an adoption covers (trust.md B10): the judged commits that its head reaches and its base does not. Only where the
 * policy lets commits be adopted, and only by those who may sign commits.
 */
export function adopt(judged: Case, one: Accepted<Adoption>, known: Covers): Adopted | Finding {
  const { policy, branch, facts } = judged;
  const label = labelOf(facts.target, one);
  const { base, head, adopter } = one.statement;
  const { signedBy, unsigned } = branch.commits;
  if (unsigned === 'refuse') return finding('adoption-refused', { ...label, branch: facts.target.branch });
  const members = policy.groups.get(signedBy) ?? new Set<string>();
  if (!members.has(adopter)) {
    return finding('adopter-not-allowed', { ...label, group: signedBy, candidates: [...members].sort() });
  }
  const covers = known.get(`${base} ${head}`) ?? coveredBy(judged, base, head);
  known.set(`${base} ${head}`, covers);
  return covers.size === 0 ? finding('adoption-empty', label) : { ...one, covers };
}

function coveredBy(judged: Case, base: Oid, head: Oid): ReadonlySet<Oid> {
  const before = reachedFrom(judged, base);
  return new Set([...reachedFrom(judged, head)].filter((id) => !before.has(id)));
}
