import type { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { octokitFor, openScene, statusOf } from './scene.ts';
import type { Scene } from './scene.ts';

const where = { owner: 'acme', repo: 'nixpkgs' };

describe('check runs', () => {
  let scene: Scene;
  let octokit: Octokit;
  beforeAll(async () => {
    scene = await openScene();
    octokit = octokitFor(scene.github, scene.github.app('countersign').token('acme/nixpkgs'));
  });
  beforeEach(() => {
    scene.github.violations.length = 0;
  });
  afterAll(() => scene.end());

  it('take annotations fifty at a time and keep them all', async () => {
    const note = (line: number) => ({
      path: 'README.md',
      start_line: line,
      end_line: line,
      annotation_level: 'failure' as const,
      message: `line ${line}`,
    });
    const output = { title: 'title', summary: 'summary' };
    const fifty = Array.from({ length: 50 }, (_, i) => note(i + 1));
    const { data } = await octokit.checks.create({
      ...where,
      name: 'countersign / master',
      head_sha: scene.base,
      output: { ...output, annotations: fifty },
    });
    const check_run_id = data.id;
    const more = { ...output, annotations: [note(51)] };
    await octokit.checks.update({ ...where, check_run_id, conclusion: 'action_required', output: more });
    const run = await scene.repository.waitForCheck({
      sha: scene.base,
      name: 'countersign / master',
      status: 'completed',
    });
    expect(run).toMatchObject({ conclusion: 'action_required', title: 'title' });
    const listed = await octokit.paginate(octokit.checks.listAnnotations, {
      ...where,
      check_run_id,
      per_page: 20,
    });
    expect(listed).toHaveLength(51);
    scene.github.assertClean();

    const tooMany = { ...output, annotations: [...fifty, note(51)] };
    expect(await statusOf(octokit.checks.update({ ...where, check_run_id, output: tooMany }))).toBe(422);
    const tooLong = { title: 'title', summary: 'x'.repeat(65_536) };
    expect(await statusOf(octokit.checks.update({ ...where, check_run_id, output: tooLong }))).toBe(422);
    expect(scene.github.violations).toHaveLength(2);
  });

  it('need a conclusion to be completed, and a commit that is there', async () => {
    const head_sha = scene.base;
    expect(
      await statusOf(
        octokit.checks.create({ ...where, name: 'x', head_sha, status: 'completed', conclusion: 'stale' }),
      ),
    ).toBe(422);
    const incomplete = { ...where, name: 'x', head_sha, status: 'completed' as const };
    expect(await statusOf(octokit.request('POST /repos/{owner}/{repo}/check-runs', incomplete))).toBe(422);
    expect(await statusOf(octokit.checks.create({ ...where, name: 'x', head_sha: '1'.repeat(40) }))).toBe(
      422,
    );
    scene.github.assertClean();
  });

  it('belong to the app that made them', async () => {
    const { github, repository, base } = scene;
    github.createApp({ slug: 'other', permissions: { checks: 'write' } });
    github.install('other', 'acme/nixpkgs');
    const posted = await repository.postCheck('other', {
      name: 'mine',
      head_sha: base,
      conclusion: 'success',
    });
    expect(
      await statusOf(octokit.checks.update({ ...where, check_run_id: posted.id, status: 'queued' })),
    ).toBe(403);
    const carol = octokitFor(github, github.user('alice').token);
    expect(await statusOf(carol.checks.create({ ...where, name: 'mine', head_sha: base }))).toBe(403);
    const listed = await octokit.checks.listForRef({ ...where, ref: 'master', check_name: 'mine' });
    expect(listed.data.check_runs.map((run) => run.app?.slug)).toEqual(['other']);
    repository.requireCheck('master', 'mine', { app: 'countersign' });
    const rules = await octokit.repos.getBranchRules({ ...where, branch: 'master' });
    const required = [{ context: 'mine', integration_id: github.app('countersign').id }];
    expect(rules.data).toMatchObject([{ parameters: { required_status_checks: required } }]);
    expect((await octokit.repos.getBranch({ ...where, branch: 'master' })).data.protected).toBe(true);
    const own = { ...where, ref: base, check_name: 'mine', app_id: github.app('countersign').id };
    expect((await octokit.checks.listForRef(own)).data.total_count).toBe(0);
    github.assertClean();
  });

  it('are listed by their newest, or all', async () => {
    for (const conclusion of ['failure', 'success']) {
      await scene.repository.postCheck('countersign', { name: 'twice', head_sha: scene.base, conclusion });
    }
    const listed = async (filter: 'latest' | 'all'): Promise<(string | null)[]> => {
      const wanted = { ...where, ref: scene.base, check_name: 'twice', filter };
      return (await octokit.checks.listForRef(wanted)).data.check_runs.map((run) => run.conclusion);
    };
    expect(await listed('latest')).toEqual(['success']);
    expect(await listed('all')).toEqual(['success', 'failure']);
    scene.github.assertClean();
  });

  it('name no pull request from a fork', async () => {
    const { github, repository, tree, base } = scene;
    await tree.git('checkout', '--quiet', '-B', 'forked', base);
    await tree.commit('forked', { forked: '1\n' });
    const fork = github.repository('bob', 'nixpkgs');
    await fork.push({ from: tree.directory, branch: 'forked' });
    const pull = await repository.openPullRequest({
      head: 'bob:forked',
      base: 'master',
      title: 'Forked',
      as: 'bob',
    });
    const { data } = await octokit.checks.create({ ...where, name: 'x', head_sha: pull.head.sha });
    expect(data.pull_requests).toEqual([]);
    github.assertClean();
  });
});
