import type { Facts } from './core/facts/facts.ts';
import { digestOf } from './core/facts/opened.ts';
import { freshnessIn } from './core/history/demand.ts';
import { advance, type TrustState } from './core/history/trust-state.ts';
import type { Oid } from './core/object/id.ts';
import type { Verdict } from './core/verdict/verdict.ts';
import { policyAt } from './gather/policy-at.ts';
import { until } from './gather/until.ts';
import type { Line, PolicyFolder, Repository, Statements } from './gather/ports.ts';
import { judge, type Judgement } from './judge.ts';

export interface FollowOptions {
  /** Seconds since the epoch. */
  readonly now: number;
  /** What the project must be called in every policy on the way; `null`: whatever they say. */
  readonly project: string | null;
  /** Judge every step by this policy instead of the one at its parent. */
  readonly policy?: PolicyFolder;
}

/** One step that was judged, and how far trust reaches with it. */
export interface Followed {
  readonly step: Oid;
  readonly verdict: Verdict;
  /** What the verdict rests on; `null` for a step that passed, and where it could not be gathered. */
  readonly facts: Facts | null;
  /** After this step; `null` where it did not pass, and nothing follows. */
  readonly trust: TrustState | null;
}

/** Steps whose judgement is under way at a time: enough to keep every core busy, few enough to bound memory. */
const IN_FLIGHT = 512;
/** Whoever made the first steps may have made them large: more are begun only as steps pass. */
const FIRST_IN_FLIGHT = 4;
/** Commits that these steps bring together; one step alone may bring more. */
const MOST_COMMITS = 1024;

/**
 * Judges the steps of a line and lets trust advance over them, one by one (trust.md A2). Steps are judged side by side,
 * because each carries its own policy; trust advances in order, and ends at the first step that does not pass.
 */
export async function* follow(
  trust: TrustState,
  line: Line,
  statements: Statements,
  options: FollowOptions,
): AsyncGenerator<Followed> {
  const { steps, sizes } = line;
  const { now, project, policy } = options;
  let ended = false;
  const ahead = until(() => ended, line.repository);
  const underWay: UnderWay[] = [];
  let load = 0;
  let most = FIRST_IN_FLIGHT;
  let next = 0;
  let parent = trust.commit;
  let state = trust;
  const judgeStep = (step: Oid, before: Oid, repository: Repository): Promise<Judgement> =>
    judge(
      { kind: 'step', branch: trust.branch, parent: before, commit: step },
      { repository, statements },
      { now, repository: project, ...(policy && { policy }) },
    );
  const start = (): void => {
    const step = steps[next];
    if (step === undefined) return;
    const size = sizes[next] ?? 1;
    // Of a step that waits for its turn no more is kept than what was found: whoever made it may have made it large.
    const judging = judgeStep(step, parent, ahead).then(({ verdict }) => verdict);
    // Heard when its turn comes, or never where an earlier step ends the walk.
    judging.catch(() => undefined);
    underWay.push({ step, parent, size, judging });
    load += size;
    parent = step;
    next += 1;
  };
  try {
    for (;;) {
      while (next < steps.length && underWay.length < most && (load < MOST_COMMITS || underWay.length === 0))
        start();
      const first = underWay.shift();
      if (first === undefined) return;
      const verdict = await first.judging;
      load -= first.size;
      const judgedNext = verdict.outcome === 'pass' ? (policy ?? (await policyAt(line, first.step))) : null;
      const advanced =
        judgedNext &&
        advance(state, {
          verdict,
          commits: first.size,
          policy: digestOf(judgedNext),
          freshness: freshnessIn(judgedNext, state.branch),
        });
      if (advanced === null) {
        ended = true;
        const again = await judgeStep(first.step, first.parent, line.repository);
        const facts = again.verdict.outcome === verdict.outcome ? again.facts : null;
        yield { step: first.step, verdict: facts === null ? verdict : again.verdict, facts, trust: null };
        return;
      }
      yield { step: first.step, verdict, facts: null, trust: advanced };
      state = advanced;
      most = Math.min(most + 2, IN_FLIGHT);
    }
  } finally {
    ended = true;
  }
}

interface UnderWay {
  readonly step: Oid;
  readonly parent: Oid;
  readonly size: number;
  readonly judging: Promise<Verdict>;
}
