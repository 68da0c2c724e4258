import { join } from 'node:path';
import { proveHistory, type HistoryQuestion } from '../../src/cli/history/prove.ts';
import type { TrustState } from '../../src/core/history/trust-state.ts';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { Unreadable } from '../../src/gather/ports.ts';
import { findLedgers } from '../../src/git/ledger.ts';
import { openRepository } from '../../src/git/reader.ts';
import { NOW } from '../verdicts/make/scene.ts';
import type { Built } from './build.ts';
import type { Expected } from './history.ts';

/** An answer in the words of a declaration. */
export interface Told {
  readonly outcome: string;
  /** The number of the first step that does not pass; -1 for a commit that the declaration does not have. */
  readonly at: number | null;
  readonly proven: number | null;
  /** Codes of the whole, then of that step. */
  readonly codes: readonly string[];
  /** Those of them that are no mere notes. */
  readonly blocking: readonly string[];
  readonly steps: number | null;
  readonly commits: number | null;
  readonly ahead: number;
  readonly state: TrustState | null;
  readonly ratified: readonly number[];
}

/** Asks `proveHistory` about the whole line, with what lies in the ledger's branch. A broken world is an answer as well. */
export async function askHistory(
  built: Pick<Built, 'dir' | 'line'>,
  question: Partial<Omit<HistoryQuestion, 'opened'>> = {},
): Promise<Told> {
  try {
    return await ask(built, question);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const unknown = { at: null, proven: null, steps: null, commits: null };
    const codes = [error.code];
    return {
      outcome: 'undetermined',
      ...unknown,
      codes,
      blocking: codes,
      ahead: 0,
      state: null,
      ratified: [],
    };
  }
}

async function ask(
  built: Pick<Built, 'dir' | 'line'>,
  question: Partial<Omit<HistoryQuestion, 'opened'>>,
): Promise<Told> {
  const opened = await openRepository(built.dir);
  try {
    const ledgers = await findLedgers(opened.refs, 'origin');
    const [introduction] = built.line;
    const to = built.line.at(-1);
    if (introduction === undefined || to === undefined) throw new Error('an empty line');
    const answer = await proveHistory({
      opened,
      branch: 'master',
      introduction,
      to,
      ledgers: ledgers.map(({ id }) => id),
      now: NOW,
      ...question,
    });
    const { failed, state } = answer;
    const ofStep = failed?.verdict.rulings.flatMap(({ findings }) => findings) ?? [];
    const findings = [...answer.findings, ...ofStep];
    const number = (id: Oid): number => built.line.indexOf(id);
    return {
      outcome: answer.outcome,
      at: failed === null ? null : number(failed.step),
      proven: state === null ? null : number(state.commit),
      codes: findings.map(({ code }) => code),
      blocking: findings.filter(({ outcome }) => outcome !== 'pass').map(({ code }) => code),
      steps: answer.steps,
      commits: answer.commits,
      ahead: answer.ahead,
      state,
      ratified: state?.ratified.map(number) ?? [],
    };
  } finally {
    await opened.dispose();
  }
}

/** What of an answer an expectation is about; `codes` only those that it names. */
export function compared(told: Told, { outcome, at, codes = [], proven }: Expected, last: number) {
  const newest = proven === undefined ? (at === undefined ? last : at - 1) : proven;
  return {
    got: {
      outcome: told.outcome,
      at: told.at,
      proven: told.proven,
      codes: codes.filter((code) => told.codes.includes(code)),
    },
    want: { outcome, at: at ?? null, proven: newest, codes },
  };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What `countersign verify --json` printed about a history; `null` where it printed nothing. */
export interface CommandReport extends Ran {
  readonly json: HistoryJson | null;
  readonly codes: readonly string[];
}

export interface HistoryJson {
  readonly outcome: string;
  readonly from: string;
  readonly to: string;
  readonly steps: number | null;
  readonly commits: number | null;
  readonly accepted: string | null;
  readonly findings: readonly {
    readonly code: string;
    readonly outcome: string;
    readonly message: string;
    readonly remedy: readonly string[];
    readonly data: Record<string, unknown>;
    readonly commit?: string;
  }[];
}

/** Runs the command line in this process, as somebody whose home is `home`. */
export async function runCli(home: string, args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await main(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    path: (given) => join(given.startsWith('/') ? '/' : home, given),
    paint: PLAIN,
    environment: { HOME: home, PATH: process.env['PATH'] },
  });
  return { code, out, err };
}

/** `countersign verify --json` in a repository, as `home`. */
export async function verifyAs(
  home: string,
  { dir }: Pick<Built, 'dir'>,
  args: readonly string[],
): Promise<CommandReport> {
  const ran = await runCli(home, ['verify', '--repository', dir, '--json', ...args]);
  const json = ran.out === '' ? null : (JSON.parse(ran.out) as HistoryJson);
  return { ...ran, json, codes: json?.findings.map((found) => found.code) ?? [] };
}

/** `countersign verify --introduction … REVISION --json` in a repository, as `home`. */
export function verifyFrom(
  home: string,
  built: Pick<Built, 'dir' | 'line'>,
  revision = 'master',
  ...more: string[]
): Promise<CommandReport> {
  const introduction = built.line[0] ?? '';
  return verifyAs(home, built, ['--introduction', introduction, '--branch', 'master', ...more, revision]);
}
