import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type RunningApp } from '../../src/app/app.ts';
import type { Fields, Log } from '../../src/app/log.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import type { PolicyOptions } from '../fork/policy.ts';
import { countersign } from '../github/scene.ts';
import { startGitHub, type CheckView, type GitHub, type RepositoryHandle } from '../github/start.ts';

export const SECRET = '0f6c1fbb4f8d2f9a7c33e1d5b8a6f407';
export const REQUIRED = 'countersign / master';

export interface Stage {
  readonly github: GitHub;
  readonly repository: RepositoryHandle;
  readonly fork: Fork;
  /** The tip of master that the policy lies in. */
  readonly base: string;
  readonly project: string;
  /** What the app logged, by message. */
  readonly log: readonly { readonly level: string; readonly fields: Fields; readonly message: string }[];
  readonly data: string;
  environment(): Record<string, string>;
  start(): Promise<RunningApp>;
  /** Resolves once everything that GitHub told has been judged. */
  settled(): Promise<void>;
  /** The newest run of that name on a commit. */
  check(commit: string, name?: string): CheckView | undefined;
  /** Pushes to a branch as its person and opens a pull request from it. */
  propose(commit: string, branch: string, options?: { base?: string; as?: string }): Promise<number>;
  close(): Promise<void>;
}

/** GitHub, a repository with a policy, people with real keys, and the app unless `app` is false. */
export async function openStage(policy: PolicyOptions = {}, { app = true } = {}): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), 'ca-'));
  const github = await startGitHub({
    users: ['alice', 'bob', 'carol'],
    apps: [{ ...countersign, webhookSecret: SECRET }],
  });
  const fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh' });
  github.createOrganization('acme');
  const repository = await github.createRepository('acme', 'nixpkgs');
  for (const login of ['alice', 'bob', 'carol']) repository.addCollaborator(login);
  const project = `127.0.0.1:${github.port}/acme/nixpkgs`;
  const base = await fork.setPolicy({ project, ...policy });
  await repository.push({ from: fork.dir, ref: base, branch: 'master', as: 'alice' });
  github.install('countersign', 'acme/nixpkgs', { as: 'alice' });
  await github.settled();

  const log: { level: string; fields: Fields; message: string }[] = [];
  const note =
    (level: string) =>
    (fields: Fields, message: string): void => {
      log.push({ level, fields, message });
    };
  const collecting: Log = {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
  };
  const environment = (): Record<string, string> => ({
    APP_ID: String(github.app('countersign').id),
    PRIVATE_KEY: github.app('countersign').privateKey,
    WEBHOOK_SECRET: SECRET,
    PORT: '0',
    LOG_LEVEL: 'fatal',
    COUNTERSIGN_DATA: data,
    GITHUB_URL: github.url,
    GITHUB_API_URL: github.apiUrl,
  });
  let running: RunningApp | undefined;
  const stage: Stage = {
    github,
    repository,
    fork,
    base,
    project,
    log,
    data,
    environment,
    async start() {
      running = await startApp({ environment: environment(), log: collecting, backoffMs: 100 });
      github.app('countersign').setWebhookUrl(`${running.url}/api/github/webhooks`);
      return running;
    },
    async settled() {
      await github.settled();
      await running?.idle();
      // What the app published was told to it in turn.
      await github.settled();
      await running?.idle();
    },
    check: (commit, name = REQUIRED) => repository.checkRuns(commit).findLast((run) => run.name === name),
    async propose(commit, branch, { base: onto = 'master', as = 'alice' } = {}) {
      await repository.push({ from: fork.dir, ref: commit, branch, as, force: true });
      const { number } = await repository.openPullRequest({ head: branch, base: onto, title: branch, as });
      return number;
    },
    async close() {
      await running?.stop();
      await github.close();
      await fork.close();
      await rm(data, { recursive: true, force: true });
    },
  };
  if (app) {
    await stage.start();
    await stage.settled();
  }
  return stage;
}

/** A statement inside a fenced block, as people post it. */
export function fenced(statement: string): string {
  return `Looks good.\n\n\`\`\`\n${statement}\`\`\`\n`;
}
