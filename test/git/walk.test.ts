import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository } from '../../src/git/reader.ts';
import type { OpenRepository } from '../../src/git/reader.ts';
import { forgeObject, makeScratch, oid, scratchAt } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let tree: Oid;
const opened: OpenRepository[] = [];
beforeEach(() => {
  repo = makeScratch();
  tree = oid(repo.git(['mktree'], ''));
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.dispose();
  repo.remove();
});

async function open(directory = repo.dir): Promise<OpenRepository['repository']> {
  const one = await openRepository(directory);
  opened.push(one);
  return one.repository;
}

function commit(message: string, ...parents: Oid[]): Oid {
  return oid(repo.git(['commit-tree', tree, '-m', message, ...parents.flatMap((parent) => ['-p', parent])]));
}

function line(length: number, from?: Oid): Oid[] {
  const made: Oid[] = [];
  for (let index = 0; index < length; index += 1) {
    const parent = made.at(-1) ?? from;
    made.push(parent === undefined ? commit(`${index}`) : commit(`${index}`, parent));
  }
  return made;
}

function remove(id: Oid): void {
  rmSync(join(repo.dir, '.git/objects', id.slice(0, 2), id.slice(2)));
}

/** Stores bytes that are not this commit's under its id. */
function forge(id: Oid, change: (raw: string) => string): void {
  forgeObject(repo, id, 'commit', change(repo.gitBytes(['cat-file', 'commit', id]).toString()));
}

function at(ids: readonly Oid[], index: number): Oid {
  const id = ids.at(index);
  if (id === undefined) throw new Error(`no commit ${index}`);
  return id;
}

test('random histories agree with git', async () => {
  // Each number picks parents among the commits before.
  const shape = fc.array(fc.array(fc.nat(30), { maxLength: 3 }), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(shape, fc.nat(30), fc.nat(30), async (seed, one, other) => {
      const ids: Oid[] = [];
      for (const [index, picks] of seed.entries()) {
        const parents = [...new Set(picks.flatMap((pick) => (index === 0 ? [] : [at(ids, pick % index)])))];
        ids.push(commit(`${index}`, ...parents));
      }
      const [tip, head] = [at(ids, one % ids.length), at(ids, other % ids.length)];
      const repository = await open();
      const set = (text: string): string[] =>
        text
          .split('\n')
          .filter((id) => id !== '')
          .sort();
      const listed = await repository.listCommits(tip, head, 100);
      expect(listed.toSorted()).toEqual(set(repo.git(['rev-list', head, `^${tip}`])));
      const position = new Map(listed.map((id, index) => [id, index]));
      for (const id of listed) {
        for (const parent of repo.git(['rev-parse', `${id}^@`]).split('\n')) {
          const found = position.get(parent as Oid);
          if (found !== undefined) expect(found).toBeGreaterThan(position.get(id) ?? Infinity);
        }
      }
      const ancestors = set(repo.git(['rev-list', head]));
      expect(await repository.isReachable(tip, head)).toBe(ancestors.includes(tip));
      const common = ancestors.filter((id) => set(repo.git(['rev-list', tip])).includes(id));
      const bases = await repository.mergeBases(tip, head);
      expect(bases.every((base) => common.includes(base))).toBe(true);
      expect(bases.length === 0).toBe(common.length === 0);
      const spine = repo.git(['rev-list', '--first-parent', head]).split('\n');
      const below = spine.indexOf(tip);
      expect(await repository.firstParents(tip, head, 100)).toEqual(
        below < 0 ? null : spine.slice(0, below).reverse(),
      );
    }),
    { numRuns: 12 },
  );
});

