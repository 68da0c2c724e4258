import type { Overruling, Review } from '../../statement/statement.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { labelOf, type Accepted } from './accepted.ts';
import type { Stand } from './serials.ts';

/** Who objects to a change, and whose overruling has set an objection aside. */
export interface Objections {
  readonly findings: readonly Finding[];
  readonly counted: readonly Accepted<Review | Overruling>[];
  readonly notes: readonly Finding[];
}

/**
 * A signed "no" to any head that the proposal has or had, and to any of its commits, stands until its signer takes it back
 * there, says otherwise of the judged head with a higher serial, or governance overrules it (trust.md C18). In history only
 * positive evidence counts: there an objection is noted.
 *
 * @param answers the highest serial by which each person spoke for the judged head or withdrew from it
 */
export function findObjections(
  judged: Case,
  stands: readonly Stand[],
  answers: ReadonlyMap<string, number>,
  overrulings: readonly Accepted<Overruling>[],
): Objections {
  const findings: Finding[] = [];
  const notes: Finding[] = [];
  const counted: Accepted<Review | Overruling>[] = [];
  const used = new Set<Accepted<Overruling>>();
  const byObjection = Map.groupBy(overrulings, ({ statement }) => `${statement.head} ${statement.objector}`);
  for (const { person, head, against } of stands) {
    if (against === null) continue;
    const label = labelOf(judged.facts.target, against);
    const { serial, notes: reasons } = against.statement;
    if (!judged.byId.has(head) && !judged.earlier.has(head)) {
      notes.push(finding('statement-other-head', { ...label, why: 'kind' }));
      continue;
    }
    const answer = answers.get(person) ?? 0;
    if (answer > serial) {
      notes.push(finding('statement-superseded', { ...label, serial, by: answer }));
      continue;
    }
    const named = byObjection.get(`${head} ${person}`) ?? [];
    const overruled = named.filter(({ statement }) => statement.serial >= serial);
    for (const one of overruled) used.add(one);
    const quorum = quorumOf(judged, person, overruled);
    if (quorum.have.length >= quorum.need) {
      findings.push(
        finding('objection-overruled', { ...label, by: quorum.have, reasons: reasonsOf(overruled) }),
      );
      for (const one of overruled) counted.push(one);
    } else {
      const stale = !judged.heads.has(head);
      findings.push(finding('objection', { ...label, notes: reasons, serial, stale, ...quorum }));
      counted.push(against);
    }
  }
  for (const one of overrulings) {
    if (!used.has(one)) notes.push(finding('overruling-idle', overrulingLabel(judged, one)));
  }
  return { findings, counted, notes };
}

/** Whether a person may overrule this objection at all: a member of the governance group, and not the objector. */
export function overrulingProblem(judged: Case, one: Accepted<Overruling>): Finding | null {
  const { policy, facts } = judged;
  const { overruler, objector } = one.statement;
  const { from } = policy.governance;
  const members = policy.groups.get(from) ?? new Set<string>();
  if (members.has(overruler) && overruler !== objector) return null;
  const candidates = [...members].filter((name) => name !== objector).sort();
  return finding('overruling-refused', { ...labelOf(facts.target, one), objector, group: from, candidates });
}

interface OverrulingQuorum {
  readonly group: string;
  readonly need: number;
  readonly have: readonly string[];
  readonly overrulers: readonly string[];
}

function quorumOf(
  { policy }: Case,
  objector: string,
  overrulings: readonly Accepted<Overruling>[],
): OverrulingQuorum {
  const { people: need, from } = policy.governance;
  const have = [...new Set(overrulings.map(({ statement }) => statement.overruler))].sort();
  const members = policy.groups.get(from) ?? new Set<string>();
  const overrulers = [...members].filter((name) => name !== objector && !have.includes(name)).sort();
  return { group: from, need, have, overrulers };
}

function reasonsOf(overrulings: readonly Accepted<Overruling>[]): string[] {
  return [...new Set(overrulings.map(({ statement }) => statement.reason))];
}

function overrulingLabel({ facts }: Case, one: Accepted<Overruling>) {
  const { objector, serial } = one.statement;
  return { ...labelOf(facts.target, one), objector, serial };
}
