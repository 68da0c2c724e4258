import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../src/app/app.ts';
import { openFork, type Fork } from '../test/fork/fork.ts';
import { policyFiles, type PersonKey, type PolicyOptions } from '../test/fork/policy.ts';
import { countersign } from '../test/github/scene.ts';
import { startGitHub, type CheckView, type GitHub, type RepositoryHandle } from '../test/github/start.ts';

/** A GitHub, the app, a repository with a policy, and people with real keys: what every scene plays on. */
export interface Stage {
  readonly github: GitHub;
  readonly repository: RepositoryHandle;
  /** Everybody's working copy, with everybody's keys. */
  readonly fork: Fork;
  /** The tip of master, with the policy in it. */
  readonly base: string;
  /** What the policy calls the repository. */
  readonly project: string;
  /** The files of the policy in `base`, were these its people. */
  readonly policyFor: (people: ReadonlyMap<string, PersonKey>) => Readonly<Record<string, string>>;
  /** A new folder that is removed with the stage. */
  readonly makeFolder: (name: string) => Promise<string>;
  /** Waits until nothing is left to judge, then gives the check of that name on a commit. */
  readonly checkOf: (commit: string, name?: string) => Promise<CheckView | null>;
  /** Pushes a commit to a branch of the repository, or of a fork, as this person. */
  readonly push: (
    commit: string,
    branch: string,
    as: string,
    options?: { force?: boolean; to?: RepositoryHandle },
  ) => Promise<void>;
  close(): Promise<void>;
}

const SECRET = 'a webhook secret of the demo, long enough';
export const REQUIRED_CHECK = 'countersign / master';

/** The people of the policy; everybody else in the demo is a stranger to it. */
export const PEOPLE = { alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' } as const;

export async function openStage(
  policy: PolicyOptions = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'cd-'));
  const makeFolder = async (name: string): Promise<string> => {
    const made = join(folder, name);
    await mkdir(made, { mode: 0o700 });
    return made;
  };
  const data = await makeFolder('app');
  const users = [...Object.keys(PEOPLE), 'erin', 'mallory'];
  const github = await startGitHub({
    users,
    apps: [{ ...countersign, webhookSecret: SECRET }],
  });
  const fork = await openFork(PEOPLE);
  github.createOrganization('acme');
  const repository = await github.createRepository('acme', 'nixpkgs');
  for (const user of users) if (user !== 'erin') repository.addCollaborator(user);
  const project = `127.0.0.1:${github.port}/acme/nixpkgs`;
  const { certificate, fingerprint } = await github.webFlow();
  const listed = { project, ...policy, extra: `${policy.extra ?? ''}web-flow: [${fingerprint}]\n` };
  const policyFor: Stage['policyFor'] = (people) => ({
    ...policyFiles(people, listed),
    '.countersign/keys/web-flow.asc': certificate,
  });
  const base = await fork.commit({ files: policyFor(fork.people), message: 'policy', as: 'alice' });
  await repository.push({ from: fork.dir, ref: base, branch: 'master', as: 'alice' });

  const keyFile = join(data, 'app.pem');
  await writeFile(keyFile, github.app('countersign').privateKey, { mode: 0o600 });
  const app = await startApp({
    environment: {
      PATH: process.env['PATH'],
      APP_ID: String(github.app('countersign').id),
      PRIVATE_KEY_PATH: keyFile,
      WEBHOOK_SECRET: SECRET,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'silent',
      COUNTERSIGN_DATA: data,
      GITHUB_URL: github.url,
      GITHUB_API_URL: github.apiUrl,
      ...environment,
    },
  });
  github.app('countersign').setWebhookUrl(`${app.url}/api/github/webhooks`);
  github.install('countersign', 'acme/nixpkgs', { as: 'alice' });
  repository.requireCheck('master', REQUIRED_CHECK, { app: 'countersign' });

  return {
    github,
    repository,
    fork,
    base,
    project,
    policyFor,
    makeFolder,
    async checkOf(commit, name = REQUIRED_CHECK) {
      await github.settled();
      await app.idle();
      return repository.checkRuns(commit).findLast((run) => run.name === name) ?? null;
    },
    async push(commit, branch, as, { force = false, to = repository } = {}) {
      await to.push({ from: fork.dir, ref: commit, branch, as, force });
    },
    async close() {
      await app.stop();
      await github.close();
      await fork.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