describe('limits (attack 10): exactly as many as allowed, not one more', () => {
  test('listCommits and firstParents', async () => {
    const ids = line(6);
    const [from, to] = [at(ids, 0), at(ids, 5)];
    const repository = await open();
    expect(await repository.listCommits(from, to, 5)).toHaveLength(5);
    await expect(repository.listCommits(from, to, 4)).rejects.toMatchObject({
      code: 'list-cut',
      passing: false,
    });
    expect(await repository.firstParents(from, to, 5)).toEqual(ids.slice(1));
    await expect(repository.firstParents(from, to, 4)).rejects.toMatchObject({ code: 'list-cut' });
  });

  test('a first-parent line longer than one reading', async () => {
    const input: string[] = [];
    for (let index = 1; index <= 700; index += 1) {
      const from = index === 1 ? '' : `from :${index - 1}\n`;
      input.push(
        `commit refs/heads/long\nmark :${index}\ncommitter alice <alice@example.org> ${index} +0000\ndata 0\n${from}\n`,
      );
    }
    repo.git(['fast-import', '--quiet'], input.join(''));
    const spine = repo.git(['rev-list', '--first-parent', 'long']).split('\n').reverse();
    const repository = await open();
    expect(await repository.firstParents(oid(spine[0] ?? ''), repo.id('long'), 1000)).toEqual(spine.slice(1));
    expect(await repository.firstParents(repo.id('long'), oid(spine[0] ?? ''), 1000)).toBeNull();
  });
});

test('the second parent is no first parent (attack: a merge made backwards)', async () => {
  const [root] = line(1);
  if (root === undefined) return;
  const [tip, topic] = [commit('tip', root), commit('topic', root)];
  const backwards = commit('merge', topic, tip);
  const repository = await open();
  expect(await repository.firstParents(tip, backwards, 10)).toBeNull();
  expect(await repository.firstParents(topic, backwards, 10)).toEqual([backwards]);
  expect(await repository.firstParents(tip, tip, 0)).toEqual([]);
  expect(await repository.isReachable(tip, backwards)).toBe(true);
});

