import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { openRepository } from '../../src/git/reader.ts';
import { judge } from '../../src/judge.ts';
import { openFork, type CommitOptions, type Fork, type Report } from '../fork/fork.ts';
import type { PolicyOptions } from '../fork/policy.ts';
import { oid } from '../git/scratch.ts';
import { startGitHub, type GitHub, type RepositoryHandle } from '../github/start.ts';
import { makeAuthenticator } from '../keys/authenticator.ts';
import { must, run, type SshKey } from '../keys/keys.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What `--json` printed. */
export interface Printed {
  readonly ok: boolean;
  readonly person?: string;
  readonly signed?: readonly {
    readonly text: string;
    readonly armor: string;
    readonly pulls: readonly number[];
    readonly statements: readonly Record<string, unknown>[];
  }[];
  readonly delivered?: readonly { readonly to: string; readonly url: string | null }[];
  readonly findings?: readonly { readonly code: string }[];
}

/** The stand-in for GitHub, a repository with a policy, and a clone with its own configuration for each person. */
export interface ReviewStage {
  readonly github: GitHub;
  readonly repository: RepositoryHandle;
  readonly fork: Fork;
  readonly base: string;
  readonly project: string;
  /** How often dave's security key was touched. */
  readonly touches: () => number;
  readonly push: (commit: string, branch: string) => Promise<void>;
  readonly propose: (branch: string, options?: CommitOptions) => Promise<{ number: number; head: string }>;
  /** The command line in this process, without a terminal, in somebody's clone. */
  readonly as: (name: string, ...args: readonly string[]) => Promise<Ran>;
  readonly json: (name: string, ...args: readonly string[]) => Promise<Printed & { readonly code: number }>;
  /** The program itself on a terminal of its own. */
  readonly terminal: (name: string, args: readonly string[], settings?: Record<string, string>) => Terminal;
  readonly clone: (name: string) => string;
  /** The bodies of the comments on a pull request. */
  readonly comments: (number: number) => readonly string[];
  /** `countersign verify --json` in somebody's clone with all that was posted. */
  readonly verify: (number: number) => Promise<Report>;
  /** How a landed step is judged with these statements. */
  readonly judgeStep: (parent: string, commit: string, statements: readonly string[]) => Promise<string>;
}

export interface Terminal {
  /** Resolves once the text has been shown after what was typed last. */
  readonly shows: (text: string | RegExp) => Promise<string>;
  readonly type: (text: string) => void;
  readonly ended: Promise<number>;
  /** All that was shown so far. */
  readonly screen: () => string;
}

const PROGRAM = resolve(import.meta.dirname, '../../src/cli/main.ts');

export function useReview(policy: PolicyOptions = {}): { readonly stage: ReviewStage } {
  let opened: (ReviewStage & { close(): Promise<void> }) | null = null;
  beforeAll(async () => {
    opened = await open(policy);
  });
  afterAll(async () => {
    await opened?.close();
    vi.unstubAllEnvs();
  });
  return {
    get stage() {
      if (opened === null) throw new Error('the stage is not open yet');
      return opened;
    },
  };
}

