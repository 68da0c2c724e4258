import { ruleOf, openBasePolicy } from '../../core/facts/base-policy.ts';
import { parseCommit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { titleOf } from '../../core/report/title.ts';
import type { Outcome } from '../../core/verdict/outcome.ts';
import { policyAt } from '../../gather/policy-at.ts';
import { Unreadable } from '../../gather/ports.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { proveHistory } from '../history/prove.ts';
import { short } from '../history/words.ts';
import { EXIT } from '../io.ts';
import { Refusal, type Remark } from '../review/refusal.ts';
import type { Workplace } from '../review/workplace.ts';
import type { Place } from './place.ts';

/** Whether the commit of an introduction is itself a step that passes by the policy at its first parent. */
export interface OwnStep {
  readonly state: 'proven' | 'not-judged' | 'refused';
  /** A sentence in lower case. */
  readonly message: string;
  readonly outcome: Outcome;
}

/** Judges the commit as a step, where the policy at its first parent enforces anything; else says why nothing was judged. */
export async function judgeOwnStep(work: Workplace, { branch, commit }: Place): Promise<OwnStep> {
  const skipped = (why: string): OwnStep => ({
    state: 'not-judged',
    message: `whether ${short(commit)} itself was reviewed was not checked, because ${why}`,
    outcome: 'undetermined',
  });
  try {
    const { opened, remote } = work;
    const parent = await firstParent(work, commit);
    if (parent === null) return skipped('it has no parent');
    const base = await openBasePolicy(await policyAt(opened, parent));
    if (base === null) return skipped(`no policy that can be read lies at its first parent ${short(parent)}`);
    const rule = ruleOf(base, branch);
    if (rule === null)
      return skipped(`the policy at its first parent ${short(parent)} has no one rule for \`${branch}\``);
    if (rule.mode === 'observe')
      return skipped(`the policy at its first parent ${short(parent)} only observes \`${branch}\``);
    const ledgers = await tipsOfLedgers(opened.refs, remote);
    const now = Math.floor(Date.now() / 1000);
    const answer = await proveHistory({ opened, branch, introduction: parent, to: commit, ledgers, now });
    const by = `by the policy at its first parent ${short(parent)}`;
    const { outcome, failed } = answer;
    if (outcome === 'pass')
      return { state: 'proven', message: `${short(commit)} itself passes ${by}`, outcome };
    const why = failed === null ? '' : `: ${titleOf(failed.verdict)}`;
    return { state: 'refused', message: `${short(commit)} itself does not pass ${by}${why}`, outcome };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const message = `${short(commit)} itself could not be judged: ${error.message}`;
    return { state: 'refused', message, outcome: 'undetermined' };
  }
}

/** What is to be said of it; `null`: it is proven. Throws `Refusal` where it does not pass and nobody insists. */
export function remarkOnStep({ state, message, outcome }: OwnStep, insists: boolean): Remark | null {
  if (state === 'proven') return null;
  if (state === 'not-judged') {
    const remedy = 'look at its whole tree: whoever begins there trusts it as it is';
    return { code: 'introduction-not-judged', message, remedy };
  }
  const remedy =
    'introduce a commit that passes (`--commit REV`); `countersign repair COMMIT` says what this one lacks, once the ledger is fetched';
  const found = { code: 'introduction-not-proven', message, remedy };
  if (insists) return found;
  const exit = outcome === 'undetermined' ? EXIT.undetermined : EXIT.fail;
  throw new Refusal(found.code, message, `${remedy}; \`--print\` prints it all the same`, exit);
}

async function firstParent({ opened }: Workplace, commit: Oid): Promise<Oid | null> {
  const [raw] = await opened.repository.readCommits([commit]);
  const parsed = parseCommit(commit, raw ?? new Uint8Array());
  if (!parsed.ok)
    throw new Unreadable('object-forged', `commit \`${commit}\`: ${parsed.detail}`, { passing: false });
  return parsed.commit.parents[0] ?? null;
}
