import { openedFolder, policyIn } from '../../core/facts/opened.ts';
import { freshnessIn } from '../../core/history/demand.ts';
import { findFreshHeads } from '../../core/history/freshness.ts';
import type { Oid } from '../../core/object/id.ts';
import type { Pin } from '../../core/policy/policy.ts';
import { extractStatements, type SignedText, type StatementSource } from '../../core/statement/extract.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { policyAt } from '../../gather/policy-at.ts';
import type { PolicyFolder } from '../../gather/ports.ts';
import { openLedger, type Ledger } from '../../git/ledger.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { TrustSource } from './past.ts';
import type { HistoryAnswer } from './prove.ts';

interface FreshnessQuestion {
  readonly opened: OpenRepository;
  readonly branch: string;
  readonly introduction: Oid;
  readonly heads: ReadonlyMap<string, readonly Pin[]>;
  readonly source: TrustSource;
  readonly ledgers: readonly Oid[];
  readonly statements?: readonly StatementSource[];
  readonly policy?: PolicyFolder;
  readonly newestProven: boolean;
  readonly now: number;
  readonly answer: HistoryAnswer;
  /** The newest commit that is proven. */
  readonly head: Oid;
  /** The highest state seen before; `null`: none. */
  readonly seen: Oid | null;
}

/** How far behind the newest proven commit one is looked for that people vouch for. */
const MOST_BEHIND = 200;

/**
 * The newest proven commit that enough of the people pinned by the user say is, or not long ago was, the newest of its
 * branch (trust.md D20); `null` where the policy at the head asks for that and there is none. Without `newestProven` only
 * the head itself will do.
 */
export async function judgeFreshness(
  question: FreshnessQuestion,
): Promise<{ readonly head: Oid | null; readonly findings: readonly Finding[] }> {
  const { opened, branch, head, heads, policy, newestProven, now } = question;
  const folder = policy ?? (await policyAt(opened, head));
  const demand = question.answer.state?.freshness ?? freshnessIn(folder, branch);
  const parsed = policyIn(openedFolder(folder));
  if (demand === null) return { head, findings: [] };
  const { days, people: need } = demand;
  if (parsed?.ok !== true) {
    // No step that lands such a policy is ever proven. Were one, nobody could vouch for a project that it does not name.
    return { head: null, findings: [finding('head-stale', { branch, head, days, need, have: [] })] };
  }
  if (heads.size < need) {
    const about = { branch, need, pinned: heads.size, ...question.source };
    return { head: null, findings: [finding('freshness-unpinned', about)] };
  }
  const { project } = parsed.policy;
  const ledgers = await Promise.all([...new Set(question.ledgers)].map((id) => openLedger(opened, id)));
  const vouched = async (id: Oid): Promise<readonly string[]> => {
    const texts = await textsAbout(ledgers, question.statements ?? [], id);
    return (await findFreshHeads({ texts, heads, folder, project, branch, head: id, days, now })).people;
  };
  const have = await vouched(head);
  if (have.length >= need) return { head, findings: [] };
  const stale = [finding('head-stale', { branch, head, days, need, have })];
  if (newestProven) {
    for (const id of await behind(question)) {
      if ((await vouched(id)).length >= need) {
        return {
          head: id,
          findings: [finding('head-vouched-earlier', { branch, head, vouched: id, need, days })],
        };
      }
    }
  }
  return { head: null, findings: stale };
}

/** The steps before a head, the newest first. */
async function behind({ opened, introduction, seen, head }: FreshnessQuestion): Promise<readonly Oid[]> {
  // Never behind what was seen before: not even people who vouch for it take a user back there.
  if (seen === head) return [];
  const line = await opened.line(seen ?? introduction, head);
  const steps = line === null ? [] : line.steps.slice(-MOST_BEHIND - 1, -1);
  return [...(seen === null || steps.length === MOST_BEHIND ? [] : [seen]), ...steps].reverse();
}

async function textsAbout(
  ledgers: readonly Ledger[],
  statements: readonly StatementSource[],
  head: Oid,
): Promise<readonly SignedText[]> {
  const sources = [...statements];
  for (const ledger of ledgers) for (const source of await ledger.read([head])) sources.push(source);
  return sources.flatMap((source) => extractStatements(source).signed);
}
