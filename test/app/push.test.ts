import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fenced, openStage, REQUIRED, type Stage } from './stage.ts';

describe('a push', () => {
  let stage: Stage;
  let tip = '';
  beforeAll(async () => {
    stage = await openStage({ match: '[master, "release-*"]' });
    tip = stage.base;
  });
  afterAll(async () => {
    await stage.close();
  });
  afterEach(() => {
    stage.github.assertClean();
  });

  async function push(commit: string, { branch = 'master', force = false } = {}): Promise<void> {
    await stage.repository.push({ from: stage.fork.dir, ref: commit, branch, as: 'alice', force });
    await stage.settled();
    if (branch === 'master') tip = commit;
  }

  test('of a reviewed merge is a step that passes, with a statement from its pull request', async () => {
    const head = await stage.fork.commit({ on: tip, files: { good: '1\n' }, as: 'alice' });
    const number = await stage.propose(head, 'good');
    const review = await stage.fork.review({ as: 'bob', base: tip, head });
    stage.repository.comment(number, fenced(review), { as: 'bob' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
    const merge = await stage.fork.merge(tip, head, { as: 'carol' });
    await push(merge);
    expect(stage.check(merge)?.conclusion).toBe('success');
  });

  test('of several commits is judged step by step', async () => {
    const one = await stage.fork.commit({ on: tip, files: { one: '1\n' }, as: 'alice' });
    const two = await stage.fork.commit({ on: one, files: { two: '1\n' } });
    await push(two);
    expect(stage.check(one)?.conclusion).toBe('failure');
    expect(stage.check(two)?.conclusion).toBe('failure');
    expect(stage.check(two)?.summary).not.toBe(stage.check(one)?.summary);
  });

  test('that goes past the rules is reported on its commit (attack 30)', async () => {
    const direct = await stage.fork.commit({ on: tip, files: { direct: '1\n' }, as: 'alice' });
    await push(direct);
    expect(stage.check(direct)?.conclusion).toBe('failure');
  });

  test('that rewrites the branch is reported on what it put there (attack 52)', async () => {
    const aside = await stage.fork.commit({ on: stage.base, files: { aside: '1\n' }, as: 'alice' });
    await push(aside, { force: true });
    const check = stage.check(aside);
    expect(check?.conclusion).toBe('failure');
    expect(check?.summary).toContain('does not follow from it by first parents');
  });

  test('back to an older commit is reported as well', async () => {
    const old = stage.base;
    await push(old, { force: true });
    expect(stage.check(old)?.summary).toContain('does not follow from it by first parents');
  });

  test('that makes a branch says that nothing judged it', async () => {
    const commit = await stage.fork.commit({ on: stage.base, files: { rel: '1\n' }, as: 'alice' });
    await push(commit, { branch: 'release-1' });
    const check = stage.check(commit, 'countersign / release-1');
    expect(check?.conclusion).toBe('failure');
    expect(check?.title).toContain('could not tell');
  });

  test('that deletes a branch, or is to one that nothing enrols, publishes nothing', async () => {
    const commit = await stage.fork.commit({ on: stage.base, files: { topic: '1\n' }, as: 'alice' });
    await push(commit, { branch: 'topic' });
    await stage.repository.deleteBranch('topic', { as: 'alice' });
    await stage.settled();
    expect(stage.repository.checkRuns(commit)).toEqual([]);
    expect(stage.log.some(({ message }) => message === 'a branch was deleted')).toBe(true);
  });

  test('of a step is judged again when somebody asks for it', async () => {
    const commit = await stage.fork.commit({ on: tip, files: { again: '1\n' }, as: 'alice' });
    await push(commit);
    const run = stage.check(commit);
    if (!run) throw new Error('no check');
    const before = stage.github.requests.length;
    stage.repository.rerequestCheck(run.id, { as: 'alice' });
    await stage.settled();
    const writes = stage.github.requests
      .slice(before)
      .filter(({ method, path }) => method === 'PATCH' && path.includes('/check-runs/'));
    expect(writes).toHaveLength(2);
    expect(stage.check(commit)?.conclusion).toBe('failure');
  });

  test('of a new policy takes back what stands and has it judged anew (attack 68)', async () => {
    const head = await stage.fork.commit({ on: tip, files: { waiting: '1\n' }, as: 'alice' });
    const number = await stage.propose(head, 'waiting');
    const review = await stage.fork.review({ as: 'bob', base: tip, head });
    stage.repository.comment(number, fenced(review), { as: 'bob' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
    const stricter = await stage.fork.setPolicy(
      {
        project: stage.project,
        match: '[master, "release-*"]',
        require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
      },
      { on: tip },
    );
    await push(stricter);
    expect(stage.check(head)?.conclusion).toBe('action_required');
  });
});

describe('observe mode', () => {
  test('never uses the required name, and a change of the mode leaves nothing behind (attack 64)', async () => {
    const stage = await openStage({ mode: 'observe' });
    try {
      const observed = 'countersign (observe) / master';
      const head = await stage.fork.commit({ on: stage.base, files: { a: '1\n' }, as: 'alice' });
      await stage.propose(head, 'a');
      await stage.settled();
      expect(stage.check(head, observed)?.conclusion).toBe('neutral');
      expect(stage.check(head, REQUIRED)).toBeUndefined();
      const enforcing = await stage.fork.setPolicy({ project: stage.project }, { on: stage.base });
      await stage.repository.push({ from: stage.fork.dir, ref: enforcing, branch: 'master', as: 'alice' });
      await stage.settled();
      expect(stage.check(head, REQUIRED)?.conclusion).toBe('action_required');
      expect(stage.check(head, observed)?.conclusion).toBe('cancelled');
      const observing = await stage.fork.setPolicy(
        { project: stage.project, mode: 'observe' },
        { on: enforcing },
      );
      await stage.repository.push({ from: stage.fork.dir, ref: observing, branch: 'master', as: 'alice' });
      await stage.settled();
      expect(stage.check(head, REQUIRED)?.conclusion).toBe('cancelled');
      expect(stage.check(head, observed)?.conclusion).toBe('neutral');
      stage.github.assertClean();
    } finally {
      await stage.close();
    }
  });
});

describe('a branch without a policy', () => {
  test('has its changes blocked, with what to do', async () => {
    const stage = await openStage();
    try {
      const bare = await stage.fork.commit({
        on: stage.base,
        files: { '.countersign/policy.yaml': null },
        as: 'alice',
      });
      await stage.repository.push({ from: stage.fork.dir, ref: bare, branch: 'master', as: 'alice' });
      const head = await stage.fork.commit({ on: bare, files: { a: '1\n' }, as: 'alice' });
      await stage.propose(head, 'a');
      await stage.settled();
      expect(stage.check(head)?.conclusion).toBe('failure');
      expect(stage.check(head)?.summary).toContain('no policy on');
      stage.github.assertClean();
    } finally {
      await stage.close();
    }
  });
});

describe('a merge group', () => {
  test('fails, because nothing judged it (attack 8)', async () => {
    const stage = await openStage();
    try {
      const head = await stage.fork.commit({ on: stage.base, files: { a: '1\n' }, as: 'alice' });
      const number = await stage.propose(head, 'a');
      const { headSha } = await stage.repository.requestMergeGroup(number, { as: 'alice' });
      await stage.settled();
      expect(stage.check(headSha)).toMatchObject({ status: 'completed', conclusion: 'failure' });
      expect(stage.check(headSha)?.title).toContain('could not tell');
      stage.github.assertClean();
    } finally {
      await stage.close();
    }
  });
});
