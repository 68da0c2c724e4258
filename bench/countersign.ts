import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { watchMemory } from './memory.ts';
import type { MemoryWatch } from './memory.ts';
import type { BenchRepository } from './repository.ts';
import type { Sample } from './sample.ts';
import { runTool } from './tool.ts';
import type { ToolResult } from './tool.ts';

const BIN = resolve(import.meta.dirname, '..', 'bin', 'countersign.js');

/** Loaded before the program: writes how much memory the process has used at most. Plain, so that loading it takes none. */
const PEAK = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
process.once('exit', () => writeFileSync(process.env.BENCH_PEAK_FILE, String(process.resourceUsage().maxRSS)));
`)}`;

/** `countersign log --json` as a process of its own, start included. */
export async function countersignLog(repository: BenchRepository, branch: string): Promise<Sample> {
  const { stdout, ms } = await run([BIN, ...logOf(repository, branch)], repository.dir);
  return { good: countGoodLines(stdout), ms };
}

export interface Memory extends Sample {
  /** The most that the process itself had, MB of 10^6 bytes. */
  readonly peakMB: number;
  /** The most that it had together with its git processes, pages of the packfile counted for each; sampled. */
  readonly treeMB: number | null;
}

/** The same, with the memory that it took. */
export async function countersignMemory(repository: BenchRepository, branch: string): Promise<Memory> {
  const file = join(repository.dir, 'peak');
  const watches: MemoryWatch[] = [];
  const { stdout, ms } = await runTool(
    process.execPath,
    ['--import', PEAK, BIN, ...logOf(repository, branch)],
    {
      cwd: repository.dir,
      env: { BENCH_PEAK_FILE: file },
      started: (pid) => {
        watches.push(watchMemory(pid));
      },
    },
  );
  // getrusage(2): in units of 1024 bytes.
  const peakMB = (Number(readFileSync(file, 'utf8')) * 1024) / 1e6;
  return { good: countGoodLines(stdout), ms, peakMB, treeMB: watches[0]?.stop() ?? null };
}

/** A node that does nothing. */
export async function bareStart(repository: BenchRepository): Promise<Sample> {
  return { good: 0, ms: (await run(['--eval', '0'], repository.dir)).ms };
}

export async function versionStart(repository: BenchRepository): Promise<Sample> {
  return { good: 0, ms: (await run([BIN, '--version'], repository.dir)).ms };
}

function run(args: readonly string[], cwd: string): Promise<ToolResult> {
  return runTool(process.execPath, args, { cwd });
}

function logOf({ dir, keys }: BenchRepository, branch: string): string[] {
  return ['log', '--json', '--repository', dir, '--keys', keys, branch];
}

function countGoodLines(output: string): number {
  let good = 0;
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'status' in entry && entry.status === 'good')
      good += 1;
  }
  return good;
}
