import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fenced, openStage, REQUIRED, type Stage } from './stage.ts';

describe('a pull request', () => {
  let stage: Stage;
  let count = 0;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage.close();
  });
  afterEach(() => {
    stage.github.assertClean();
  });

  /** A pull request of alice's with a commit of its own. */
  async function proposed(): Promise<{ head: string; number: number; branch: string }> {
    count += 1;
    const branch = `change-${count}`;
    const files = { [`pkgs/${branch}.nix`]: `{ n = ${count}; }\n` };
    const head = await stage.fork.commit({ on: stage.base, files, as: 'alice' });
    const number = await stage.propose(head, branch);
    await stage.settled();
    return { head, number, branch };
  }

  test('waits for a review, and turns green when one is posted', async () => {
    const { head, number } = await proposed();
    const before = stage.check(head);
    expect(before?.conclusion).toBe('action_required');
    const review = await stage.fork.review({ as: 'bob', base: stage.base, head });
    stage.repository.comment(number, fenced(review), { as: 'carol' });
    await stage.settled();
    const after = stage.check(head);
    expect(after?.conclusion).toBe('success');
    expect(after?.id).toBe(before?.id);
  });

  test('stays approved when the comment is deleted, and counts the statement once', async () => {
    const { head, number } = await proposed();
    const review = await stage.fork.review({ as: 'bob', base: stage.base, head });
    const { id } = stage.repository.comment(number, fenced(review), { as: 'bob' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
    stage.repository.deleteComment(id, { as: 'alice' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('keeps a signed no although it was edited away', async () => {
    const { head, number } = await proposed();
    const no = await stage.fork.review({ as: 'carol', base: stage.base, head, decision: 'reject' });
    const { id } = stage.repository.comment(number, fenced(no), { as: 'carol' });
    await stage.settled();
    stage.repository.editComment(id, 'never mind', { as: 'alice' });
    const yes = await stage.fork.review({ as: 'bob', base: stage.base, head });
    stage.repository.comment(number, fenced(yes), { as: 'bob' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).not.toBe('success');
  });

  test.each(['description', 'review', 'review comment'])('reads statements in a %s', async (where) => {
    const { head, number } = await proposed();
    const statement = fenced(await stage.fork.review({ as: 'bob', base: stage.base, head }));
    if (where === 'description') {
      await stage.repository.editPullRequest(number, { body: statement, as: 'alice' });
    } else if (where === 'review') {
      await stage.repository.review(number, { event: 'COMMENT', body: statement, as: 'bob' });
    } else {
      const comments = [{ path: `pkgs/change-${count}.nix`, line: 1, body: statement }];
      await stage.repository.review(number, { event: 'COMMENT', body: 'see below', comments, as: 'bob' });
    }
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('a force-push starts without a check of its own and never inherits one, and the old head keeps none', async () => {
    const { head, number, branch } = await proposed();
    const review = await stage.fork.review({ as: 'bob', base: stage.base, head });
    stage.repository.comment(number, fenced(review), { as: 'bob' });
    await stage.settled();
    const evil = await stage.fork.commit({
      on: stage.base,
      files: { 'pkgs/evil.nix': '{ }\n' },
      as: 'alice',
    });
    await stage.repository.push({ from: stage.fork.dir, ref: evil, branch, as: 'alice', force: true });
    await stage.settled();
    expect(stage.check(evil)?.conclusion).toBe('action_required');
    expect(stage.check(head)?.conclusion).toBe('cancelled');
  });

  test('from a fork is judged like any other', async () => {
    const theirs = await stage.github.fork('acme/nixpkgs', 'carol');
    const head = await stage.fork.commit({ on: stage.base, files: { fork: '1\n' }, as: 'carol' });
    await theirs.push({ from: stage.fork.dir, ref: head, branch: 'patch', as: 'carol' });
    const { number } = await stage.repository.openPullRequest({
      head: 'carol:patch',
      base: 'master',
      title: 'from afar',
      as: 'carol',
    });
    const review = await stage.fork.review({ as: 'bob', base: stage.base, head });
    stage.repository.comment(number, fenced(review), { as: 'bob' });
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('has an unsigned commit refused', async () => {
    const head = await stage.fork.commit({ on: stage.base, files: { plain: '1\n' } });
    await stage.propose(head, 'unsigned');
    await stage.settled();
    expect(stage.check(head)?.conclusion).toBe('failure');
  });

  test('onto a branch that nothing enrols gets no check', async () => {
    await stage.repository.push({ from: stage.fork.dir, ref: stage.base, branch: 'wild', as: 'alice' });
    const head = await stage.fork.commit({ on: stage.base, files: { wild: '1\n' }, as: 'alice' });
    await stage.propose(head, 'to-wild', { base: 'wild' });
    await stage.settled();
    expect(stage.repository.checkRuns(head)).toEqual([]);
    expect(stage.log.some(({ message }) => message.includes('does not enrol'))).toBe(true);
  });

  test('the check of one base says nothing about another (attacks 5, 47)', async () => {
    const weak = await stage.fork.setPolicy(
      {
        project: stage.project,
        match: '[weak]',
        require: ['{ name: everything, people: 1, approvals: 0, from: maintainers }'],
      },
      { on: stage.base },
    );
    await stage.repository.push({ from: stage.fork.dir, ref: weak, branch: 'weak', as: 'alice' });
    const head = await stage.fork.commit({ on: stage.base, files: { sneaky: '1\n' }, as: 'alice' });
    const number = await stage.propose(head, 'sneaky', { base: 'weak' });
    await stage.settled();
    expect(stage.check(head, 'countersign / weak')?.conclusion).toBe('success');
    expect(stage.check(head, REQUIRED)).toBeUndefined();
    await stage.repository.retarget(number, 'master', { as: 'alice' });
    await stage.settled();
    expect(stage.check(head, REQUIRED)?.conclusion).toBe('action_required');
  });

  test('that shares its head with another agrees with it, wherever the statement was posted', async () => {
    const { head, number } = await proposed();
    const other = await stage.repository.openPullRequest({
      head: `change-${count}`,
      base: 'weak',
      title: 'the same for another branch',
      as: 'alice',
    });
    await stage.settled();
    const review = await stage.fork.review({ as: 'bob', base: stage.base, head });
    stage.repository.comment(other.number, fenced(review), { as: 'bob' });
    await stage.settled();
    expect(number).not.toBe(other.number);
    expect(stage.check(head)?.conclusion).toBe('success');
  });

  test('a closed one is left alone', async () => {
    const { head, number } = await proposed();
    stage.repository.close(number, { as: 'alice' });
    await stage.settled();
    const before = stage.check(head);
    stage.repository.comment(number, 'still there?', { as: 'bob' });
    await stage.settled();
    expect(stage.check(head)).toEqual(before);
  });
});
