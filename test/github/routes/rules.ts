import { ok, page, repositoryOf } from '../http/route.ts';
import type { Routes } from '../http/route.ts';
import type { JsonObject } from '../json.ts';
import type { Repository } from '../model.ts';
import { fullName } from '../world.ts';

/** The required checks of a branch, as the one rule of one ruleset; none when it has none. */
function describeRules(repository: Repository, branch: string): JsonObject[] {
  const required = repository.required.filter((check) => check.branch === branch);
  if (required.length === 0) return [];
  const checks = required.map((check) => ({
    context: check.name,
    ...(check.app ? { integration_id: check.app.id } : {}),
  }));
  return [
    {
      type: 'required_status_checks',
      parameters: { strict_required_status_checks_policy: false, required_status_checks: checks },
      ruleset_source_type: 'Repository',
      ruleset_source: fullName(repository),
      ruleset_id: repository.id,
    },
  ];
}

export const ruleRoutes: Routes = {
  'GET /repos/{owner}/{repo}/rules/branches/{branch}': (exchange) => {
    const repository = repositoryOf(exchange, 'metadata');
    const { items, headers } = page(exchange, describeRules(repository, exchange.params['branch'] ?? ''));
    return { ...ok(items), headers };
  },
};
