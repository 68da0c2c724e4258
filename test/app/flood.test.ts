import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApp } from '../../src/app/app.ts';
import { fenced, openStage, type Stage } from './stage.ts';

/** What somebody with nothing but an account can make the app do, and keep. */
let stage: Stage;
let running: RunningApp;
beforeAll(async () => {
  stage = await openStage({}, { app: false });
  running = await stage.start();
});
afterAll(async () => {
  await stage.close();
});

/** The same signature with its armor broken into lines elsewhere. */
function rewritten(review: string, cut: number): string {
  const at = review.indexOf('-----BEGIN');
  const lines = review.slice(at).trimEnd().split('\n');
  const raw = lines.slice(1, -1).join('');
  const armor = [lines[0], raw.slice(0, cut), raw.slice(cut), lines.at(-1)];
  return `${review.slice(0, at)}${armor.join('\n')}\n`;
}

function countKept(): number {
  const store = new DatabaseSync(join(stage.data, 'countersign.sqlite'), { readOnly: true });
  const row = store.prepare('SELECT count(*) AS rows FROM statements').get();
  store.close();
  return Number(row?.['rows']);
}

test('one approval written down in many ways is kept once, and stays what it is', async () => {
  const { fork, repository, base } = stage;
  const head = await fork.commit({ files: { 'pkgs/a.nix': 'harmless\n' }, as: 'alice', on: base });
  const number = await stage.propose(head, 'topic');
  const review = await fork.review({ as: 'bob', base, head });
  const body = Array.from({ length: 100 }, (_, index) => fenced(rewritten(review, 10 + index))).join('\n');
  const { id } = repository.comment(number, body, { as: 'bob' });
  await stage.settled();
  expect(countKept()).toBe(1);
  repository.deleteComment(id, { as: 'bob' });
  repository.comment(number, fenced(rewritten(review, 5)), { as: 'bob' });
  await stage.settled();
  expect([countKept(), stage.check(head)?.conclusion]).toEqual([1, 'success']);
});

test('pull requests that share a head and a base are judged once, whatever is new on one of them', async () => {
  const { fork, repository, base, github } = stage;
  const shared = await fork.commit({ files: { 'pkgs/shared.nix': '1\n' }, as: 'alice', on: base });
  const elsewhere = await fork.commit({ files: { 'pkgs/elsewhere.nix': '1\n' }, as: 'alice', on: base });
  const numbers: number[] = [];
  const costOf = async (act: () => void): Promise<number> => {
    const before = github.requests.length;
    act();
    await stage.settled();
    return github.requests.slice(before).filter(({ path }) => !path.includes('.git/')).length;
  };
  const costs: { plain: number; news: number }[] = [];
  for (const count of [2, 6]) {
    while (numbers.length < count) numbers.push(await stage.propose(shared, `shared-${numbers.length}`));
    await stage.settled();
    const [first = 0] = numbers;
    // About another commit, which no pull request has.
    const statement = await fork.review({ as: 'bob', base, head: elsewhere, serial: count });
    const plain = await costOf(() => repository.comment(first, 'words', { as: 'alice' }));
    const news = await costOf(() => repository.comment(first, fenced(statement), { as: 'alice' }));
    costs.push({ plain, news });
  }
  const [few, many] = costs;
  if (few === undefined || many === undefined) throw new Error('nothing was counted');
  // Three lists for each that shares the head, read once.
  expect(many.plain - few.plain).toBeLessThanOrEqual(4 * 3);
  expect(many.news - many.plain).toBeLessThanOrEqual(few.news - few.plain + 3);
  expect(stage.check(shared)?.conclusion).toBe('action_required');
});

test('a look through the repository judges each of them once, too', async () => {
  const before = stage.log.filter(({ message }) => message === 'judged').length;
  await running.stop();
  running = await stage.start();
  await stage.settled();
  const judged = stage.log.filter(({ message }) => message === 'judged').slice(before);
  const commits = judged.map(({ fields }) => fields['commit']);
  expect(commits.length).toBe(new Set(commits).size);
  expect(commits.length).toBeGreaterThan(0);
});
