import { describeCommit } from '../describe/commit.ts';
import { nodeId } from '../describe/names.ts';
import { describeFullRepository } from '../describe/repository.ts';
import { readCommit } from '../git/commit.ts';
import { git } from '../git/run.ts';
import { readRef } from '../git/store.ts';
import { ok, repositoryOf } from '../http/route.ts';
import type { Routes } from '../http/route.ts';
import type { JsonObject } from '../json.ts';
import type { Repository } from '../model.ts';
import { fullName, notFound, Refusal } from '../world.ts';

function describeProtection(repository: Repository, branch: string): JsonObject {
  const required = repository.required.filter((check) => check.branch === branch);
  return {
    enabled: required.length > 0,
    required_status_checks: {
      enforcement_level: required.length > 0 ? 'non_admins' : 'off',
      contexts: required.map((check) => check.name),
      checks: required.map((check) => ({ context: check.name, app_id: check.app?.id ?? null })),
    },
  };
}

export const repositoryRoutes: Routes = {
  'GET /repos/{owner}/{repo}': (exchange) =>
    ok(describeFullRepository(exchange.world, repositoryOf(exchange, 'metadata'))),

  'GET /repos/{owner}/{repo}/branches/{branch}': async (exchange) => {
    const { world, params } = exchange;
    const repository = repositoryOf(exchange, 'contents');
    const branch = params['branch'] ?? '';
    const sha = await readRef(repository.gitDir, `refs/heads/${branch}`);
    if (sha === undefined) throw new Refusal(404, 'Branch not found');
    const api = `${world.apiUrl}/repos/${fullName(repository)}/branches/${encodeURIComponent(branch)}`;
    const protection = describeProtection(repository, branch);
    return ok({
      name: branch,
      commit: describeCommit(world, repository, await readCommit(repository.gitDir, sha)),
      _links: { self: api, html: `${world.url}/${fullName(repository)}/tree/${encodeURIComponent(branch)}` },
      protected: protection['enabled'] ?? false,
      protection,
      protection_url: `${api}/protection`,
    });
  },

  'GET /repos/{owner}/{repo}/git/ref/{ref}': async (exchange) => {
    const { world, params } = exchange;
    const repository = repositoryOf(exchange, 'contents');
    const ref = `refs/${params['ref'] ?? ''}`;
    const sha = await readRef(repository.gitDir, ref);
    if (sha === undefined) throw notFound();
    const type = await git(repository.gitDir, ['cat-file', '-t', sha]);
    const api = `${world.apiUrl}/repos/${fullName(repository)}/git`;
    return ok({
      ref,
      node_id: nodeId('REF_', repository.id) + Buffer.from(ref).toString('base64url'),
      url: `${api}/${ref}`,
      object: { sha, type, url: `${api}/${type}s/${sha}` },
    });
  },
};
