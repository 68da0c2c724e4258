import { keyNames, person } from './people.ts';
import type { Scale } from './branches.ts';
import type { Machine } from './machine.ts';
import { WAY } from './measure.ts';
import type { BranchResult, Figures } from './measure.ts';
import type { BuiltBranch } from './repository.ts';
import type { Result } from './sample.ts';

export interface Target {
  readonly name: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The project's own targets, on the branch that they are about. */
export function judgeTargets({ branches, memory }: Figures): Target[] {
  const heavy = branches.find(({ branch }) => branch.name === 'rsa4096')?.ways ?? [];
  const faster = timeOf(heavy, WAY.git) / timeOf(heavy, WAY.process);
  const share = timeOf(heavy, WAY.raw) / timeOf(heavy, WAY.steady);
  return [
    {
      name: 'rsa4096: countersign log against git log with gpg, start included',
      target: 'at least 40 times as fast',
      measured: `${faster.toFixed(1)} times`,
      met: faster >= 40,
    },
    {
      name: 'rsa4096: ours in steady state, of the rate of crypto.verify alone',
      target: 'at least 60 %',
      measured: percent(share),
      met: share >= 0.6,
    },
    {
      name: `memory of countersign log over ${thousands(memory.commits)} commits`,
      target: 'under 300 MB',
      measured: `${memory.peakMB.toFixed(0)} MB`,
      met: memory.peakMB < 300,
    },
  ];
}

export function renderText(machine: Machine, figures: Figures, scale: Scale): string {
  const { memory, starts } = figures;
  const node = timeOf(starts, starts[0]?.name ?? '');
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGB} GB; pool of ${machine.poolThreads} threads`,
    `node ${machine.node} (OpenSSL ${machine.openssl}), ${machine.git}, ${machine.gpg}, ${machine.ssh}`,
    ...figures.branches.flatMap((result) => ['', ...renderBranch(result)]),
    '',
    `long: ${thousands(memory.commits)} commits through countersign log --json`,
    ...columns([
      ['time', seconds(memory.ms)],
      ['commits a second', rate(memory.commits, memory.ms)],
      ['peak memory', `${memory.peakMB.toFixed(0)} MB`],
      ['with its git', memory.treeMB === null ? 'not known' : `${memory.treeMB.toFixed(0)} MB`],
    ]),
    '',
    'start of a process',
    ...columns(
      starts.map(({ name, medianMs }) => [name, seconds(medianMs), `${(medianMs / node).toFixed(2)} x`]),
    ),
    '',
    scale === 'whole' ? 'targets' : 'targets, which are for a whole run: these figures say little about them',
    ...columns(
      judgeTargets(figures).map(({ name, target, measured, met }) => [
        name,
        target,
        measured,
        met ? 'met' : 'NOT MET',
      ]),
    ),
    '',
  ].join('\n');
}

function renderBranch({ branch, ways }: BranchResult): string[] {
  const raw = timeOf(ways, WAY.raw);
  const git = timeOf(ways, WAY.git);
  return [
    `${branch.name}: ${thousands(branch.count)} commits, ${(branch.bytes / branch.count / 1000).toFixed(1)} kB each; ${mixOf(branch)}`,
    `  head ${branch.head}`,
    ...columns([
      ['', 'good', 'median', 'commits/s', 'of crypto.verify', 'against git', 'CPU a commit', 'runs'],
      ...ways.map(({ name, good, medianMs, medianCpuMs, runs }) => [
        name,
        thousands(good),
        seconds(medianMs),
        rate(branch.count, medianMs),
        percent(raw / medianMs),
        `${(git / medianMs).toFixed(1)} x`,
        medianCpuMs === null ? '' : `${((medianCpuMs / branch.count) * 1000).toFixed(0)} µs`,
        String(runs.length),
      ]),
    ]),
  ];
}

/** Shares of algorithms, as they are drawn. */
export function mixOf({ signers }: Pick<BuiltBranch, 'signers'>): string {
  const shares = new Map<string, number>();
  for (const name of keyNames(signers)) {
    const { kind, algorithm } = person(name);
    const label = `${kind === 'ssh' ? 'SSH' : 'OpenPGP'} ${algorithm}`;
    shares.set(label, (shares.get(label) ?? 0) + (signers[name] ?? 0));
  }
  return [...shares].map(([label, share]) => `${share} % ${label}`).join(', ');
}

export function timeOf(results: readonly Result[], way: string): number {
  return results.find(({ name }) => name === way)?.medianMs ?? NaN;
}

/** The first cell of a row to the left, the others to the right of their columns. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}

export function seconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function rate(count: number, ms: number): string {
  return thousands(Math.round((count / ms) * 1000));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

export function thousands(number: number): string {
  return number.toLocaleString('en-US');
}
