import type { KeyObject } from 'node:crypto';
import type { JsonObject } from './json.ts';

/** GitHub's state. Plain records: what reads and changes them is in `actions/`, what prints them in `describe/`. */

export interface User {
  id: number;
  login: string;
  type: 'User' | 'Organization' | 'Bot';
  name: string;
  email: string;
  token: string;
  createdAt: Date;
}

export type Level = 'read' | 'write' | 'admin';
export type Permissions = Record<string, Level>;

export interface App {
  id: number;
  slug: string;
  name: string;
  clientId: string;
  owner: User;
  bot: User;
  privateKey: string;
  publicKey: KeyObject;
  hookId: number;
  webhookUrl: string | undefined;
  webhookSecret: string;
  permissions: Permissions;
  events: string[];
  createdAt: Date;
}

export interface Installation {
  id: number;
  app: App;
  account: User;
  repositories: Set<Repository>;
  suspended: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export interface InstallationToken {
  token: string;
  installation: Installation;
  expiresAt: Date;
  permissions: Permissions;
  /** undefined: all that the installation has. */
  repositories: Set<Repository> | undefined;
}

/** Who speaks: an app by its JWT, an installation by its token, a person by theirs, or nobody known. */
export type Actor =
  | { kind: 'app'; app: App }
  | { kind: 'installation'; token: InstallationToken }
  | { kind: 'user'; user: User }
  | { kind: 'anonymous' };

export interface RequiredCheck {
  branch: string;
  name: string;
  /** The app that must have posted it; undefined: anyone. */
  app: App | undefined;
  /** Refuse pushes of commits without it, as GitHub does to those who may not bypass. */
  onPush: boolean;
}

export interface Repository {
  id: number;
  owner: User;
  name: string;
  private: boolean;
  parent: Repository | undefined;
  gitDir: string;
  /** A repository and its forks share one, as they share an object store. */
  network: { id: number; queue: Promise<void> };
  defaultBranch: string;
  writers: Set<string>;
  required: RequiredCheck[];
  pulls: Map<number, PullRequest>;
  comments: Map<number, IssueComment>;
  checkRuns: Map<number, CheckRun>;
  checkSuites: Map<number, CheckSuite>;
  nextNumber: number;
  createdAt: Date;
  pushedAt: Date;
}

export interface PullRequest {
  id: number;
  issueId: number;
  number: number;
  repository: Repository;
  /** `sha` is the base's tip when the pull request was opened, pushed to or retargeted: it goes stale, as GitHub's. */
  base: { ref: string; sha: string };
  head: { repository: Repository; ref: string; sha: string };
  title: string;
  body: string | null;
  user: User;
  state: 'open' | 'closed';
  draft: boolean;
  mergedBy: User | undefined;
  /** The commit that landed it; before that the test merge, null when there is a conflict. */
  mergeCommitSha: string | null;
  conflict: boolean;
  size: { commits: number; additions: number; deletions: number; files: number };
  reviews: Review[];
  createdAt: Date;
  updatedAt: Date;
  closedAt: Date | undefined;
  mergedAt: Date | undefined;
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';

export interface Review {
  id: number;
  pull: PullRequest;
  user: User;
  body: string;
  state: ReviewState;
  commitId: string;
  submittedAt: Date;
  comments: ReviewComment[];
}

export interface ReviewComment {
  id: number;
  review: Review;
  path: string;
  line: number;
  body: string;
  createdAt: Date;
}

export interface IssueComment {
  id: number;
  pull: PullRequest;
  user: User;
  app: App | undefined;
  body: string;
  createdAt: Date;
  updatedAt: Date;
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed';
export const conclusions = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'timed_out',
] as const;
export type Conclusion = (typeof conclusions)[number];

export interface CheckSuite {
  id: number;
  repository: Repository;
  app: App;
  headSha: string;
  headBranch: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface CheckRun {
  id: number;
  repository: Repository;
  app: App;
  suite: CheckSuite;
  name: string;
  headSha: string;
  detailsUrl: string;
  externalId: string;
  status: CheckStatus;
  conclusion: Conclusion | null;
  startedAt: Date;
  completedAt: Date | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: JsonObject[];
  actions: JsonObject[];
}

/** One attempt to deliver a webhook. `statusCode` 0: still under way. */
export interface Delivery {
  id: number;
  guid: string;
  app: App;
  event: string;
  action: string | undefined;
  installationId: number | undefined;
  repositoryId: number | undefined;
  body: string;
  deliveredAt: Date;
  redelivery: boolean;
  seconds: number;
  status: string;
  statusCode: number;
}