describe('missing commits', () => {
  test('asked for by name', async () => {
    const [id] = line(1);
    const absent = oid('1'.repeat(40));
    if (id === undefined) return;
    const repository = await open();
    expect(await repository.isReachable(absent, id)).toBe(false);
    expect(await repository.isReachable(tree, id)).toBe(false);
    await expect(repository.isReachable(id, absent)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(repository.listCommits(absent, id, 5)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(repository.listCommits(tree, id, 5)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(repository.mergeBases(absent, id)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(repository.firstParents(id, absent, 5)).rejects.toMatchObject({ code: 'object-missing' });
  });

  test('in the middle of history: never "unrelated" and never "not reachable"', async () => {
    const ids = line(5);
    remove(at(ids, 2));
    const repository = await open();
    const missing = { code: 'object-missing', message: expect.stringContaining('--unshallow') as string };
    await expect(repository.mergeBases(at(ids, 0), at(ids, 4))).rejects.toMatchObject(missing);
    await expect(repository.isReachable(at(ids, 0), at(ids, 4))).rejects.toMatchObject(missing);
    await expect(repository.listCommits(at(ids, 0), at(ids, 4), 10)).rejects.toMatchObject(missing);
    await expect(repository.firstParents(at(ids, 0), at(ids, 4), 10)).rejects.toMatchObject(missing);
    expect(await repository.listCommits(at(ids, 3), at(ids, 4), 10)).toEqual([at(ids, 4)]);
  });

  test('below a shallow clone', async () => {
    const ids = line(6);
    repo.git(['update-ref', 'refs/heads/master', at(ids, 5)]);
    repo.git(['clone', '-q', '--bare', '--depth=3', `file://${repo.dir}`, join(repo.root, 'shallow.git')]);
    const one = await openRepository(join(repo.root, 'shallow.git'));
    opened.push(one);
    expect(one.shallow).toBe(true);
    expect(await one.repository.listCommits(at(ids, 3), at(ids, 5), 10)).toEqual([at(ids, 5), at(ids, 4)]);
    await expect(one.repository.firstParents(at(ids, 0), at(ids, 5), 10)).rejects.toMatchObject({
      code: 'object-missing',
    });
  });
});

describe('forged commits (attack 57)', () => {
  test('one that hides the commits below it', async () => {
    const ids = line(4);
    forge(at(ids, 2), (raw) => raw.replace(/^parent .*\n/m, ''));
    const repository = await open();
    await expect(repository.listCommits(at(ids, 0), at(ids, 3), 10)).rejects.toMatchObject({
      code: 'object-forged',
    });
    await expect(repository.firstParents(at(ids, 0), at(ids, 3), 10)).rejects.toMatchObject({
      code: 'object-forged',
    });
  });

  test('one that jumps over a commit', async () => {
    const ids = line(4);
    forge(at(ids, 3), (raw) => raw.replace(/^parent .*$/m, `parent ${at(ids, 1)}`));
    const repository = await open();
    await expect(repository.listCommits(at(ids, 0), at(ids, 3), 10)).rejects.toMatchObject({
      code: 'object-forged',
    });
    await expect(repository.readCommits([at(ids, 3)])).rejects.toMatchObject({ code: 'object-forged' });
  });

  test('one below the tip that takes the evil commit for an ancestor, to hide it', async () => {
    const ids = line(4);
    const evil = commit('evil', at(ids, 0));
    const head = commit('head', evil);
    const tip = at(ids, 3);
    const honest = await open();
    expect(await honest.listCommits(tip, head, 10)).toEqual([head, evil]);
    expect(await honest.mergeBases(tip, head)).toEqual([at(ids, 0)]);
    forge(at(ids, 2), (raw) => raw.replace(/^author/m, `parent ${evil}\nauthor`));
    // The repository's own git falls for it.
    expect(repo.git(['rev-list', head, `^${tip}`])).toBe(head);
    const repository = await open();
    await expect(repository.listCommits(tip, head, 10)).rejects.toMatchObject({ code: 'object-forged' });
    await expect(repository.mergeBases(tip, head)).rejects.toMatchObject({ code: 'object-forged' });
  });

  test('one that cuts the tip off, for another merge base or none', async () => {
    const ids = line(4);
    const head = commit('head', at(ids, 1));
    forge(at(ids, 2), (raw) => raw.replace(/^parent .*\n/m, ''));
    const repository = await open();
    expect(repo.git(['rev-list', at(ids, 3)])).not.toContain(at(ids, 1));
    await expect(repository.mergeBases(at(ids, 3), head)).rejects.toMatchObject({ code: 'object-forged' });
  });

  test('a commit-graph that jumps over a commit is not read', async () => {
    const ids = line(4);
    const top = at(ids, 3);
    repo.git(['update-ref', 'refs/heads/master', top]);
    const honest = repo.gitBytes(['cat-file', 'commit', top]).toString();
    forge(top, (raw) => raw.replace(/^parent .*$/m, `parent ${at(ids, 1)}`));
    repo.git(['commit-graph', 'write', '--reachable']);
    forge(top, () => honest);
    expect(repo.git(['rev-list', top])).not.toContain(at(ids, 2));
    const repository = await open();
    expect(await repository.listCommits(at(ids, 0), top, 10)).toEqual(ids.slice(1).reverse());
    expect(await repository.firstParents(at(ids, 0), top, 10)).toEqual(ids.slice(1));
    expect(await repository.isReachable(at(ids, 2), top)).toBe(true);
    expect(await repository.mergeBases(at(ids, 2), top)).toEqual([at(ids, 2)]);
  });
});

test('a worktree sees the same commits', async () => {
  const ids = line(2);
  repo.git(['update-ref', 'refs/heads/master', at(ids, 1)]);
  repo.git(['worktree', 'add', '-q', '--detach', join(repo.root, 'tree'), at(ids, 1)]);
  const worktree = scratchAt(repo.root, join(repo.root, 'tree'));
  expect(worktree.id('HEAD')).toBe(at(ids, 1));
  expect(await (await open(worktree.dir)).listCommits(at(ids, 0), at(ids, 1), 5)).toEqual([at(ids, 1)]);
});
