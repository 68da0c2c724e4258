import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blobsOf, changeDigest } from '../../src/core/facts/digest.ts';
import { parseCommit } from '../../src/core/object/commit.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import { openStore, type Content } from '../verdicts/make/objects.ts';
import { openScene, type Scene } from '../verdicts/make/scene.ts';
import { runs } from './runs.ts';

const home = mkdtempSync(join(tmpdir(), 'cg-'));
let scene: Scene;
let opened: OpenRepository;
beforeAll(async () => {
  execFileSync('git', ['init', '--quiet', '--bare', home]);
  scene = openScene(openStore(join(home, 'objects')));
  opened = await openRepository(home);
});
afterAll(async () => {
  await opened.dispose();
  rmSync(home, { recursive: true, force: true });
});

/** The digest as a verifier comes to it: from raw objects of a repository. */
async function digestOf(base: Oid, head: Oid): Promise<string> {
  const { repository } = opened;
  const raws = await repository.readCommits([base, head]);
  const trees = [base, head].map((id, index) => {
    const parsed = parseCommit(id, raws[index] ?? new Uint8Array());
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.commit.tree;
  });
  const { files } = await repository.diffTrees(trees[0] ?? null, trees[1] ?? base, 1000);
  const digest = changeDigest(files, await repository.contentHashes(blobsOf(files)));
  if (digest === null) throw new Error('no digest');
  return digest;
}

const PATHS = ['README', 'lib/a.nix', 'lib/b.nix', 'pkgs/by-name/x', 'pkgs/by-name/y', 'pkgs-more'] as const;
const content = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 12 }).map((executable) => ({ executable })),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }).map((link) => ({ link })),
  fc.constantFrom('c', 'd').map((digit) => ({ submodule: digit.repeat(40) })),
);
const files = fc.dictionary(fc.constantFrom(...PATHS), content, { maxKeys: 5, noNullPrototype: true });
const people = fc.constantFrom(undefined, 'alice', 'bob');
const commit = fc.record({
  message: fc.stringMatching(/^[a-z ]{1,20}$/),
  author: fc.constantFrom('Alice <alice@example.org>', 'Bob <bob@example.org>'),
  as: people,
});

type Named = typeof commit extends fc.Arbitrary<infer T> ? T : never;
const named = ({ as, ...rest }: Named) => ({ ...rest, ...(as === undefined ? {} : { as }) });

test('commits that are renamed, signed anew, split or moved to another base keep the digest of what they change', async () => {
  await fc.assert(
    fc.asyncProperty(files, files, fc.tuple(commit, commit, commit), async (before, changes, names) => {
      const [one, two, three] = names.map(named);
      const base = scene.commit({ files: before });
      const head = scene.commit({ on: base, files: changes, ...one });
      const other = scene.commit({ on: base, files: changes, ...two });
      const moved = scene.commit({ on: base, files: { 'elsewhere/z': 'z\n' } });
      const rebased = scene.rebase(head, moved, three);
      let split = base;
      for (const [path, after] of Object.entries(changes)) {
        split = scene.commit({ on: split, files: { [path]: after }, ...two });
      }
      const digest = await digestOf(base, head);
      expect(await digestOf(base, other)).toBe(digest);
      expect(await digestOf(moved, rebased)).toBe(digest);
      expect(await digestOf(base, split)).toBe(digest);
    }),
    runs(60),
  );
});

test('any difference of content, mode, kind or path is another digest', async () => {
  await fc.assert(
    fc.asyncProperty(
      files,
      files,
      fc.constantFrom(...PATHS),
      content,
      async (before, changes, path, after) => {
        const base = scene.commit({ files: before });
        const changed = { ...before, ...changes };
        fc.pre(!isSame(changed[path], after));
        const head = scene.commit({ on: base, files: changes });
        const other = scene.commit({ on: base, files: { ...changes, [path]: after } });
        expect(await digestOf(base, other)).not.toBe(await digestOf(base, head));
      },
    ),
    runs(80),
  );
});

test('a file that is taken away, and one that was there to begin with, are seen as well', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.constantFrom(...PATHS), content, async (before, path, after) => {
      const base = scene.commit({ files: { ...before, [path]: after } });
      const gone = scene.commit({ on: base, files: { [path]: null } });
      const kept = scene.commit({ on: base });
      expect(await digestOf(base, gone)).not.toBe(await digestOf(base, kept));
    }),
    runs(40),
  );
});

function isSame(a: Content | undefined, b: Content): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
