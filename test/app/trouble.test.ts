import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fenced, openStage, REQUIRED, type Stage } from './stage.ts';

describe('when GitHub misbehaves', () => {
  let stage: Stage;
  let count = 0;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage.close();
  });
  afterEach(async () => {
    stage.github.behave();
    await stage.settled();
    stage.github.assertClean();
  });

  async function change(): Promise<{ head: string; branch: string; statement: string }> {
    count += 1;
    const branch = `trouble-${count}`;
    const head = await stage.fork.commit({ on: stage.base, files: { [branch]: '1\n' }, as: 'alice' });
    const statement = fenced(await stage.fork.review({ as: 'bob', base: stage.base, head }));
    return { head, branch, statement };
  }

  /** A pull request that is approved from the start: its description holds the statement. */
  async function approved(): Promise<{ head: string; branch: string; number: number }> {
    const { head, branch, statement } = await change();
    await stage.repository.push({ from: stage.fork.dir, ref: head, branch, as: 'alice' });
    const { number } = await stage.repository.openPullRequest({
      head: branch,
      base: 'master',
      title: branch,
      body: statement,
      as: 'alice',
    });
    return { head, branch, number };
  }

  test.each<[string, Parameters<Stage['github']['misbehave']>[0]]>([
    ['server errors on check runs', { match: { path: /check-runs/ }, status: 502, times: 6 }],
    ['server errors everywhere', { status: 503, times: 9 }],
    [
      'a secondary rate limit',
      { match: { method: 'POST', path: /check-runs/ }, secondaryRateLimit: { retryAfter: 1 } },
    ],
    [
      'a long secondary rate limit',
      { match: { path: /check-runs/ }, secondaryRateLimit: { status: 429, retryAfter: 6 } },
    ],
    ['a primary rate limit', { match: { path: /comments/ }, primaryRateLimit: { resetInSeconds: 2 } }],
    ['lists that are cut off', { match: { path: /comments/ }, connection: 'truncate', times: 3 }],
    ['half an answer that looks whole', { match: { path: /reviews/ }, connection: 'half', times: 6 }],
    [
      'a check that was made without saying so',
      { match: { method: 'POST', path: /check-runs$/ }, connection: 'reset' },
    ],
    [
      'a verdict that was taken without saying so',
      { match: { method: 'PATCH' }, connection: 'reset', times: 2 },
    ],
    ['no token', { match: { path: /access_tokens/ }, status: 500, times: 2 }],
  ])('%s delay the verdict and change nothing about it', async (_, fault) => {
    stage.github.misbehave(fault);
    const { head } = await approved();
    await stage.settled();
    expect(stage.check(head)).toMatchObject({ status: 'completed', conclusion: 'success' });
    const runs = stage.repository.checkRuns(head).filter(({ name }) => name === REQUIRED);
    expect(runs).toHaveLength(1);
  });

  test('a list that stays unreadable is published as undetermined, and judged again', async () => {
    stage.github.misbehave({ match: { path: /\/issues\/\d+\/comments/ }, status: 500, times: 1000 });
    const { head } = await approved();
    const blocked = await stage.repository.waitForCheck({
      sha: head,
      name: REQUIRED,
      status: 'completed',
      conclusion: 'failure',
    });
    expect(blocked.title).toContain('could not tell');
    stage.github.behave();
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('git that cannot be reached is published as undetermined, and judged again', async () => {
    await approved();
    await stage.settled();
    const mirrors = join(stage.data, 'mirrors', `127.0.0.1_${stage.github.port}`);
    const file = join(mirrors, 'acme', 'nixpkgs.git', 'HEAD');
    const whole = await readFile(file);
    await writeFile(file, 'broken');
    const { head } = await approved();
    const blocked = await stage.repository.waitForCheck({
      sha: head,
      name: REQUIRED,
      status: 'completed',
      conclusion: 'failure',
    });
    expect(blocked.title).toContain('could not tell');
    await writeFile(file, whole);
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('tokens that end early are replaced', async () => {
    stage.github.expireTokens();
    const { head } = await approved();
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('deliveries that come twice, or in another order, change nothing', async () => {
    stage.github.misdeliver({ duplicate: 3 });
    const one = await approved();
    await stage.settled();
    expect(stage.check(one.head)?.conclusion).toBe('success');
    stage.github.misdeliver({ reorder: 4 });
    const two = await approved();
    stage.repository.comment(two.number, 'one', { as: 'bob' });
    stage.repository.comment(two.number, 'two', { as: 'bob' });
    stage.github.behave();
    await stage.settled();
    expect(stage.check(two.head)?.conclusion).toBe('success');
    expect(stage.repository.checkRuns(two.head)).toHaveLength(1);
  });

  test('the head moves while it is judged: it gets no verdict, the new one does (attacks 3, 29)', async () => {
    stage.github.misbehave({ match: { path: /\/reviews/ }, delayMs: 1500 });
    const { head, branch } = await approved();
    await stage.repository.waitForCheck({ sha: head, name: REQUIRED, status: 'in_progress' });
    const next = await stage.fork.commit({ on: stage.base, files: { next: '1\n' }, as: 'alice' });
    await stage.repository.push({ from: stage.fork.dir, ref: next, branch, as: 'alice', force: true });
    await stage.settled();
    // Whether the verdict or the new head's event comes to it first decides what it is called.
    expect(stage.check(head)?.conclusion).toBe('cancelled');
    expect(['superseded', 'no longer proposed']).toContain(stage.check(head)?.title);
    expect(stage.check(next)?.conclusion).toBe('action_required');
  });

  test('the base is switched while it is judged: the old name gets no verdict (attack 5)', async () => {
    stage.github.misbehave({ match: { path: /\/reviews/ }, delayMs: 1500 });
    await stage.repository.push({ from: stage.fork.dir, ref: stage.base, branch: 'elsewhere', as: 'alice' });
    const { head, number } = await approved();
    await stage.repository.waitForCheck({ sha: head, name: REQUIRED, status: 'in_progress' });
    await stage.repository.retarget(number, 'elsewhere', { as: 'alice' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('cancelled');
  });

  test('the base moves while it is judged: it is judged on the new one', async () => {
    stage.github.misbehave({ match: { path: /\/reviews/ }, delayMs: 1500 });
    const { head } = await approved();
    await stage.repository.waitForCheck({ sha: head, name: REQUIRED, status: 'in_progress' });
    const stricter = await stage.fork.setPolicy(
      {
        project: stage.project,
        require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
      },
      { on: stage.base },
    );
    await stage.repository.push({ from: stage.fork.dir, ref: stricter, branch: 'master', as: 'alice' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('action_required');
  });
});
