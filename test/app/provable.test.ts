import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '../../demo/stage.ts';
import { ledgerFile, ledgerPaths } from '../../src/core/statement/ledger.ts';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { parseStatements } from '../../src/core/statement/statement.ts';
import { treeOf } from '../git/ledger-stage.ts';
import { gitIn } from '../git/scratch.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.close();
});

/** The number beside the verdict of a new pull request; `null` where its check says none. */
async function unprovable(name: string, onto: string): Promise<string | null> {
  const { fork, repository, push, checkOf } = stage;
  const head = await fork.commit({ files: { [`pkgs/${name}.nix`]: name }, as: 'alice', on: onto });
  await push(head, name, 'alice');
  await repository.openPullRequest({ head: name, base: 'master', title: name, as: 'alice' });
  const summary = (await checkOf(head))?.summary ?? '';
  return /(\d+ merges?) not yet provable/.exec(summary)?.[1] ?? null;
}

test('the check says how many merges the ledger does not prove yet, and the verdict does not depend on it', async () => {
  const { fork, repository, base, push, checkOf } = stage;
  const head = await fork.commit({ files: { 'pkgs/a.nix': 'a' }, as: 'alice', on: base });
  await push(head, 'a', 'alice');
  const { number } = await repository.openPullRequest({ head: 'a', base: 'master', title: 'a', as: 'alice' });
  const review = await fork.review({ as: 'bob', base, head });
  repository.comment(number, `~~~\n${review}~~~\n`, { as: 'bob' });
  expect(await checkOf(head)).toMatchObject({ conclusion: 'success' });
  const merge = await fork.merge(base, head, { as: 'alice' });
  await push(merge, 'master', 'alice');
  expect(await checkOf(merge)).toMatchObject({ conclusion: 'success' });
  expect(await unprovable('b', merge)).toBe('1 merge');

  const [signed] = extractStatements({ from: 'review', text: review }).signed;
  if (signed === undefined) throw new Error('no statement');
  const parsed = parseStatements(signed.text);
  const file = ledgerFile(signed);
  const git = (args: readonly string[], input = ''): string =>
    gitIn(fork.dir, args, input).toString().trimEnd();
  const files = ledgerPaths(file, parsed.ok ? parsed.statements : []).map(
    (path) => [path, new TextDecoder().decode(file)] as const,
  );
  const commit = git(['commit-tree', '-m', 'ledger', treeOf(git, files)]);
  await push(commit, 'countersign/ledger', 'alice');
  await checkOf(merge);
  expect(await unprovable('c', merge)).toBeNull();
});
