import { afterAll, describe, expect, test } from 'vitest';
import { askHistory } from './ask.ts';
import { buildHistory, type Built } from './build.ts';
import { commitsOf, honestHistories } from './honest.ts';

const made: Built[] = [];
afterAll(() => {
  for (const one of made) one.remove();
});

describe('an honest history is proven', () => {
  test.each(honestHistories.map((history) => [history.name, history] as const))('%s', async (_, history) => {
    const built = buildHistory(history);
    made.push(built);
    const { steps } = history;
    built.git(['fsck', '--strict', '--no-dangling']);
    expect(built.git(['rev-list', '--first-parent', '--reverse', 'master']).split('\n')).toEqual(built.line);
    const told = await askHistory(built);
    expect(told).toMatchObject({
      outcome: 'pass',
      at: null,
      proven: steps.length,
      steps: steps.length,
      commits: steps.reduce((sum, step) => sum + commitsOf(step), 0),
      ahead: 0,
      ratified: history.expect?.ratified ?? [],
    });
  });
});
