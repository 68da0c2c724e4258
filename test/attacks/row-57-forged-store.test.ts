import { describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { askHistory, verifyFrom } from '../histories/ask.ts';
import type { Built } from '../histories/build.ts';
import { extended, withTexts } from '../histories/edits.ts';
import { forge, forgeCommitGraph, swapInPackIndex, withHeader } from '../histories/forge.ts';
import { honest } from '../histories/honest.ts';
import { useUser } from '../histories/user.ts';

const user = useUser();
const BAD = extended(
  honest('linear'),
  { by: 'alice', files: { 'lib/backdoor.nix': 'evil\n' } },
  {
    by: 'bob',
    approved: ['alice'],
  },
);

test('row 57: a commit-graph that leaves the bad step out is believed by git, and not by us', async () => {
  const built = user.build(BAD);
  forgeCommitGraph(built, built.at(5), built.at(3));
  expect(built.git(['rev-list', '--first-parent', 'master'])).not.toContain(built.at(4));
  expect(await verifyFrom(user.home, built)).toMatchObject({
    code: 3,
    json: { outcome: 'pending', steps: 5 },
  });
});

test('row 57: a loose object and a pack index that show other bytes are undetermined', async () => {
  const loose = user.build(BAD);
  forge(loose, loose.at(5), withHeader('parent', loose.at(3)));
  expect((await verifyFrom(user.home, loose)).code).toBe(2);
  const packed = user.build(BAD);
  swapInPackIndex(packed, packed.at(4), packed.at(3));
  expect((await verifyFrom(user.stranger(), packed)).code).toBe(2);
});

/**
 * Before the introduction lie root, a and l; what is forged is a. Nothing above the introduction is touched.
 */
function before(): { built: Built; root: Oid; a: Oid; l: Oid } {
  const built = user.build({ about: 'not this one', steps: [] });
  const { scene } = built;
  const root = scene.commit({ files: { f: 'old\n' }, message: 'root' });
  const a = scene.commit({ on: root, files: { a: 'a\n' }, message: 'a' });
  const l = scene.commit({ on: a, files: { l: 'l\n' }, message: 'l' });
  return { built, root, a, l };
}

function alsoParent(id: Oid): (raw: string) => string {
  return (raw) => raw.replace(/^parent .*$/m, (line) => `${line}\nparent ${id}`);
}

describe('row 57: what is forged below the introduction changes nothing above it', () => {
  test('it does not hide a commit that nobody signed', async () => {
    const { built, root, a, l } = before();
    const { scene } = built;
    const introduction = scene.commit({ on: l, files: scene.policyFiles(), as: 'alice' });
    const unsigned = scene.commit({ on: root, files: { 'lib/x.nix': 'x\n' }, message: 'unsigned' });
    const head = scene.commit({ on: [l, unsigned], files: { 'lib/x.nix': 'x\n' }, as: 'alice' });
    const merge = scene.merge(introduction, head, { as: 'carol' });
    withTexts(
      built,
      ['bob', 'dave'].map((as) => scene.review({ as, base: introduction, head })),
    );
    const line = [introduction, merge];
    const honest = await askHistory({ dir: built.dir, line });
    expect(honest).toMatchObject({ outcome: 'fail', blocking: ['commit-unsigned'] });
    forge(built, a, alsoParent(unsigned));
    expect((await askHistory({ dir: built.dir, line })).outcome).not.toBe('pass');
  });

  test('it does not hide a second merge base', async () => {
    const { built, root, a, l } = before();
    const { scene } = built;
    const fix = scene.commit({ on: root, files: { f: 'a fix\n' }, message: 'a fix' });
    const introduction = scene.commit({ on: scene.merge(l, fix), files: scene.policyFiles(), as: 'alice' });
    const files = { 'pkgs/h.nix': 'h\n', f: 'old\n' };
    const head = scene.commit({ on: [l, fix], files, as: 'alice' });
    const merge = scene.commit({ on: [introduction, head], files: { 'pkgs/h.nix': 'h\n' }, as: 'carol' });
    // What a reviewer signs who is shown `l` as the base.
    const shown = scene.review({ as: 'bob', base: l, head: scene.commit({ on: l, files }) });
    const change = /^change: sha256:([0-9a-f]{64})$/m.exec(shown)?.[1] ?? '';
    withTexts(
      built,
      ['bob', 'dave'].map((as) => scene.review({ as, base: introduction, head, change })),
    );
    const line = [introduction, merge];
    expect((await askHistory({ dir: built.dir, line })).blocking).toContain('merge-base-ambiguous');
    forge(built, a, alsoParent(fix));
    expect((await askHistory({ dir: built.dir, line })).outcome).not.toBe('pass');
  });
});