async function open(policy: PolicyOptions): Promise<ReviewStage & { close(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'cr-'));
  const github = await startGitHub({ users: ['alice', 'bob', 'carol', 'dave', 'mallory'] });
  const fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh' });
  const key = await startSecurityKey(home);
  fork.people.set('dave', key.publicKey);
  github.createOrganization('acme');
  const repository = await github.createRepository('acme', 'nixpkgs');
  for (const login of ['alice', 'bob', 'carol', 'dave']) repository.addCollaborator(login);
  const project = `127.0.0.1:${github.port}/acme/nixpkgs`;
  const base = await fork.setPolicy({ project, unsigned: 'adopt', ...policy });
  await repository.push({ from: fork.dir, ref: base, branch: 'master', as: 'alice' });

  const environmentOf = (name: string): Record<string, string> => ({
    HOME: join(home, name),
    GIT_CONFIG_GLOBAL: join(home, name, 'gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GNUPGHOME: fork.keys.home,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_TOKEN: name === 'nobody' ? '' : github.user(name).token,
    LESS: 'FRX',
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    NODE_NO_WARNINGS: '1',
  });
  for (const name of ['alice', 'bob', 'carol', 'dave']) {
    const folder = join(home, name);
    await mkdir(folder);
    const person = fork.people.get(name);
    const settings: Record<string, string> = { 'user.name': name, 'user.email': `${name}@example.org` };
    if (person?.kind === 'openpgp') settings['user.signingkey'] = person.fingerprint;
    else {
      settings['gpg.format'] = 'ssh';
      settings['user.signingkey'] = person?.path ?? '';
    }
    if (name === 'dave') settings['gpg.ssh.program'] = key.program;
    const path = join(folder, 'gitconfig');
    for (const [setting, value] of Object.entries(settings)) {
      must('git', await run('git', ['config', '--file', path, setting, value]));
    }
    must(
      'git',
      await run('git', [
        'clone',
        '--quiet',
        repository.cloneUrl(github.user(name).token),
        join(folder, 'work'),
      ]),
    );
  }

  const stage: ReviewStage = {
    github,
    repository,
    fork,
    base,
    project,
    touches: key.touches,
    clone: (name) => join(home, name, 'work'),
    async push(commit, branch) {
      await repository.push({ from: fork.dir, ref: commit, branch, as: 'alice', force: true });
    },
    async propose(branch, options = {}) {
      const files = { [`pkgs/${branch}.nix`]: `{ name = "${branch}"; }\n` };
      const head = await fork.commit({
        files,
        as: 'alice',
        on: base,
        message: `${branch}: init`,
        ...options,
      });
      await stage.push(head, branch);
      const opened = await repository.openPullRequest({
        head: branch,
        base: 'master',
        title: branch,
        as: 'alice',
      });
      return { number: opened.number, head };
    },
    async as(name, ...args) {
      for (const [variable, value] of Object.entries(environmentOf(name))) vi.stubEnv(variable, value);
      let out = '';
      let err = '';
      const code = await main(args, {
        out: (text) => (out += text),
        err: (text) => (err += text),
        path: (given) => resolve(home, name, 'work', given),
        paint: PLAIN,
        environment: environmentOf(name),
      });
      return { code, out, err };
    },
    async json(name, ...args) {
      const { code, out, err } = await stage.as(name, ...args, '--json');
      if (out === '') throw new Error(err);
      return { code, ...(JSON.parse(out) as Printed) };
    },
    terminal: (name, args, settings = {}) =>
      openTerminal([process.execPath, PROGRAM, ...args], join(home, name, 'work'), {
        ...environmentOf(name),
        ...settings,
      }),
    comments: (number) => repository.comments(number).map(({ body }) => body),
    async verify(number) {
      const { head } = repository.pull(number);
      const tip = (await repository.branch('master')) ?? '';
      return fork.verify(tip, head.sha, stage.comments(number));
    },
    async judgeStep(parent, commit, statements) {
      const repository = await openRepository(fork.dir);
      try {
        const target = { kind: 'step', branch: 'master', parent: oid(parent), commit: oid(commit) } as const;
        const sources = statements.map((text, index) => ({ from: `statement ${index + 1}`, text }));
        const about = { about: () => Promise.resolve({ sources, earlier: [] }) };
        const ports = { repository: repository.repository, statements: about };
        const now = Math.floor(Date.now() / 1000);
        return (await judge(target, ports, { now, repository: project })).verdict.enforced;
      } finally {
        await repository.dispose();
      }
    },
  };
  return {
    ...stage,
    async close() {
      await key.close();
      await github.close();
      await fork.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * A security key in software behind a program that stands in for ssh-keygen, as git calls it: each signature is a touch,
 * and they are counted.
 */
async function startSecurityKey(
  home: string,
): Promise<{ publicKey: SshKey; program: string; touches: () => number; close: () => Promise<void> }> {
  const authenticator = makeAuthenticator('ed25519');
  let touches = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      touches += 1;
      response.end(authenticator.sign(Buffer.concat(chunks), 'countersign@v1'));
    });
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const path = join(home, 'id_sk');
  await writeFile(`${path}.pub`, `${authenticator.publicKey}\n`);
  const program = join(home, 'keygen');
  const script = `#!${process.execPath}
import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv.at(-1);
console.error('Confirm user presence for key');
const answer = await fetch('http://127.0.0.1:${port}/', { method: 'POST', body: readFileSync(file) });
writeFileSync(file + '.sig', await answer.text());
`;
  await writeFile(`${program}.mjs`, script);
  await writeFile(program, `#!/bin/sh\nexec ${process.execPath} ${program}.mjs "$@"\n`, { mode: 0o755 });
  return {
    publicKey: { kind: 'ssh', name: 'dave', path: `${path}.pub`, publicKey: authenticator.publicKey },
    program,
    touches: () => touches,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => {
          closed();
        });
      }),
  };
}

/** util-linux's `script` gives a command a terminal of its own. */
export function openTerminal(command: readonly string[], cwd: string, env: Record<string, string>): Terminal {
  const child = spawn('script', ['-qefc', command.map((word) => `'${word}'`).join(' '), '/dev/null'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let seen = 0;
  let wake = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8');
    wake();
  });
  const ended = new Promise<number>((done) => {
    child.on('close', (code) => {
      done(code ?? -1);
      wake();
    });
  });
  let over = false;
  void ended.then(() => {
    over = true;
    wake();
  });
  return {
    ended,
    screen: () => screen,
    type(text) {
      child.stdin.write(text);
    },
    async shows(text) {
      for (;;) {
        const rest = screen.slice(seen);
        const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
        if (at >= 0) {
          const length = typeof text === 'string' ? text.length : (text.exec(rest)?.[0].length ?? 0);
          seen += at + length;
          return rest.slice(0, at + length);
        }
        if (over) throw new Error(`never shown: ${String(text)}\n${screen}`);
        await new Promise<void>((next) => {
          wake = next;
        });
      }
    },
  };
}

/** The stored transcript, for comparison. */
export function readTranscript(name: string): Promise<string> {
  return readFile(resolve(import.meta.dirname, 'transcripts', name), 'utf8');
}
