import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { startGitHub, type GitHub, type RepositoryHandle } from '../github/start.ts';

/** A repository on the stand-in for GitHub, a clone with everybody's keys, and the command line as one person runs it. */
export interface ArchiveStage {
  readonly github: GitHub;
  readonly repository: RepositoryHandle;
  readonly fork: Fork;
  /** The tip of master when all began: the policy. */
  readonly base: string;
  /** Pushes a commit to a branch of the repository and fetches what is there. */
  readonly push: (commit: string, branch: string) => Promise<void>;
  /** A pull request of alice's with one signed commit of hers. */
  readonly propose: (branch: string, on?: string) => Promise<{ number: number; head: string }>;
  /** Merges with alice's signature and pushes, as a maintainer does by hand. */
  readonly land: (head: string, onto: string) => Promise<string>;
  readonly cli: (...args: string[]) => Promise<{ code: number; out: string; err: string }>;
  readonly archive: (...args: string[]) => Promise<Report>;
  /** The paths in the ledger of the repository. */
  readonly ledger: () => Promise<string[]>;
}

export interface Report {
  readonly code: number;
  readonly err: string;
  readonly outcome: string;
  readonly added: readonly string[];
  readonly restored: readonly string[];
  readonly pulls: readonly number[];
  readonly leftOut: readonly { readonly from: string; readonly reason: string }[];
  readonly provable: readonly { branch: string; looked: number; missing: string[]; unknown: string[] }[];
}

export function useArchive(): { readonly stage: ArchiveStage } {
  let opened: (ArchiveStage & { close(): Promise<void> }) | null = null;
  beforeAll(async () => {
    opened = await open();
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

async function open(): Promise<ArchiveStage & { close(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'ca-'));
  const person = { HOME: home, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  for (const [name, value] of Object.entries(person)) vi.stubEnv(name, value);
  for (const who of ['AUTHOR', 'COMMITTER']) {
    vi.stubEnv(`GIT_${who}_NAME`, 'alice');
    vi.stubEnv(`GIT_${who}_EMAIL`, 'alice@example.org');
  }
  const github = await startGitHub({ users: ['alice', 'bob', 'mallory'] });
  const fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh' });
  github.createOrganization('acme');
  const repository = await github.createRepository('acme', 'nixpkgs');
  for (const login of ['alice', 'bob', 'mallory']) repository.addCollaborator(login);
  const base = await fork.setPolicy({ project: `127.0.0.1:${github.port}/acme/nixpkgs` });
  await repository.push({ from: fork.dir, ref: base, branch: 'master', as: 'alice' });
  await fork.git('remote', 'add', 'origin', repository.cloneUrl(github.user('alice').token));
  await fork.git('fetch', '--quiet', 'origin');
  await fork.git('remote', 'set-head', 'origin', 'master');
  const environment = {
    ...person,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_TOKEN: github.user('alice').token,
  };
  const stage: ArchiveStage = {
    github,
    repository,
    fork,
    base,
    async push(commit, branch) {
      await repository.push({ from: fork.dir, ref: commit, branch, as: 'alice', force: true });
      await fork.git('fetch', '--quiet', 'origin');
    },
    async propose(branch, on = base) {
      const head = await fork.commit({ files: { [`pkgs/${branch}.nix`]: branch }, as: 'alice', on });
      await stage.push(head, branch);
      const { number } = await repository.openPullRequest({
        head: branch,
        base: 'master',
        title: branch,
        as: 'alice',
      });
      return { number, head };
    },
    async land(head, onto) {
      const merge = await fork.merge(onto, head, { as: 'alice' });
      await stage.push(merge, 'master');
      return merge;
    },
    async cli(...args) {
      let out = '';
      let err = '';
      const code = await main(args, {
        out: (text) => (out += text),
        err: (text) => (err += text),
        path: (given) => join(given.startsWith('/') ? '/' : fork.dir, given),
        paint: PLAIN,
        environment,
      });
      return { code, out, err };
    },
    async archive(...args) {
      const { code, out, err } = await stage.cli('archive', '--json', ...args);
      const report = (out === '' ? {} : JSON.parse(out)) as Omit<Report, 'code' | 'err'>;
      return { ...report, code, err };
    },
    async ledger() {
      await fork.git('fetch', '--quiet', 'origin');
      const listed = await fork.git('ls-tree', '-r', '--name-only', 'origin/countersign/ledger');
      return listed.split('\n');
    },
  };
  return {
    ...stage,
    async close() {
      await github.close();
      await fork.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A comment as people post it: words, then the statement in a fenced block, with the line ends of a web form. */
export function fenced(statement: string): string {
  return `Looks good.\r\n\r\n\`\`\`\r\n${statement.replaceAll('\n', '\r\n')}\`\`\`\r\n`;
}
