import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio, ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { Unreadable } from '../gather/ports.ts';
import { configEnvironment, gitEnvironment, ownEnvironment } from './environment.ts';

export interface GitOptions {
  /** The repository, or `null` to let git find the one around `cwd`, or none. */
  readonly gitDir: string | null;
  /** Defaults to the repository itself, where no attribute files of a work tree lie about. */
  readonly cwd?: string;
  readonly input?: Uint8Array | string;
  /** Added to the allow-listed environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bound on standard output; more is `list-cut`. Defaults to 64 MiB. */
  readonly maxBytes?: number;
  /** Defaults to two minutes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Strings that must never appear in an error. */
  readonly secrets?: readonly string[];
  /**
   * The person's own git, for what it does on their behalf: their configuration, credentials, environment and terminal,
   * which ssh and helpers ask for a passphrase. Never for reading what is judged.
   */
  readonly own?: boolean;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  /** At most 2,000 characters, control characters and secrets removed. */
  readonly stderr: string;
}

const DEFAULT_BYTES = 64 * 1024 * 1024;
const DEFAULT_MS = 120_000;
const STDERR_BYTES = 16 * 1024;
const STDERR_SHOWN = 2000;

const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) killGroup(child);
});

/**
 * Runs git once. Any exit code is an answer; throws `Unreadable` where git cannot start, says more than `maxBytes`
 * (`list-cut`), takes longer than `timeoutMs`, or dies by a signal.
 */
export function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const maxBytes = options.maxBytes ?? DEFAULT_BYTES;
  const timeoutMs = options.timeoutMs ?? DEFAULT_MS;
  const name = args.find((arg) => !arg.startsWith('-')) ?? 'git';
  return new Promise<GitResult>((resolve, reject) => {
    const child = startGit(args, options);
    const out: Buffer[] = [];
    let bytes = 0;
    const errors = collectErrors(child, options.secrets ?? []);
    let failure: Unreadable | null = null;
    const stop = (error: Unreadable): void => {
      failure ??= error;
      killGroup(child);
    };
    const timer = setTimeout(() => {
      stop(new Unreadable('git-failed', `git ${name} took longer than ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const aborted = (): void => {
      stop(new Unreadable('git-failed', `git ${name} was cancelled`));
    };
    options.signal?.addEventListener('abort', aborted, { once: true });
    if (options.signal?.aborted === true) aborted();
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', aborted);
      act();
    };

    child.stdout.on('data', (chunk: Buffer) => {
      if (failure !== null) return;
      bytes += chunk.length;
      if (bytes > maxBytes) {
        stop(
          new Unreadable('list-cut', `git ${name} answered more than ${maxBytes} bytes`, { passing: false }),
        );
      } else out.push(chunk);
    });
    child.on('error', (cause) => {
      settle(() => {
        reject(new Unreadable('git-failed', 'git could not be started; is it installed?', { cause }));
      });
    });
    child.on('close', (code) => {
      settle(() => {
        if (failure !== null) reject(failure);
        else if (code === null) reject(new Unreadable('git-failed', `git ${name} was killed`));
        else resolve({ code, stdout: Buffer.concat(out), stderr: errors() });
      });
    });
    // A git that stops early closes the pipe: its exit code tells more than EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Runs git and throws `Unreadable('git-failed')` unless it exits with 0. */
export async function runGitOk(args: readonly string[], options: GitOptions): Promise<Uint8Array> {
  const result = await runGit(args, options);
  if (result.code !== 0) throw failed(args, result);
  return result.stdout;
}

/** What an unexpected exit of git means: objects that the store lacks are told apart from other failures. */
export function failed(args: readonly string[], result: GitResult): Unreadable {
  const name = args.find((arg) => !arg.startsWith('-')) ?? 'git';
  const said = result.stderr === '' ? `exit code ${result.code}` : result.stderr;
  const missing =
    /could not read|bad object|failed to traverse|unable to (?:read|find)|missing (?:commit|tree|blob|object)|not a valid (?:object|commit) name|could not get object|could not parse/i;
  return missing.test(result.stderr)
    ? new Unreadable('object-missing', `git ${name} misses objects (${said}); ${SHALLOW_REMEDY}`)
    : new Unreadable('git-failed', `git ${name} failed: ${said}`);
}

export const SHALLOW_REMEDY =
  'a shallow clone can be completed with `git fetch --unshallow`, a damaged store is found by `git fsck`';

/** Starts git in a process group of its own, with pipes. The caller ends it; it also ends with this process. */
export function startGit(args: readonly string[], options: GitOptions): ChildProcessWithoutNullStreams {
  const child = spawn('git', commandLine(args, options), {
    ...settings(options),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return keepTrack(child);
}

/** Starts git as above, reading what another git writes. This process no longer has a part in that pipe then. */
export function startGitAfter(
  source: ChildProcessWithoutNullStreams,
  args: readonly string[],
  options: GitOptions,
): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn('git', commandLine(args, options), {
    ...settings(options),
    stdio: [source.stdout, 'pipe', 'pipe'],
  });
  source.stdout.destroy();
  return keepTrack(child);
}

function commandLine(args: readonly string[], { gitDir }: GitOptions): string[] {
  return ['--no-pager', ...(gitDir === null ? [] : [`--git-dir=${gitDir}`]), ...args];
}

function settings({ gitDir, cwd, env, own }: GitOptions) {
  if (own === true) {
    // In a session of its own git would have no terminal to ask on.
    return { cwd: cwd ?? gitDir ?? '/', env: { ...ownEnvironment(), ...env }, shell: false, detached: false };
  }
  // A user's own repository is asked for names alone, and its graphs for nothing.
  const config = gitDir === null ? configEnvironment([['core.commitGraph', 'false']]) : {};
  return {
    cwd: cwd ?? gitDir ?? '/',
    env: gitEnvironment({ ...config, ...env }),
    shell: false,
    detached: true,
  };
}

function keepTrack<Child extends ChildProcess>(child: Child): Child {
  living.add(child);
  child.on('close', () => living.delete(child));
  child.on('error', () => living.delete(child));
  return child;
}

/** Kills git and whatever it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || !living.has(child)) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Keeps the beginning of standard error and returns a function that gives it, fit to be shown. */
export function collectErrors(
  child: { readonly stderr: Readable },
  secrets: readonly string[],
): () => string {
  const kept: Buffer[] = [];
  let bytes = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    if (bytes < STDERR_BYTES) kept.push(chunk.subarray(0, STDERR_BYTES - bytes));
    bytes += chunk.length;
  });
  return () => scrub(Buffer.concat(kept).toString('utf8'), secrets);
}

/** Removes secrets, credentials in URLs and control characters from what git said, and shortens it. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  clean = clean.replace(/:\/\/[^\s/@]{1,200}@/g, '://***@');
  clean = clean
    .replace(/[^\P{C}\n]/gu, '?')
    .trim()
    .replace(/\n+/g, '; ');
  return clean.length > STDERR_SHOWN ? `${clean.slice(0, STDERR_SHOWN)}…` : clean;
}

/** The exit code of git once its pipes are closed; `null` where a signal ended it. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new Unreadable('git-failed', 'git could not be started; is it installed?', { cause }));
    });
    child.once('close', resolve);
  });
}
