import type { JsonObject } from '../json.ts';
import type { CheckRun, CheckSuite, PullRequest, Repository } from '../model.ts';
import { fullName } from '../world.ts';
import type { World } from '../world.ts';
import { describeApp } from './app.ts';
import type { CommitText } from './commit.ts';
import { describePayloadCommit } from './commit.ts';
import { instant, nodeId } from './names.ts';
import { describeMinimalPull } from './pull-request.ts';
import { describeRepository } from './repository.ts';

/** Never those from forks (docs: "Pushes to a branch in a forked repository are not detected"). */
function pullsAt(repository: Repository, sha: string): PullRequest[] {
  return [...repository.pulls.values()].filter(
    (pull) => pull.state === 'open' && pull.head.repository === repository && pull.head.sha === sha,
  );
}

export function describeCheckRun(world: World, run: CheckRun): JsonObject {
  const api = `${world.apiUrl}/repos/${fullName(run.repository)}/check-runs/${run.id}`;
  const html = `${world.url}/${fullName(run.repository)}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR_', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url: api,
    html_url: html,
    details_url: run.detailsUrl === '' ? `${world.url}/apps/${run.app.slug}` : run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: instant(run.startedAt),
    completed_at: run.completedAt ? instant(run.completedAt) : null,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${api}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: describeApp(world, run.app),
    pull_requests: pullsAt(run.repository, run.headSha).map((pull) => describeMinimalPull(world, pull)),
  };
}

/** In payloads the suite is told at more length. */
export function describePayloadCheckRun(world: World, run: CheckRun): JsonObject {
  const { suite } = run;
  const pulls = pullsAt(run.repository, run.headSha).map((pull) => describeMinimalPull(world, pull));
  return {
    ...describeCheckRun(world, run),
    check_suite: {
      id: suite.id,
      node_id: nodeId('CS_', suite.id),
      head_branch: suite.headBranch,
      head_sha: suite.headSha,
      status: run.status === 'completed' ? 'completed' : 'in_progress',
      conclusion: run.conclusion,
      url: `${world.apiUrl}/repos/${fullName(run.repository)}/check-suites/${suite.id}`,
      before: null,
      after: suite.headSha,
      pull_requests: pulls,
      app: describeApp(world, suite.app),
      created_at: instant(suite.createdAt),
      updated_at: instant(suite.updatedAt),
    },
  };
}

/** The suite of a `check_suite` payload. */
export function describeCheckSuite(world: World, suite: CheckSuite, commit: CommitText): JsonObject {
  const url = `${world.apiUrl}/repos/${fullName(suite.repository)}/check-suites/${suite.id}`;
  const runs = [...suite.repository.checkRuns.values()].filter((run) => run.suite === suite);
  return {
    id: suite.id,
    node_id: nodeId('CS_', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: 'queued',
    conclusion: null,
    url,
    before: null,
    after: suite.headSha,
    pull_requests: pullsAt(suite.repository, suite.headSha).map((pull) => describeMinimalPull(world, pull)),
    app: describeApp(world, suite.app),
    created_at: instant(suite.createdAt),
    updated_at: instant(suite.updatedAt),
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
    head_commit: describePayloadCommit(commit),
    repository: describeRepository(world, suite.repository),
  };
}
