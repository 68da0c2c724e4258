import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type ToolRun =
  | {
      readonly started: true;
      readonly code: number | null;
      readonly stdout: Uint8Array;
      /** What it wrote to file descriptor 3; empty without `status`. */
      readonly status: string;
    }
  /** The program is not there. */
  | { readonly started: false };

export interface ToolOptions {
  /** Given on standard input. Without it the terminal stays there, where gpg looks for it. */
  readonly input?: Uint8Array;
  readonly directory?: string;
  /** Opens file descriptor 3 for what gpg tells programs (`--status-fd`). */
  readonly status?: boolean;
  /** Nobody is to see what it says: it is only asked. */
  readonly quiet?: boolean;
}

/** No signature comes near it. */
const MOST_BYTES = 1 << 20;

/**
 * Runs a person's own program, without a shell and with their own environment: its agent, its pinentry and its
 * configuration are theirs. What it has to say goes to the terminal; standard output comes back, up to 1 MiB. There is no
 * time limit, since a person may have to find a token and type a PIN.
 */
export function runTool(
  command: string,
  args: readonly string[],
  { input, directory, status = false, quiet = false }: ToolOptions = {},
): Promise<ToolRun> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      shell: false,
      cwd: directory,
      stdio: [
        input === undefined ? 'inherit' : 'pipe',
        'pipe',
        quiet ? 'ignore' : 'inherit',
        ...(status ? (['pipe'] as const) : []),
      ],
    });
    const collect = (stream: NodeJS.ReadableStream | null | undefined): Buffer[] => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MOST_BYTES) chunks.push(chunk);
        else child.kill();
      });
      return chunks;
    };
    const out = collect(child.stdout);
    const third = child.stdio[3];
    const said = collect(third !== undefined && third !== null && 'read' in third ? third : null);
    child.on('error', () => {
      resolve({ started: false });
    });
    child.on('close', (code) => {
      resolve({
        started: true,
        code,
        stdout: Buffer.concat(out),
        status: Buffer.concat(said).toString('latin1'),
      });
    });
    // A tool that refuses early closes its input: its exit code tells more.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * Lets a person's own program show a text that comes on its standard input, with the terminal to itself: a pager. `false`:
 * it is not there. That it stops reading early is its right.
 */
export async function showThrough(
  command: string,
  args: readonly string[],
  text: AsyncIterable<string>,
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  const child = spawn(command, args, {
    shell: false,
    env: environment,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = new Promise<boolean>((resolve) => {
    child.on('error', () => {
      resolve(false);
    });
    child.on('close', () => {
      resolve(true);
    });
  });
  child.stdin.on('error', () => undefined);
  for await (const part of text) {
    if (!child.stdin.writable) break;
    if (!child.stdin.write(part)) {
      await Promise.race([ended, once(child.stdin, 'drain').catch(() => undefined)]);
    }
  }
  child.stdin.end();
  return ended;
}
