import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { git } from './git/run.ts';
import { createStore } from './git/store.ts';
import type { App, Permissions, Repository, User } from './model.ts';
import { findUser, inTurn } from './world.ts';
import type { World } from './world.ts';

export function createUser(world: World, login: string, type: User['type'] = 'User'): User {
  const existing = world.users.get(login.toLowerCase());
  if (existing) throw new Error(`\`${login}\` exists`);
  const id = world.nextId();
  const user: User = {
    id,
    login,
    type,
    name: login,
    email: `${id}+${login}@users.noreply.github.com`,
    token: `ghp_${String(id).padStart(36, '0')}`,
    createdAt: world.now(),
  };
  world.users.set(login.toLowerCase(), user);
  return user;
}

export interface AppOptions {
  slug: string;
  /** Login of the account that owns the app; left out: `github-apps`, made when missing. */
  owner?: string;
  webhookUrl?: string;
  webhookSecret?: string;
  permissions?: Permissions;
  events?: string[];
}

export function createApp(world: World, options: AppOptions): App {
  const { slug } = options;
  if (world.apps.has(slug)) throw new Error(`app \`${slug}\` exists`);
  const owner = options.owner ?? 'github-apps';
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const id = world.nextId();
  const app: App = {
    id,
    slug,
    name: slug,
    clientId: `Iv23${String(id).padStart(16, '0')}`,
    owner: world.users.get(owner.toLowerCase()) ?? createUser(world, owner),
    bot: createUser(world, `${slug}[bot]`, 'Bot'),
    privateKey,
    publicKey: createPublicKey(publicKey),
    hookId: world.nextId(),
    webhookUrl: options.webhookUrl,
    webhookSecret: options.webhookSecret ?? 'secret',
    permissions: { metadata: 'read', ...options.permissions },
    events: options.events ?? [],
    createdAt: world.now(),
  };
  world.apps.set(slug, app);
  return app;
}

/** A JWT for the app, as its library would make one: valid from a minute ago, for nine more. */
export function signAppToken(world: World, app: App): string {
  const now = Math.floor(world.now().getTime() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 60, exp: now + 540, iss: app.id })}`;
  return `${text}.${sign('sha256', Buffer.from(text), app.privateKey).toString('base64url')}`;
}

function addRepository(world: World, owner: User, name: string, parent?: Repository): Repository {
  const key = `${owner.login}/${name}`.toLowerCase();
  if (world.repositories.has(key)) throw new Error(`\`${key}\` exists`);
  const id = world.nextId();
  const now = world.now();
  const repository: Repository = {
    id,
    owner,
    name,
    private: false,
    parent,
    gitDir: join(world.directory, `${id}.git`),
    network: parent?.network ?? { id, queue: Promise.resolve() },
    defaultBranch: 'master',
    writers: new Set(),
    required: [],
    pulls: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    checkSuites: new Map(),
    nextNumber: 1,
    createdAt: now,
    pushedAt: now,
  };
  world.repositories.set(key, repository);
  return repository;
}

/** Makes an empty repository; `master` is its default branch unless told otherwise. */
export async function createRepository(
  world: World,
  owner: string,
  name: string,
  options: { private?: boolean; defaultBranch?: string },
): Promise<Repository> {
  const repository = addRepository(world, findUser(world, owner), name);
  repository.private = options.private ?? false;
  repository.defaultBranch = options.defaultBranch ?? 'master';
  await createStore(repository.gitDir, repository.defaultBranch);
  return repository;
}

/** Forks a repository into a person's account: same objects, branches as they are now. */
export async function fork(world: World, parent: Repository, login: string): Promise<Repository> {
  const made = addRepository(world, findUser(world, login), parent.name, parent);
  made.private = parent.private;
  made.defaultBranch = parent.defaultBranch;
  await inTurn(parent, async () => {
    await createStore(made.gitDir, made.defaultBranch, rootOf(parent).gitDir);
    const refs = await git(parent.gitDir, [
      'for-each-ref',
      '--format=create %(refname) %(objectname)',
      'refs/heads',
      'refs/tags',
    ]);
    if (refs !== '') await git(made.gitDir, ['update-ref', '--stdin'], `${refs}\n`);
  });
  return made;
}

function rootOf(repository: Repository): Repository {
  return repository.parent ? rootOf(repository.parent) : repository;
}
