import { spawn } from 'node:child_process';

/** The only environment that git gets here: no configuration of the machine or the user, no prompts. */
export const gitEnvironment: Record<string, string> = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_DEFAULT_REF_FORMAT: 'files',
};

export interface GitResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** Runs git in a repository and answers, whatever the exit code. */
export async function tryGit(directory: string, args: string[], input?: string | Buffer): Promise<GitResult> {
  return await new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, env: gitEnvironment });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
    });
    child.stdin.end(input ?? '');
  });
}

/** Runs git and gives its output without the last line end; throws when git fails. */
export async function git(directory: string, args: string[], input?: string | Buffer): Promise<string> {
  const { code, stdout, stderr } = await tryGit(directory, args, input);
  if (code !== 0) throw new Error(`git ${args.join(' ')} failed with ${code}: ${stderr.trim()}`);
  return stdout.toString().replace(/\n$/, '');
}
