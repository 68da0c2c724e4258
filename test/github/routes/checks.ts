import {
  createCheckRun,
  describeAnnotation,
  findCheckRun,
  rerequestCheckRun,
  updateCheckRun,
} from '../actions/checks.ts';
import { describeCheckRun } from '../describe/check-run.ts';
import { hasCommit } from '../git/commit.ts';
import { tryGit } from '../git/run.ts';
import { actingUser } from '../http/auth.ts';
import { idOf, listing, ok, page, repositoryOf } from '../http/route.ts';
import type { Exchange, Routes } from '../http/route.ts';
import type { App, CheckRun, Repository } from '../model.ts';
import { Refusal } from '../world.ts';

/** Only apps write checks. */
function writingApp(exchange: Exchange): App {
  if (exchange.actor.kind === 'installation') return exchange.actor.token.installation.app;
  throw new Refusal(403, 'You must authenticate via a GitHub App.');
}

async function resolveCommit(repository: Repository, ref: string): Promise<string> {
  if (await hasCommit(repository.gitDir, ref)) return ref;
  for (const prefix of ['refs/', 'refs/heads/', 'refs/tags/']) {
    const { code, stdout } = await tryGit(repository.gitDir, [
      'rev-parse',
      '--verify',
      '--quiet',
      `${prefix}${ref}^{commit}`,
    ]);
    if (code === 0) return stdout.toString().trim();
  }
  throw new Refusal(422, `No commit found for SHA: ${ref}`);
}

/** The newest run of each name in each suite. */
function newestOnly(runs: CheckRun[]): CheckRun[] {
  const seen = new Set<string>();
  return runs.filter((run) => {
    const key = `${run.suite.id} ${run.name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

export const checkRoutes: Routes = {
  'POST /repos/{owner}/{repo}/check-runs': async (exchange) => {
    const { world, body } = exchange;
    const repository = repositoryOf(exchange, 'checks', 'write');
    const run = await createCheckRun(world, repository, body, writingApp(exchange));
    return { status: 201, body: describeCheckRun(world, run) };
  },

  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}': (exchange) => {
    const repository = repositoryOf(exchange, 'checks');
    return ok(describeCheckRun(exchange.world, findCheckRun(repository, idOf(exchange, 'check_run_id'))));
  },

  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': (exchange) => {
    const { world, body } = exchange;
    const run = findCheckRun(repositoryOf(exchange, 'checks', 'write'), idOf(exchange, 'check_run_id'));
    const app = writingApp(exchange);
    if (run.app !== app) {
      const reason = 'check run can only be modified by the GitHub App that created it.';
      throw new Refusal(403, `Invalid app_id \`${app.id}\` - ${reason}`);
    }
    updateCheckRun(world, run, body);
    return ok(describeCheckRun(world, run));
  },

  'POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest': (exchange) => {
    const run = findCheckRun(repositoryOf(exchange, 'checks', 'write'), idOf(exchange, 'check_run_id'));
    rerequestCheckRun(exchange.world, run, actingUser(exchange.actor));
    return { status: 201, body: {} };
  },

  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations': (exchange) => {
    const run = findCheckRun(repositoryOf(exchange, 'checks'), idOf(exchange, 'check_run_id'));
    return listing(
      exchange,
      run.annotations.map((annotation) => describeAnnotation(exchange.world, run, annotation)),
    );
  },

  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': async (exchange) => {
    const { world, query, params } = exchange;
    const repository = repositoryOf(exchange, 'checks');
    const sha = await resolveCommit(repository, params['ref'] ?? '');
    const [name, status, app] = [query.get('check_name'), query.get('status'), query.get('app_id')];
    const matching = [...repository.checkRuns.values()]
      .filter((run) => run.headSha === sha)
      .sort((a, b) => b.id - a.id)
      .filter((run) => (name === null || run.name === name) && (app === null || String(run.app.id) === app));
    const found = (query.get('filter') === 'all' ? matching : newestOnly(matching)).filter(
      (run) => status === null || run.status === status,
    );
    const { items, headers } = page(exchange, found);
    const body = { total_count: found.length, check_runs: items.map((run) => describeCheckRun(world, run)) };
    return { status: 200, body, headers };
  },
};
