import { z } from 'zod';
import { parseOid, type Oid } from '../core/object/id.ts';
import { isBranchName } from '../core/statement/names.ts';

/**
 * The few fields of webhook payloads that are used; everything else is ignored. A payload is signed by GitHub, but what
 * people chose in it (branches, names) is an attacker's.
 */

const id = z.int().positive();

export const oid = z
  .string()
  .max(64)
  .transform((text, context): Oid => {
    const parsed = parseOid(text);
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: 'not a full commit id' });
    return z.NEVER;
  });

export const branch = z.string().max(250).refine(isBranchName, 'not the name of a branch');

const OWNER = /^\w[\w.-]{0,99}$/;
const REPO = /^[\w.-]{1,100}$/;

export const repoName = z
  .string()
  .regex(REPO)
  .refine((name) => name !== '.' && name !== '..', 'not the name of a repository');

export const ownerName = z.string().regex(OWNER);

export const fullName = z
  .string()
  .max(201)
  .transform((text, context) => {
    const [owner, repo, ...more] = text.split('/');
    const parsed = z.object({ owner: ownerName, repo: repoName }).safeParse({ owner, repo });
    if (parsed.success && more.length === 0) return parsed.data;
    context.addIssue({ code: 'custom', message: 'not `owner/name`' });
    return z.NEVER;
  });

export const place = z
  .object({
    installation: z.object({ id }),
    repository: z.object({ name: repoName, owner: z.object({ login: ownerName }) }),
  })
  .transform(({ installation, repository }) => ({
    installation: installation.id,
    owner: repository.owner.login,
    repo: repository.name,
  }));

export const action = z.object({ action: z.string().max(100) });

export const pullRequest = z.object({ pull_request: z.object({ number: id }) });

/** Only compared with names of our own runs, so it may be any text. */
const baseName = z.string().max(1000);

export const retraction = z.object({
  pull_request: z.object({ head: z.object({ sha: oid }), base: z.object({ ref: baseName }) }),
  before: oid.optional(),
  changes: z
    .object({ base: z.object({ ref: z.object({ from: baseName }).optional() }).optional() })
    .optional(),
});

export const issue = z.object({ issue: z.object({ number: id, pull_request: z.unknown().optional() }) });

export const push = z.object({ ref: z.string().max(1000), before: oid, after: oid });

export const checkRun = z.object({ check_run: z.object({ head_sha: oid }) });

export const checkSuite = z.object({ check_suite: z.object({ head_sha: oid }) });

export const mergeGroup = z.object({
  merge_group: z.object({ head_sha: oid, base_ref: z.string().max(1000) }),
});

export const installation = z.object({ installation: z.object({ id }) });

const repositories = z.array(z.object({ full_name: fullName })).max(100_000);

export const installedRepositories = z.object({ repositories: repositories.optional() });

export const addedRepositories = z.object({ repositories_added: repositories });
