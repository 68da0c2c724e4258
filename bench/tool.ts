import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export interface ToolOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process once it runs. */
  readonly started?: (pid: number) => void;
}

export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  /** From before the start until everything was read, milliseconds. */
  readonly ms: number;
}

/** Nothing of the user's configuration, and none of their keys. */
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** Runs a program to its end, and rejects unless it exits with 0. */
export function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd: options.cwd, env: { ...ENVIRONMENT, ...options.env } });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', reject);
    child.on('spawn', () => {
      if (child.pid !== undefined) options.started?.(child.pid);
    });
    child.on('close', (code) => {
      const ms = performance.now() - start;
      const stderr = Buffer.concat(errors).toString();
      if (code === 0) resolve({ stdout: Buffer.concat(out).toString(), stderr, ms });
      else
        reject(new Error(`${command} ${args.join(' ')} ended with ${String(code)}: ${stderr.slice(-2000)}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
