import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isMistakable } from '../../src/cli/pull/tag-names.ts';
import { usePullStage, type PullStage } from '../cli/pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  await stage.publish(2);
});

const TRACKED = 'refs/remotes/origin/master';
const onServer = (name: string, id: string): Promise<string> =>
  stage.must(['update-ref', `refs/tags/${name}`, id], { cwd: stage.remote });
const tagsHere = async (): Promise<readonly string[]> =>
  [...(await stage.refs()).keys()].filter((ref) => ref.startsWith('refs/tags/'));

/** A tag of a tag of … of a commit. */
async function nest(id: string, depth: number): Promise<string> {
  let target = id;
  for (let made = 0; made < depth; made += 1) {
    const type = made === 0 ? 'commit' : 'tag';
    const text = `object ${target}\ntype ${type}\ntag v1\ntagger erin <e@example.org> 1 +0000\n\nx\n`;
    target = await stage.must(['mktag'], { cwd: stage.remote, input: text });
  }
  return target;
}

describe('tags whose names a server chose to be taken for something else', () => {
  test('stay away, and the names of branches go on meaning branches', async () => {
    const old = stage.built.at(0);
    const newest = stage.built.at(2);
    const short = newest.slice(0, Math.max(10, newest.search(/[a-f]/) + 1));
    const bad = ['origin/master', 'master', 'Origin/Master', 'heads/x', 'refs/heads/y', 'FETCH_HEAD'];
    const names = [...bad, short, 'countersign/ledger'];
    for (const name of [...names, 'v1', '20261101', 'original/1']) await onServer(name, old);
    const { code, json } = await stage.json('fetch', '--tags');
    expect(code).toBe(0);
    expect(json.tags?.mistakable.toSorted()).toEqual(names.map((name) => `refs/tags/${name}`).toSorted());
    expect(json.tags?.added).toEqual(['refs/tags/20261101', 'refs/tags/original/1', 'refs/tags/v1']);
    expect(await tagsHere()).toEqual(json.tags?.added);
    for (const name of ['origin/master', short]) {
      expect(await stage.id(name)).toBe(newest);
    }
    expect((await stage.cli('fetch', '--tags')).out).toContain(
      'git would take for a branch or another commit',
    );
  });

  test('as are those of other remotes, and of branches that are here', async () => {
    await stage.must(['remote', 'add', 'work/fork', stage.remote]);
    await stage.must(['branch', 'topic/one']);
    for (const name of ['work/fork/master', 'topic/one', 'work/v1']) await onServer(name, stage.built.at(1));
    const { json } = await stage.json('fetch', '--tags');
    expect(json.tags?.mistakable).toEqual(['refs/tags/topic/one', 'refs/tags/work/fork/master']);
    expect(json.tags?.added).toEqual(['refs/tags/work/v1']);
  });

  test('what is only like them is a name as any other', () => {
    const here = { branches: new Set(['master']), remotes: ['origin'] };
    for (const name of [
      'v26.11',
      'masters',
      'origins/x',
      'x/origin/y',
      '2026',
      '20261101',
      'head-1',
      'beef',
    ]) {
      expect([name, isMistakable(name, here)]).toEqual([name, false]);
    }
    for (const name of ['v1-3-gdeadbeef01', 'DEADBEEF01', 'ORIG_HEAD', 'head', 'tags/v1', '@', 'origin']) {
      expect([name, isMistakable(name, here)]).toEqual([name, true]);
    }
  });
});

describe('tags that cannot be brought', () => {
  test('one that is too deep is left out alone', async () => {
    const deep = await nest(stage.built.at(2), 10);
    await onServer('deep', deep);
    await onServer('two', await nest(stage.built.at(2), 2));
    await onServer('v1', stage.built.at(1));
    const { code, json } = await stage.json('fetch', '--tags');
    expect([code, json.branches[0]?.accepted]).toEqual([0, stage.built.at(2)]);
    expect(json.tags?.leftOut).toEqual(['refs/tags/deep']);
    expect(await tagsHere()).toEqual(['refs/tags/two', 'refs/tags/v1']);
  });

  test('`pull --tags` moves the branch all the same', async () => {
    await onServer('deep', await nest(stage.built.at(2), 10));
    const { code, json } = await stage.json('pull', '--tags');
    expect([code, json.local?.kind]).toEqual([0, 'moved']);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
  });

  test("where a hook of the person's refuses all of them, that is said beside what happened to branches", async () => {
    await onServer('v1', stage.built.at(1));
    const hook = join(stage.clone, '.git/hooks/reference-transaction');
    writeFileSync(hook, '#!/bin/sh\nif grep -q refs/tags/; then exit 1; fi\n');
    chmodSync(hook, 0o755);
    const { code, out } = await stage.cli('pull', '--tags');
    expect(code).toBe(0);
    expect(out).toContain(`master: proven, ${TRACKED} `);
    expect(out).toContain('no tags were brought: ');
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(await tagsHere()).toEqual([]);
  });
});
