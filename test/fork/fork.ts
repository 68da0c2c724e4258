import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PLAIN } from '../../src/core/report/text.ts';
import { main } from '../../src/cli/main.ts';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { encodeStatement, parseStatement, type Statement } from '../../src/core/statement/statement.ts';
import type { Verdict } from '../../src/core/verdict/verdict.ts';
import { openRepository } from '../../src/git/reader.ts';
import { judge } from '../../src/judge.ts';
import { openKeys, type Keys } from '../keys/keys.ts';
import { policyFiles, type PersonKey, type PolicyOptions } from './policy.ts';

const run = promisify(execFile);

/** What a commit changes: text, `null` to remove, or a special file. */
export type Content = string | null | { readonly link: string } | { readonly executable: string };

export interface CommitOptions {
  readonly files?: Readonly<Record<string, Content>>;
  readonly message?: string;
  /** Who signs; left out: nobody. */
  readonly as?: string;
  /** A revision to start from; left out: where HEAD is. */
  readonly on?: string;
}

export interface ReviewOptions {
  readonly as: string;
  readonly base: string;
  readonly head: string;
  readonly branch?: string;
  readonly decision?: 'approve' | 'reject' | 'withdraw';
  readonly serial?: number;
  readonly note?: string;
  readonly form?: 'detached' | 'cleartext';
  /** Changes the text after it was made and before it is signed: what an attacker may do. */
  readonly edit?: (text: string) => string;
  /** Another person's key, to sign a statement that names `as`. */
  readonly key?: string;
}

export interface Report {
  readonly code: number;
  readonly outcome: string;
  readonly title: string;
  readonly check: string;
  readonly people: { readonly authors: string[]; readonly behind: string[]; readonly approvers: string[] };
  readonly findings: readonly {
    readonly code: string;
    readonly outcome: string;
    readonly data: Record<string, unknown>;
  }[];
  readonly codes: readonly string[];
}

/** A repository with a policy, real keys and people who sign with them: what most tests play with. */
export interface Fork {
  readonly dir: string;
  readonly keys: Keys;
  readonly people: Map<string, PersonKey>;
  git(...args: string[]): Promise<string>;
  /** A detached commit; gives its id. Branches are moved with `git('branch', …)` or `git('push', …)`. */
  commit(options?: CommitOptions): Promise<string>;
  /** A merge commit with exactly these parents. */
  merge(
    first: string,
    second: string,
    options?: { as?: string; files?: CommitOptions['files'] },
  ): Promise<string>;
  /** Commits this policy, signed by the first person, on `on` or as a root commit of its own. */
  setPolicy(options?: PolicyOptions, commit?: { on?: string; as?: string }): Promise<string>;
  /** A signed statement as a person would post it. */
  review(options: ReviewOptions): Promise<string>;
  /** Any statement, signed by a person's key. */
  say(statement: Statement, key: string): Promise<string>;
  /** `adopt/v1` for what `head` brings over `base`, with the digest of that. */
  adopt(options: Pick<ReviewOptions, 'as' | 'base' | 'head' | 'branch' | 'serial'>): Promise<string>;
  /** Runs the command line in this process. */
  cli(...args: string[]): Promise<{ code: number; out: string; err: string }>;
  /** `countersign verify --json` of base..head with these statements. */
  verify(base: string, head: string, statements?: readonly string[], branch?: string): Promise<Report>;
  /** Judges one first-parent step as the app does for a push. */
  judgeStep(parent: string, commit: string, statements?: readonly string[]): Promise<Verdict>;
  close(): Promise<void>;
}

const WHO = {
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
};

