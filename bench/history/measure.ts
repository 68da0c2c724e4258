import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Scale } from '../branches.ts';
import { openGnupgHome } from '../gnupg.ts';
import { watchMemory, type MemoryWatch } from '../memory.ts';
import { compare, Disagreement, type Result, type Sample } from '../sample.ts';
import { runTool } from '../tool.ts';
import { buildHistory, type BuiltHistory } from './build.ts';
import { historyPlans } from './plans.ts';

const BIN = resolve(import.meta.dirname, '..', '..', 'bin', 'countersign.js');

export const HISTORY_WAY = {
  git: 'git log',
  whole: 'countersign verify',
  next: 'countersign verify, one new step',
} as const;

export interface HistoryFigures {
  readonly linear: { readonly steps: number; readonly ways: readonly Result[] };
  readonly fork: {
    readonly steps: number;
    readonly commits: number;
    readonly ms: number;
    /** The program with its git processes, MB of 10^6 bytes; `null` where the system does not tell. */
    readonly treeMB: number | null;
  };
  /** Microseconds a step, start of the process taken off, in repositories of so many files, so many of them in a folder. */
  readonly sizes: readonly { readonly files: number; readonly inFolder: number; readonly stepUs: number }[];
}

/** Builds histories below `root` and measures how long proving them takes. */
export async function measureHistories(
  root: string,
  keys: string,
  scale: Scale,
  progress: (text: string) => void,
): Promise<HistoryFigures> {
  const plans = historyPlans(scale);
  progress('building histories');
  const linear = await buildHistory(root, plans.linear);
  const home = await openGnupgHome(keys);
  try {
    const before = await rememberUpTo(linear, 'master~1');
    const ways = await compare(
      [
        { name: HISTORY_WAY.git, rounds: 3, run: () => gitLog(linear, home.dir) },
        { name: HISTORY_WAY.whole, rounds: 7, run: () => verify(linear, 'master', null) },
        { name: HISTORY_WAY.next, rounds: 7, run: () => verify(linear, 'master', before) },
      ],
      (text) => {
        progress(`history: ${text}`);
      },
    );
    rmSync(before, { recursive: true, force: true });
    return {
      linear: { steps: linear.steps, ways },
      fork: await measureFork(await buildHistory(root, plans.fork), progress),
      sizes: await measureSizes(root, plans.sizes, progress),
    };
  } finally {
    await home.close();
  }
}

async function measureFork(
  fork: BuiltHistory,
  progress: (text: string) => void,
): Promise<HistoryFigures['fork']> {
  progress(`history: fork of ${fork.commits} commits`);
  const watches: MemoryWatch[] = [];
  const { ms } = await verify(fork, 'master', null, (pid) => watches.push(watchMemory(pid)));
  return { steps: fork.steps, commits: fork.commits, ms, treeMB: watches[0]?.stop() ?? null };
}

async function measureSizes(
  root: string,
  plans: ReturnType<typeof historyPlans>['sizes'],
  progress: (text: string) => void,
): Promise<HistoryFigures['sizes']> {
  const sizes = [];
  for (const plan of plans) {
    const built = await buildHistory(root, plan);
    const half = built.steps / 2;
    const ways = await compare(
      [
        { name: 'whole', rounds: 5, run: () => verify(built, 'master', null) },
        { name: 'half', rounds: 5, run: () => verify(built, `master~${half}`, null) },
      ],
      (text) => {
        progress(`history: ${plan.name}, ${text}`);
      },
    );
    const [whole, part] = ways.map(({ medianMs }) => medianMs);
    sizes.push({
      files: plan.files,
      inFolder: Math.round(plan.files / 16 ** plan.levels),
      stepUs: (((whole ?? NaN) - (part ?? NaN)) / half) * 1000,
    });
    rmSync(built.dir, { recursive: true, force: true });
  }
  return sizes;
}

/** git's own checking of the same commits: a gpg for each. */
async function gitLog({ dir, introduction }: BuiltHistory, gnupgHome: string): Promise<Sample> {
  const args = ['log', '--format=%G?', 'master', `^${introduction}`];
  const { stdout, ms } = await runTool('git', args, { cwd: dir, env: { GNUPGHOME: gnupgHome } });
  return { good: stdout.split('\n').filter((line) => line === 'G' || line === 'U').length, ms };
}

/** The folder of a state that was proven up to a revision: whoever uses it copies it. */
async function rememberUpTo(history: BuiltHistory, revision: string): Promise<string> {
  const state = mkdtempSync(join(tmpdir(), 'csb-state-'));
  await run(history, revision, state);
  return state;
}

/** @param from a folder with what was remembered; `null`: nothing was */
async function verify(
  history: BuiltHistory,
  revision: string,
  from: string | null,
  started?: (pid: number) => void,
): Promise<Sample> {
  const state = mkdtempSync(join(tmpdir(), 'csb-state-'));
  try {
    if (from !== null) cpSync(from, state, { recursive: true });
    return await run(history, revision, state, started);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

async function run(
  { dir, introduction }: BuiltHistory,
  revision: string,
  state: string,
  started?: (pid: number) => void,
): Promise<Sample> {
  const args = ['verify', revision, '--introduction', introduction, '--branch', 'master', '--json'];
  const { stdout, ms } = await runTool(process.execPath, [BIN, ...args, '--repository', dir], {
    cwd: dir,
    env: { XDG_STATE_HOME: state },
    ...(started && { started }),
  });
  const answer: unknown = JSON.parse(stdout);
  const passes =
    typeof answer === 'object' && answer !== null && 'outcome' in answer && answer.outcome === 'pass';
  if (!passes || !('commits' in answer) || typeof answer.commits !== 'number')
    throw new Disagreement(`countersign verify ${revision} does not pass: ${stdout.slice(0, 500)}`);
  return { good: answer.commits, ms };
}
