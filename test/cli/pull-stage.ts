import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { oid } from '../git/scratch.ts';
import { buildHistory, type Built } from '../histories/build.ts';
import type { Step } from '../histories/history.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A remote repository, a clone of a person who trusts it from its introduction on, and their home. */
export interface PullStage {
  readonly built: Built;
  readonly home: string;
  readonly remote: string;
  readonly clone: string;
  /** The person's own git, with their hooks, in the clone or in another folder. */
  git(args: readonly string[], where?: { readonly cwd?: string; readonly input?: string }): Promise<Ran>;
  /** The same, and what it printed; throws where it fails. */
  must(args: readonly string[], where?: { readonly cwd?: string; readonly input?: string }): Promise<string>;
  cli(...args: string[]): Promise<Ran>;
  /** With `--json`. */
  json(...args: string[]): Promise<Ran & { readonly json: Told }>;
  /** Lets the remote have master at a step and the ledger at a tip. */
  publish(step: number | Oid, ledger?: Oid | null): Promise<void>;
  /** Writes the trust file. */
  trust(entries?: readonly Partial<TrustLine>[]): void;
  /** All refs of a repository, by their whole names. */
  refs(cwd?: string): Promise<ReadonlyMap<string, string>>;
  id(revision: string, cwd?: string): Promise<Oid>;
  /** A new clone of the remote at step 1, by somebody who has proven nothing yet. */
  reset(): Promise<void>;
}

export interface TrustLine {
  readonly url: string;
  readonly branch: string;
  readonly introduction: string;
}

export interface Told {
  readonly branches: readonly {
    readonly branch: string;
    readonly outcome: string;
    readonly head: string | null;
    readonly before: string | null;
    readonly accepted: string | null;
    readonly problem: string | null;
    readonly ahead: number | null;
    readonly findings: readonly { readonly code: string; readonly outcome: string }[];
    readonly summary: readonly string[];
  }[];
  readonly tags: {
    readonly added: string[];
    readonly differing: string[];
    readonly leftOut: string[];
    readonly mistakable: string[];
  } | null;
  readonly notes: readonly string[];
  readonly local?: { readonly kind: string; readonly branch: string; readonly message: string };
}

/** Two approved steps, one that nobody approved, and one more on top of it. */
const STEPS: readonly Step[] = [
  { by: 'alice', approved: ['bob'] },
  { by: 'bob', approved: ['carol'] },
  { by: 'carol' },
  { by: 'dave', approved: ['alice'] },
];

/** With a second branch, whose name may have anything in it that git allows. */
const POLICY = {
  match: '[master, "rel*/*"]',
  merges: '{ github-button: clean, signer-counts-as: person }',
};

const PERSON = '[user]\n\tname = erin\n\temail = erin@example.org\n';

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

export function usePullStage(format: 'sha1' | 'sha256' = 'sha1'): { readonly stage: PullStage } {
  let open: (PullStage & { close(): void }) | null = null;
  beforeAll(async () => {
    open = await openPullStage(format);
  });
  afterAll(() => {
    open?.close();
    vi.unstubAllEnvs();
  });
  return {
    get stage() {
      if (open === null) throw new Error('the stage is not open yet');
      return open;
    },
  };
}

async function openPullStage(format: 'sha1' | 'sha256'): Promise<PullStage & { close(): void }> {
  const root = mkdtempSync(join(tmpdir(), 'cp-'));
  const home = join(root, 'home');
  const remote = join(root, 'remote.git');
  const clone = join(root, 'clone');
  const programs = join(root, 'bin');
  mkdirSync(home);
  mkdirSync(programs);
  const node = `'${process.execPath}' --disable-warning=ExperimentalWarning`;
  writeFileSync(
    join(programs, 'countersign'),
    `#!/bin/sh\nNODE_COMPILE_CACHE='${join(root, 'compiled')}' exec ${node} '${program}' "$@"\n`,
  );
  chmodSync(join(programs, 'countersign'), 0o755);
  const person: Record<string, string> = {
    HOME: home,
    PATH: `${programs}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    XDG_CONFIG_HOME: '',
    XDG_STATE_HOME: '',
    XDG_CACHE_HOME: '',
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
  for (const [name, value] of Object.entries(person)) vi.stubEnv(name, value);
  const built = buildHistory({
    about: 'what a user follows',
    steps: STEPS,
    policy: POLICY,
    format,
  });

  const git: PullStage['git'] = async (args, { cwd = clone, input = '' } = {}) => {
    const child = spawn('git', args, { cwd, env: process.env, stdio: 'pipe' });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const ended = new Promise<number>((done) =>
      child.on('close', (code) => {
        done(code ?? -1);
      }),
    );
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out, err };
  };
  const must: PullStage['must'] = async (args, where) => {
    const { code, out, err } = await git(args, where);
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${err}`);
    return out.replace(/\n$/, '');
  };
  const stage: PullStage = {
    built,
    home,
    remote,
    clone,
    git,
    must,
    async cli(...args) {
      let out = '';
      let err = '';
      const code = await main(args, {
        out: (said) => (out += said),
        err: (said) => (err += said),
        path: (given) => resolve(clone, given),
        paint: PLAIN,
        environment: process.env,
      });
      return { code, out, err };
    },
    async json(...args) {
      const ran = await stage.cli(...args, '--json');
      return { ...ran, json: JSON.parse(ran.out === '' ? 'null' : ran.out) as Told };
    },
    async publish(step, ledger = built.ledger.tips.at(-1) ?? null) {
      const master = typeof step === 'number' ? built.at(step) : step;
      const refs = [`${master}:refs/heads/master`];
      refs.push(
        ledger === null ? ':refs/heads/countersign/ledger' : `${ledger}:refs/heads/countersign/ledger`,
      );
      await must(['push', '--quiet', '--force', remote, ...refs], { cwd: built.dir });
    },
    trust(entries = [{}]) {
      const lines = entries.flatMap(({ url = remote, branch = 'master', introduction = built.at(0) }) => [
        `  - url: ${JSON.stringify(url)}`,
        `    branch: ${JSON.stringify(branch)}`,
        `    introduction: ${introduction}`,
      ]);
      const file = join(home, '.config/countersign/trust.yaml');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, ['version: 1', 'repositories:', ...lines, ''].join('\n'));
    },
    async refs(cwd = clone) {
      const listed = await must(['for-each-ref', '--format=%(objectname) %(refname)'], { cwd });
      return new Map(
        listed.split('\n').map((line) => [line.slice(line.indexOf(' ') + 1), line.split(' ')[0] ?? '']),
      );
    },
    id: async (revision, cwd = clone) => oid(await must(['rev-parse', '--verify', revision], { cwd })),
    async reset() {
      for (const folder of [remote, clone, join(home, '.local'), join(home, '.config')]) {
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
      writeFileSync(join(home, '.gitconfig'), PERSON);
      const format = `--object-format=${built.history.format ?? 'sha1'}`;
      await must(['init', '--quiet', '--bare', '--initial-branch=master', format, remote], { cwd: root });
      await stage.publish(1, built.ledger.tips[0] ?? null);
      await must(['clone', '--quiet', remote, clone], { cwd: root });
      stage.trust();
    },
  };
  await stage.reset();
  return {
    ...stage,
    close() {
      built.remove();
      rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Names of everything below a folder but what git itself keeps changing, for seeing that nothing was left behind. */
export function namesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
