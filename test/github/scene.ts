import { Octokit } from '@octokit/rest';
import { startGitHub } from './start.ts';
import type { AppOptions, GitHub, RepositoryHandle } from './start.ts';
import { createWorkTree } from './work-tree.ts';
import type { WorkTree } from './work-tree.ts';

/** What the app asks for when it is installed. */
export const countersign: AppOptions = {
  slug: 'countersign',
  webhookSecret: 'hook secret',
  permissions: {
    administration: 'read',
    checks: 'write',
    contents: 'read',
    issues: 'read',
    merge_queues: 'read',
    metadata: 'read',
    pull_requests: 'read',
  },
  events: [
    'check_run',
    'check_suite',
    'issue_comment',
    'merge_group',
    'pull_request',
    'pull_request_review',
    'push',
  ],
};

export interface Scene {
  github: GitHub;
  repository: RepositoryHandle;
  /** Alice's, on `master`, of which the repository has the tip. */
  tree: WorkTree;
  base: string;
  end(): Promise<void>;
}

/** The organisation acme with nixpkgs, in which alice may write; bob has a fork; the app is installed. */
export async function openScene(
  options: { private?: boolean; deliveryTimeoutMs?: number } = {},
): Promise<Scene> {
  const { deliveryTimeoutMs } = options;
  const timeout = deliveryTimeoutMs === undefined ? {} : { deliveryTimeoutMs };
  const github = await startGitHub({ users: ['alice', 'bob', 'carol'], apps: [countersign], ...timeout });
  github.createOrganization('acme');
  const repository = await github.createRepository('acme', 'nixpkgs', options);
  repository.addCollaborator('alice');
  const tree = await createWorkTree('alice');
  const base = await tree.commit('first', { 'README.md': 'hello\n', 'pkgs/a.nix': '{ }\n' });
  await repository.push({ from: tree.directory, branch: 'master', as: 'alice' });
  await github.fork('acme/nixpkgs', 'bob');
  github.install('countersign', 'acme/nixpkgs');
  const end = async (): Promise<void> => {
    await github.close();
    await tree.remove();
  };
  return { github, repository, tree, base, end };
}

/** An Octokit for a token, or for nobody; it says nothing and does not retry. */
export function octokitFor(github: GitHub, token?: string): Octokit {
  const silent = (): void => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return new Octokit({ ...(token === undefined ? {} : { auth: token }), baseUrl: github.apiUrl, log });
}

/** The HTTP status with which a request was refused. */
export async function statusOf(request: Promise<unknown>): Promise<number> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Error && 'status' in error && typeof error.status === 'number') return error.status;
    throw error;
  }
  throw new Error('the request was not refused');
}
