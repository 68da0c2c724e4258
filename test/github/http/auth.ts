import { verify } from 'node:crypto';
import { isObject, parseJson } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Actor, App, Level, Permissions, Repository, User } from '../model.ts';
import { notFound, Refusal } from '../world.ts';
import type { World } from '../world.ts';

const ranks: Record<Level, number> = { read: 1, write: 2, admin: 3 };

/** Who an `Authorization` header speaks for. Bad credentials are an error, none at all are not. */
export function authenticate(world: World, header: string | undefined): Actor {
  if (header === undefined) return { kind: 'anonymous' };
  const [scheme = '', credential = ''] = header.split(/ +/);
  if (/^basic$/i.test(scheme)) {
    const decoded = Buffer.from(credential, 'base64').toString();
    return findToken(world, decoded.slice(decoded.indexOf(':') + 1));
  }
  if (!/^(bearer|token)$/i.test(scheme)) throw new Refusal(401, 'Bad credentials');
  return credential.split('.').length === 3
    ? { kind: 'app', app: verifyAppToken(world, credential) }
    : findToken(world, credential);
}

function findToken(world: World, text: string): Actor {
  const token = world.tokens.get(text);
  if (token && token.expiresAt > world.now() && !token.installation.suspended)
    return { kind: 'installation', token };
  const user = [...world.users.values()].find((each) => each.token === text && each.type === 'User');
  if (!user) throw new Refusal(401, 'Bad credentials');
  return { kind: 'user', user };
}

/** An app's JWT (docs: generating a JSON web token for a GitHub App): RS256, at most ten minutes, 60 s of drift. */
function verifyAppToken(world: World, jwt: string): App {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const header = parsePart(head);
  const claims = parsePart(body);
  if (header['alg'] !== 'RS256') throw new Refusal(401, 'A JSON web token could not be decoded');
  const issuer = typeof claims['iss'] === 'string' ? claims['iss'] : JSON.stringify(claims['iss'] ?? null);
  const app = [...world.apps.values()].find((each) => String(each.id) === issuer || each.clientId === issuer);
  if (!app) throw new Refusal(401, `'Issuer' claim ('iss') must be an Integer or a client id`);
  if (!verify('sha256', Buffer.from(`${head}.${body}`), app.publicKey, Buffer.from(signature, 'base64url'))) {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
  const now = world.now().getTime() / 1000;
  const { iat, exp } = claims;
  if (typeof exp !== 'number' || exp <= now)
    throw new Refusal(
      401,
      `'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires`,
    );
  if (exp > now + 600 + 60)
    throw new Refusal(401, `'Expiration time' claim ('exp') is too far in the future`);
  if (typeof iat !== 'number' || iat > now + 60)
    throw new Refusal(
      401,
      `'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued`,
    );
  if (exp - iat > 600 + 60)
    throw new Refusal(401, `'Expiration time' claim ('exp') is too far in the future`);
  return app;
}

function parsePart(part: string): JsonObject {
  try {
    const value = parseJson(Buffer.from(part, 'base64url').toString());
    if (isObject(value)) return value;
  } catch {
    // Not JSON: the same answer as for anything else that is no token.
  }
  throw new Refusal(401, 'A JSON web token could not be decoded');
}

export interface Need {
  /** Any one of these is enough. */
  permissions: string[];
  level: Level;
}

/** Refuses what GitHub refuses; a repository that the actor may not know of does not exist. */
export function authorize(actor: Actor, repository: Repository, need: Need): void {
  if (actor.kind === 'app') throw new Refusal(401, 'Requires authentication');
  if (actor.kind === 'installation') {
    const { installation, repositories, permissions } = actor.token;
    const covered = installation.repositories.has(repository) && (repositories?.has(repository) ?? true);
    if (!covered && repository.private) throw notFound();
    const allowed = covered ? grants(permissions, need) : need.level === 'read';
    if (!allowed) throw new Refusal(403, 'Resource not accessible by integration');
    return;
  }
  const writes = actor.kind === 'user' && mayWrite(repository, actor.user);
  if (repository.private && !writes) throw notFound();
  if (need.level === 'read') return;
  if (actor.kind === 'anonymous') throw new Refusal(401, 'Requires authentication');
  // On a public repository everyone may comment, review and open pull requests; the rest needs write access.
  const open = need.permissions.includes('issues') || need.permissions.includes('pull_requests');
  if (!writes && !open) throw new Refusal(403, 'Must have push access to repository.');
}

export function grants(permissions: Permissions, need: Need): boolean {
  return need.permissions.some((name) => {
    const level = name === 'metadata' ? 'read' : permissions[name];
    return level !== undefined && ranks[level] >= ranks[need.level];
  });
}

export function mayWrite(repository: Repository, user: User): boolean {
  return repository.owner === user || repository.writers.has(user.login);
}

/** The user that an actor's deeds are shown under: an app's is its bot. */
export function actingUser(actor: Actor): User {
  if (actor.kind === 'user') return actor.user;
  if (actor.kind === 'installation') return actor.token.installation.app.bot;
  if (actor.kind === 'app') return actor.app.bot;
  throw new Refusal(401, 'Requires authentication');
}
