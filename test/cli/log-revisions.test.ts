import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf, openLogHistory, type LogHistory } from './log-history.ts';

let history: LogHistory;
beforeAll(async () => {
  history = await openLogHistory();
}, 60_000);
afterAll(async () => {
  await history.close();
});

describe('revisions', () => {
  const ids = async (...args: string[]): Promise<string[]> =>
    (await linesOf(history, ...args)).map(({ commit }) => commit);

  test.each([
    [['topic']],
    [['topic~3', 'master']],
    [['master..topic']],
    [['..topic']],
    [['topic..']],
    [['topic~2...topic~4']],
    [['^master', 'topic']],
    [['topic^!']],
    [['topic~1^@']],
    [['topic^-']],
    [['topic', '^topic~2']],
    [['--all']],
    [['--all', '^topic~2']],
    [['-n', '3', 'topic']],
    [['--max-count=0', 'topic']],
    [['refs/heads/topic']],
    [[]],
  ])('%j are the commits that git log lists', async (args) => {
    const expected = await history.fork.git('log', '--format=%H', ...args);
    expect(await ids(...args)).toEqual(expected === '' ? [] : expected.split('\n'));
  });

  test('may be tags, which are read and hashed down to the commit', async () => {
    const { fork } = history;
    await fork.git('tag', '-a', '-m', 'x', 'inner', 'topic');
    await fork.git('tag', '-a', '-m', 'x', 'outer', 'inner');
    await fork.git('tag', '-a', '-m', 'x', 'of-a-tree', 'topic^{tree}');
    expect(await ids('-n', '1', 'outer')).toEqual([await fork.git('rev-parse', 'topic')]);
    expect((await ids('--all')).length).toBe(history.commits.size + 1);
    expect((await fork.cli('log', 'of-a-tree')).code).toBe(2);
    await fork.git('tag', '-d', 'inner', 'outer', 'of-a-tree');
  });

  test('are refused where a name is ambiguous', async () => {
    const { fork } = history;
    await fork.git('tag', 'topic', 'master');
    const { code, out, err } = await fork.cli('log', 'master..topic');
    await fork.git('tag', '-d', 'topic');
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain('write `refs/heads/topic` or `refs/tags/topic`');
  });

  test.each([
    [['nothing'], 2],
    [['nothing..topic'], 2],
    [['^nothing'], 2],
    [['--', '--all'], 2],
    [['--', '--output=stolen'], 2],
    [['--', '--git-dir=/'], 2],
    [['..--output=stolen'], 2],
    [['topic\n--all'], 2],
    [['-n', 'x'], 64],
    [['-n', '-1'], 64],
    [['--frob'], 64],
    [['--keys', 'nowhere', '--policy', 'master'], 64],
    [['--keys', 'nowhere'], 64],
    [['--policy', 'nothing'], 2],
    [['--repository', '/'], 2],
  ])('%j end with %i and list nothing', async (args, code) => {
    const result = await history.fork.cli('log', '--json', ...args);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toMatch(/^countersign log: |^error: /);
  });
});
