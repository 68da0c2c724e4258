import { spawn } from 'node:child_process';

export type ToolRun =
  | { readonly started: true; readonly code: number | null; readonly stdout: Uint8Array }
  /** The program is not there. */
  | { readonly started: false };

/** No signature comes near it. */
const MOST_BYTES = 1 << 20;

/**
 * Runs a person's own program, without a shell and with their own environment: its agent, its pinentry and its
 * configuration are theirs. What it has to say goes to the terminal; standard output comes back, up to 1 MiB. There is no
 * time limit, since a person may have to find a token and type a PIN.
 *
 * @param input given on standard input; `null` leaves the terminal there, where gpg looks for it
 */
export function runTool(
  command: 'gpg' | 'ssh-keygen',
  args: readonly string[],
  input: Uint8Array | null,
): Promise<ToolRun> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      shell: false,
      stdio: [input === null ? 'inherit' : 'pipe', 'pipe', 'inherit'],
    });
    const out: Buffer[] = [];
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) out.push(chunk);
      else child.kill();
    });
    child.on('error', () => {
      resolve({ started: false });
    });
    child.on('close', (code) => {
      resolve({ started: true, code, stdout: Buffer.concat(out) });
    });
    // A tool that refuses early closes its input: its exit code tells more.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
