import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { judge } from '../../src/judge.ts';
import { Unreadable } from '../../src/gather/ports.ts';
import { openRepository } from '../../src/git/reader.ts';
import { inputsOf } from '../../src/nix/flake-inputs.ts';
import { parseLock } from '../../src/nix/flake-lock.ts';
import { oid } from '../git/scratch.ts';
import type { Built } from '../histories/build.ts';
import { honest } from '../histories/honest.ts';
import { useUser } from '../histories/user.ts';
import { lockText, NAR, REV } from '../nix/locks.ts';
import { NOW } from '../verdicts/make/scene.ts';

const user = useUser();
const ENTRIES = 250_000;

/** A folder of many files that differ in name alone but for the first one. */
function hugeFolder(built: Built, blob: Oid, first: Oid): Oid {
  const parts = [];
  for (let index = 0; index < ENTRIES; index += 1) {
    parts.push(Buffer.from(`100644 f${index + 1_000_000}\0`), Buffer.from(index === 0 ? first : blob, 'hex'));
  }
  return oid(built.git(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], Buffer.concat(parts)));
}

test('row 40: a change of a folder with 250,000 entries gets a verdict, and so does one that adds two', async () => {
  const built = user.build(honest('linear'));
  const [one, other] = ['one', 'other'].map((text) => oid(built.git(['hash-object', '-w', '--stdin'], text)));
  if (one === undefined || other === undefined) throw new Error('no blobs');
  const before = hugeFolder(built, one, one);
  const after = hugeFolder(built, one, other);
  const top = built.git(['ls-tree', built.at(0)]);
  const commit = (folders: Readonly<Record<string, Oid>>, parent: Oid): Oid => {
    const lines = Object.entries(folders).map(([name, id]) => `040000 tree ${id}\t${name}`);
    const tree = built.git(['mktree'], `${[top, ...lines].join('\n')}\n`);
    const who = ['-c', 'user.name=mallory', '-c', 'user.email=mallory@example.org'];
    return oid(built.git([...who, 'commit-tree', '-m', 'large', '-p', parent, tree]));
  };
  const base = commit({ large: before }, built.at(0));
  const head = commit({ large: after }, base);
  const both = commit({ large: before, larger: after, largest: before }, base);
  const opened = await openRepository(built.dir);
  try {
    const { repository } = opened;
    const statements = { about: () => Promise.resolve({ sources: [], earlier: [] }) };
    const options = { now: NOW, repository: null };
    const outcomes = [];
    for (const [parent, tip] of [
      [base, head],
      [base, both],
    ] as const) {
      const target = { kind: 'step', branch: 'master', parent, commit: tip } as const;
      const { verdict } = await judge(target, { repository, statements }, options);
      outcomes.push(verdict.outcome);
    }
    expect(outcomes).toEqual(['pending', 'undetermined']);
  } finally {
    await opened.dispose();
  }
}, 120_000);

test('row 40: a lock file of 60,000 inputs that each follow far is refused', () => {
  const place = { type: 'github', owner: 'acme', repo: 'nixpkgs' };
  const inputs: Record<string, string | readonly string[]> = { i: 'x' };
  const far = Array.from({ length: 190 }, () => 'i');
  for (let depth = 0; depth < 50; depth += 1) {
    inputs[`c${depth}`] = depth === 49 ? ['x', ...far] : ['x', ...far, `c${depth + 1}`];
  }
  const lockOf = (count: number): Buffer => {
    const follows = Array.from({ length: count }, (_, index) => [`r${index}`, ['x', 'c0']] as const);
    return Buffer.from(
      lockText({
        x: { inputs, locked: { ...place, rev: REV, narHash: NAR, lastModified: 1 }, original: place },
        root: { inputs: { x: 'x', ...Object.fromEntries(follows) } },
      }),
    );
  };
  // One such path is allowed; what it costs is counted for all of them together.
  expect(inputsOf(parseLock(lockOf(1)))).toHaveLength(2);
  const many = parseLock(lockOf(60_000));
  let code: string | null = null;
  try {
    inputsOf(many);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    code = error.code;
  }
  expect(code).toBe('file-unreadable');
});
