import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judge } from '../../src/judge.ts';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { useFork } from './attack.ts';
import { fenced, propose, useStage } from './stage.ts';

const shared = useStage();
const local = useFork();

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error('not an id');
  return id;
}

test('row 18: while GitHub fails to list comments, an approved head is `undetermined`, then green once it answers', async () => {
  const { stage } = shared;
  const { github, fork, repository, base, checkOf } = stage;
  const { head, number } = await propose(stage, 'broken');
  await checkOf(head);
  github.misbehave({ match: { method: 'GET', path: /\/issues\/\d+\/comments/ }, times: 40, status: 502 });
  repository.comment(number, fenced(await fork.review({ as: 'bob', base, head })), { as: 'bob' });
  const failed = await repository.waitForCheck(
    { sha: head, name: 'countersign / master', status: 'completed', conclusion: 'failure' },
    30_000,
  );
  expect(failed.title).toContain('could not tell');
  github.behave();
  const after = await repository.waitForCheck(
    { sha: head, name: 'countersign / master', status: 'completed', conclusion: 'success' },
    45_000,
  );
  expect(after.conclusion).toBe('success');
});

test('row 18: a defect inside a judgement is thrown, not turned into a verdict', async () => {
  const target = {
    kind: 'change',
    branch: 'master',
    tip: oid('1'.repeat(40)),
    head: oid('2'.repeat(40)),
  } as const;
  const broken = new Proxy({}, { get: () => () => Promise.reject(new TypeError('a defect')) });
  const ports = { repository: broken, statements: broken } as Parameters<typeof judge>[1];
  await expect(judge(target, ports, { now: 0, repository: null })).rejects.toThrow('a defect');
});

test('row 18: a repository with a missing object gives exit code 2', async () => {
  const { fork } = local;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const tree = await fork.git('rev-parse', `${head}^{tree}`);
  await rm(join(fork.dir, '.git/objects', tree.slice(0, 2), tree.slice(2)));
  const report = await fork.verify(base, head);
  expect([report.code, report.outcome]).toEqual([2, 'undetermined']);
  expect(await readdir(fork.dir)).not.toEqual([]);
});
