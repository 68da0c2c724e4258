import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import { forgeObject, makeScratch, oid } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let repo: Scratch;
let opened: OpenRepository[];
beforeEach(() => {
  repo = makeScratch();
  opened = [];
});
afterEach(async () => {
  for (const each of opened) await each.dispose();
  repo.remove();
});

async function open(): Promise<OpenRepository> {
  const fresh = await openRepository(repo.dir);
  opened.push(fresh);
  return fresh;
}

/** Commits without content, each by the numbers of its parents among those before it. */
function makeGraph(parents: readonly (readonly number[])[]): readonly Oid[] {
  const lines = parents.map((of, index) => {
    const [first, ...others] = [...new Set(of)];
    const from = first === undefined ? '' : `from :${first + 1}\n`;
    const merges = others.map((parent) => `merge :${parent + 1}\n`).join('');
    const branch = `refs/heads/made-${index}`;
    return `commit ${branch}\nmark :${index + 1}\ncommitter alice <alice@example.org> ${1_700_000_000 + index} +0000\ndata 2\n${String(index % 10)}\n${from}${merges}\n`;
  });
  repo.git(['fast-import', '--quiet', '--force'], lines.join(''));
  return parents.map((_, index) => repo.id(`made-${index}`));
}

const graphs = fc
  .array(fc.tuple(fc.nat(), fc.nat(), fc.nat(3)), { minLength: 4, maxLength: 24 })
  .map((picks) =>
    [[]].concat(
      picks.map(([a, b, kind], index): never[] => {
        const first = index - (a % Math.min(index + 1, 4));
        const second = b % (index + 1);
        return (kind === 0 || first === second ? [first] : [first, second]) as never[];
      }),
    ),
  );

describe('what a lineage answers is what git answers', () => {
  test('for every step: the commits that it brings, its merge bases, what is reachable', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        repo.remove();
        repo = makeScratch();
        const ids = makeGraph(graph);
        const to = ids.at(-1);
        if (to === undefined) return;
        const line = repo.git(['rev-list', '--first-parent', '--reverse', to]).split('\n').map(oid);
        const from = line[Math.min(1, line.length - 1)] ?? to;
        const here = await open();
        const found = await here.line(from, to);
        expect(found?.steps).toEqual(line.slice(line.indexOf(from) + 1));
        for (const [index, step] of (found?.steps ?? []).entries()) {
          const parent = index === 0 ? from : (found?.steps[index - 1] ?? from);
          const [listed, wanted] = [
            (await found?.repository.listCommits(parent, step, 1000)) ?? [],
            repo.git(['rev-list', step, `^${parent}`]).split('\n'),
          ];
          expect([...listed].sort()).toEqual(wanted.sort());
          expect(found?.sizes[index]).toBe(wanted.length);
          expectParentsAfterChildren(listed);
          const second = repo.git(['rev-list', '--parents', '-1', step]).split(' ')[2];
          const heads = [step, ...(second === undefined ? [] : [oid(second)])];
          for (const head of heads) {
            const bases = await found?.repository.mergeBases(parent, head);
            expect([...(bases ?? [])].sort()).toEqual(
              repo.git(['merge-base', '--all', parent, head]).split('\n').sort(),
            );
          }
          for (const id of ids) {
            const isAncestor = repo.git(['rev-list', parent]).split('\n').includes(id);
            expect(await found?.repository.isReachable(id, parent)).toBe(isAncestor);
          }
        }
        await here.dispose();
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

function expectParentsAfterChildren(listed: readonly Oid[]): void {
  const seen = new Set<string>();
  for (const id of listed) {
    seen.add(id);
    const [, ...parents] = repo.git(['rev-list', '--parents', '-1', id]).split(' ');
    for (const parent of parents) expect(seen.has(parent)).toBe(false);
  }
}

test('a commit that is on a side branch, newer, or unrelated is no beginning of a line', async () => {
  // 0 - 1 - 3 (merges 2), 4 unrelated
  const ids = makeGraph([[], [0], [0], [1, 2], []]);
  const [root, , side, merge, other] = ids as [Oid, Oid, Oid, Oid, Oid];
  const here = await open();
  expect((await here.line(root, merge))?.steps).toEqual([ids[1], merge]);
  expect((await here.line(merge, merge))?.steps).toEqual([]);
  for (const from of [side, other]) expect(await here.line(from, merge)).toBeNull();
  expect(await here.line(merge, root)).toBeNull();
});

test('a forged commit below the line is refused (attack 57)', async () => {
  const ids = makeGraph([[], [0], [1], [2]]);
  const [root, first, second, tip] = ids as [Oid, Oid, Oid, Oid];
  repo.git(['unpack-objects', '-q'], repo.gitBytes(['pack-objects', '--stdout', '-q'], `${second}\n`));
  const raw = repo.gitBytes(['cat-file', 'commit', second]).toString();
  forgeObject(repo, second, 'commit', raw.replace(`parent ${first}`, `parent ${root}`));
  const here = await open();
  await expect(here.line(root, tip)).rejects.toMatchObject({ code: 'object-forged' });
});
