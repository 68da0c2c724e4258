import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Where the figures come from. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly poolThreads: number;
  readonly node: string;
  readonly openssl: string;
  readonly git: string;
  readonly gpg: string;
  readonly ssh: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    poolThreads: Number(process.env['UV_THREADPOOL_SIZE']),
    node: process.version,
    openssl: process.versions.openssl,
    git: firstLine('git', '--version'),
    gpg: firstLine('gpg', '--version'),
    // ssh writes its version to standard error.
    ssh: spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr.trim(),
  };
}

function firstLine(command: string, argument: string): string {
  return execFileSync(command, [argument], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