/** Makes keys for these people and an empty repository whose branch is `master`. */
export async function openFork(kinds: Readonly<Record<string, 'ssh' | 'gpg'>>): Promise<Fork> {
  const keys = await openKeys();
  const people = new Map<string, PersonKey>();
  for (const [name, kind] of Object.entries(kinds)) {
    people.set(name, kind === 'ssh' ? await keys.makeSshKey(name) : await keys.makeGpgKey(name));
  }
  const dir = await mkdtemp(join(tmpdir(), 'cf-'));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    GNUPGHOME: keys.home,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    LC_ALL: 'C',
    ...WHO,
  };
  let files = 0;

  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { cwd: dir, env: environment, maxBuffer: 64 << 20 });
    return stdout.trimEnd();
  };
  const keyOf = (name: string): PersonKey => {
    const key = people.get(name);
    if (!key) throw new Error(`nobody is called ${name}`);
    return key;
  };
  const signing = (name: string | undefined): string[] => {
    if (name === undefined) return ['-c', 'commit.gpgsign=false'];
    const key = keyOf(name);
    return key.kind === 'ssh'
      ? ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key.path}`, '-c', 'commit.gpgsign=true']
      : ['-c', `user.signingkey=${key.fingerprint}`, '-c', 'commit.gpgsign=true'];
  };
  const place = async (path: string, content: Content): Promise<void> => {
    const full = join(dir, path);
    await rm(full, { recursive: true, force: true });
    if (content === null) return;
    await mkdir(dirname(full), { recursive: true });
    if (typeof content === 'string') await writeFile(full, content);
    else if ('link' in content) await symlink(content.link, full);
    else {
      await writeFile(full, content.executable);
      await chmod(full, 0o755);
    }
  };

  const commit: Fork['commit'] = async ({ files: changes = {}, message = 'change', as, on } = {}) => {
    if (on !== undefined) await git('checkout', '--quiet', '--force', '--detach', on);
    for (const [path, content] of Object.entries(changes)) await place(path, content);
    await git('add', '--all', '--force', '.');
    await git(...signing(as), 'commit', '--quiet', '--allow-empty', '--message', message);
    return git('rev-parse', 'HEAD');
  };

  const sign = async (text: string, signer: PersonKey): Promise<string> => {
    const bytes = new TextEncoder().encode(text);
    const signature =
      signer.kind === 'ssh'
        ? await keys.sshSign(signer, bytes, 'countersign@v1')
        : await keys.signDetached(signer, bytes);
    return `${text}${Buffer.from(signature).toString('latin1')}`;
  };

  await git('init', '--quiet', '--initial-branch=master', '.');
  const fork: Fork = {
    dir,
    keys,
    people,
    git,
    commit,
    async merge(first, second, { as, files: changes } = {}) {
      await git('checkout', '--quiet', '--force', '--detach', first);
      const merging = [...signing(as), 'merge', '--quiet', '--no-ff', '--message', 'merge', second];
      if (changes === undefined) {
        await git(...merging);
      } else {
        // What is added to a merge by hand goes in before the one commit is made.
        await git(...merging.slice(0, -1), '--no-commit', second).catch(() => '');
        for (const [path, content] of Object.entries(changes)) await place(path, content);
        await git('add', '--all', '--force', '.');
        await git(...signing(as), 'commit', '--quiet', '--message', 'merge');
      }
      return git('rev-parse', 'HEAD');
    },
    async setPolicy(options = {}, { on, as = [...people.keys()][0] ?? '' } = {}) {
      if (on === undefined) {
        files += 1;
        await git('checkout', '--quiet', '--force', '--orphan', `root-${files}`);
        await git('rm', '-r', '--force', '--quiet', '--ignore-unmatch', '.');
        await git('clean', '-d', '--force', '--force', '-x', '--quiet');
      }
      return commit({
        files: policyFiles(people, options),
        message: `policy ${files}`,
        as,
        ...(on === undefined ? {} : { on }),
      });
    },
    async review({
      as,
      base,
      head,
      branch = 'master',
      decision = 'approve',
      serial = 1,
      note,
      form,
      edit,
      key,
    }) {
      const args = ['--repository', dir, '--base', base, '--head', head, '--branch', branch, '--as', as];
      const more = [
        `--decision=${decision}`,
        `--serial=${serial}`,
        ...(note === undefined ? [] : [`--note=${note}`]),
      ];
      const made = await fork.cli('statement', 'review', ...args, ...more);
      if (made.code !== 0) throw new Error(made.err);
      const text = edit ? edit(made.out) : made.out;
      const signer = keyOf(key ?? as);
      if (form === 'cleartext' && signer.kind === 'openpgp') return keys.clearsign(signer, text);
      return sign(text, signer);
    },
    say: (statement, key) => sign(encodeStatement(statement), keyOf(key)),
    async adopt({ as, base, head, branch = 'master', serial = 1 }) {
      const args = ['--repository', dir, '--base', base, '--head', head, '--branch', branch, '--as', as];
      const made = await fork.cli('statement', 'review', ...args);
      const parsed = parseStatement(new TextEncoder().encode(made.out));
      if (!parsed.ok || parsed.statement.type !== 'review') throw new Error(made.err);
      const { project, change } = parsed.statement;
      const place = { project, branch, base: idOf(base), head: idOf(head) };
      return fork.say({ type: 'adopt', ...place, change, adopter: as, serial, notes: [] }, as);
    },
    async cli(...args) {
      let out = '';
      let err = '';
      const code = await main(args, {
        out: (text) => (out += text),
        err: (text) => (err += text),
        path: (given) => join(given.startsWith('/') ? '/' : dir, given),
        paint: PLAIN,
        environment: {},
      });
      return { code, out, err };
    },
    async verify(base, head, statements = [], branch = 'master') {
      const paths: string[] = [];
      for (const statement of statements) {
        files += 1;
        const path = join(keys.home, `statement-${files}.txt`);
        await writeFile(path, statement);
        paths.push(path);
      }
      const options = ['--repository', dir, '--base', base, '--head', head, '--branch', branch, '--json'];
      const { code, out, err } = await fork.cli(
        'verify',
        ...options,
        ...(paths.length > 0 ? ['--statements', ...paths] : []),
      );
      if (out === '') throw new Error(err);
      const report = JSON.parse(out) as Omit<Report, 'code' | 'codes'>;
      return { ...report, code, codes: report.findings.map((found) => found.code) };
    },
    async judgeStep(parent, commit, statements = []) {
      const opened = await openRepository(dir);
      try {
        const target = {
          kind: 'step',
          branch: 'master',
          parent: idOf(parent),
          commit: idOf(commit),
        } as const;
        const sources = statements.map((text, index) => ({ from: `statement ${index + 1}`, text }));
        const ports = {
          repository: opened.repository,
          statements: { about: () => Promise.resolve({ sources, earlier: [] }) },
        };
        const now = Math.floor(Date.now() / 1000);
        return (await judge(target, ports, { now, repository: 'github.com/acme/nixpkgs' })).verdict;
      } finally {
        await opened.dispose();
      }
    },
    async close() {
      await keys.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return fork;
}

function idOf(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error(`no object id: ${text}`);
  return id;
}
