import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import { makeScratch, oid, text, type Scratch } from './scratch.ts';

let repo: Scratch;
let opened: OpenRepository;
beforeEach(async () => {
  repo = makeScratch();
  opened = await openRepository(repo.dir);
});
afterEach(async () => {
  await opened.dispose();
  repo.remove();
});

/** Numbers that look drawn and are the same at every run (a linear congruential generator). */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Files = ReadonlyMap<string, readonly string[]>;

const NAMES = ['a', 'b', 'lib/c', 'lib/d', 'pkgs/x/e'];
const PLACES = [...NAMES, 'moved/a', 'lib/moved', 'pkgs/new'];

function firstFiles(): Files {
  return new Map(NAMES.map((name) => [name, Array.from({ length: 12 }, (_none, line) => `${name} ${line}`)]));
}

/** Lines change often; now and then a file goes, moves or comes. */
function changed(files: Files, draw: (below: number) => number, word: string): Files {
  const next = new Map(files);
  for (let edit = 0; edit < 2; edit += 1) {
    const names = [...next.keys()];
    const name = names[draw(names.length)] ?? 'a';
    const lines = next.get(name) ?? [];
    const kind = draw(8);
    if (kind === 0 && next.size > 2) next.delete(name);
    else if (kind === 1) {
      next.delete(name);
      next.set(PLACES[draw(PLACES.length)] ?? 'a', lines);
    } else if (kind === 2) next.set(PLACES[draw(PLACES.length)] ?? 'a', [word, ...lines.slice(0, 4)]);
    else next.set(name, lines.with(draw(Math.max(lines.length, 1)) % Math.max(lines.length, 1), word));
  }
  return next;
}

interface Made {
  readonly id: Oid;
  readonly files: Files;
}

/** A commit of these files on these parents. */
function commit(files: Files, parents: readonly Oid[], at: number): Oid {
  repo.git(['read-tree', '--empty']);
  const entries = [...files].map(([name, lines]) => {
    const blob = repo.git(['hash-object', '-w', '--stdin'], lines.map((line) => `${line}\n`).join(''));
    return `100644 ${blob}\t${name}\n`;
  });
  repo.git(['update-index', '--add', '--index-info'], entries.join(''));
  const tree = repo.git(['write-tree']);
  const who = `alice <alice@example.org> ${at} +0000`;
  const above = parents.map((parent) => `parent ${parent}\n`).join('');
  const raw = `tree ${tree}\n${above}author ${who}\ncommitter ${who}\n\n${at}\n`;
  return oid(repo.git(['hash-object', '-w', '-t', 'commit', '--stdin'], raw));
}

/** As workspace.ts pins what decides a merge. */
const SETTINGS = [
  'diff.algorithm=histogram',
  'diff.renames=true',
  'merge.renames=true',
  'merge.directoryRenames=conflict',
  'merge.conflictStyle=merge',
  'merge.renormalize=false',
].flatMap((setting) => ['-c', setting]);

/** What git makes of the commits themselves: the tree, or the paths in conflict. */
function gitMerge(ours: Oid, theirs: Oid): string {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  try {
    const said = execFileSync('git', [...SETTINGS, ...args], { cwd: repo.dir, encoding: 'latin1' });
    return said.replaceAll('\0', '');
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'status' in error && error.status === 1))
      throw error;
    const [, ...paths] = String(error.stdout)
      .split('\0')
      .filter((part) => part !== '');
    return `conflict: ${paths.sort().join(' ')}`;
  }
}

test('merges of commits with one, two and more merge bases are those that git makes of the commits themselves', async () => {
  const seen = new Map<number, number>();
  let clean = 0;
  for (let seed = 1; seed <= 8; seed += 1) {
    const draw = drawer(seed);
    let at = 1_700_000_000;
    const files = firstFiles();
    const made: Made[] = [{ id: commit(files, [], at), files }];
    for (let index = 1; index < 11; index += 1) {
      at += 60;
      // Near ones, so that lines cross: a criss-cross has several merge bases.
      const near = made.slice(-4);
      const first = near[draw(near.length)] ?? made[0];
      const second = near[draw(near.length)] ?? made[0];
      if (first === undefined || second === undefined) throw new Error('no commit');
      const parents = first.id === second.id ? [first.id] : [first.id, second.id];
      const from = new Map([...first.files, ...(draw(2) === 0 ? second.files : [])]);
      const next = changed(from, draw, `${seed} ${index}`);
      made.push({ id: commit(next, parents, at), files: next });
    }
    const last = made.slice(-5);
    for (const [place, ours] of last.entries()) {
      for (const theirs of last.slice(place + 1)) {
        const bases = await opened.repository.mergeBases(ours.id, theirs.id);
        seen.set(bases.length, (seen.get(bases.length) ?? 0) + 1);
        const merged = await opened.repository.mergeCommits(ours.id, theirs.id, []);
        if (merged.clean) clean += 1;
        const shown = merged.clean ? merged.tree : `conflict: ${merged.conflicts.map(text).sort().join(' ')}`;
        expect(shown, `seed ${seed}: ${ours.id} ${theirs.id}`).toBe(gitMerge(ours.id, theirs.id));
      }
    }
  }
  // The graphs are of the kind that this is about.
  expect(seen.get(1)).toBeGreaterThan(20);
  expect(seen.get(2)).toBeGreaterThan(10);
  expect(clean).toBeGreaterThan(20);
});
