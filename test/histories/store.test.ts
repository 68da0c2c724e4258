import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { askHistory } from './ask.ts';
import { buildHistory, type Built } from './build.ts';
import { entryOf } from './edits.ts';
import { forge, forgeCommitGraph, swapInPackIndex, withHeader } from './forge.ts';
import type { History } from './history.ts';
import { extended, withoutEntries } from './edits.ts';
import { honest } from './honest.ts';
import { gitIn, oid } from '../git/scratch.ts';

const made: Built[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

function build(history: History): Built {
  const built = buildHistory(history);
  made.push(built);
  return built;
}

/** Four steps, of which the third is a backdoor that nobody reviewed. */
const BAD = extended(
  honest('merger-approves'),
  { by: 'alice', approved: ['bob'] },
  { by: 'alice', files: { 'lib/backdoor.nix': 'evil\n' } },
  { by: 'bob', approved: ['alice'] },
);
/** The same without it. */
const GOOD: History = { ...BAD, steps: BAD.steps.filter((_, index) => index !== 2) };

const PROVEN = { outcome: 'pass', at: null, proven: 3 };
const REFUSED = { outcome: 'pending', at: 3, proven: 2 };

function spineLength({ git }: Built): number {
  return Number(git(['rev-list', '--first-parent', '--count', 'master']));
}

test('nothing forged: what must be proven is, and what must not is not', async () => {
  expect(await askHistory(build(GOOD))).toMatchObject(PROVEN);
  expect(await askHistory(build(BAD))).toMatchObject(REFUSED);
});

describe('what says something else than the commits has no effect', () => {
  test('a forged commit-graph that leaves a step out', async () => {
    const built = build(BAD);
    forgeCommitGraph(built, built.at(4), built.at(2));
    expect(spineLength(built)).toBe(4);
    expect(await askHistory(built)).toMatchObject(REFUSED);
  });

  test('a forged commit-graph by which the introduction is never reached, or at once', async () => {
    const built = build(GOOD);
    const stranger = built.scene.commit({ files: { x: 'x' }, message: 'another root' });
    forgeCommitGraph(built, built.at(1), stranger);
    expect(built.git(['rev-list', '--first-parent', 'master'])).not.toContain(built.at(0));
    expect(await askHistory(built)).toMatchObject(PROVEN);

    const bad = build(BAD);
    forgeCommitGraph(bad, bad.at(4), bad.at(0));
    expect(spineLength(bad)).toBe(2);
    expect(await askHistory(bad)).toMatchObject(REFUSED);
  });

  test('a forged commit-graph that hides what a merge brings', async () => {
    const history = extended(GOOD, {
      by: 'carol',
      brings: [{ by: null, files: { 'lib/backdoor.nix': 'evil\n' } }, { by: 'alice' }],
      approved: ['bob'],
    });
    const built = build(history);
    const [, second] = built
      .git(['rev-list', '--parents', '-1', built.at(4)])
      .split(' ')
      .slice(1);
    const refused = await askHistory(built);
    expect(refused).toMatchObject({ outcome: 'pending', at: 4, proven: 3 });
    expect(refused.codes).toContain('commit-unsigned');
    forgeCommitGraph(built, oid(second ?? ''), built.at(3));
    expect(built.git(['rev-list', '--count', `${built.at(3)}..master`])).toBe('2');
    expect((await askHistory(built)).outcome).not.toBe('pass');
  });

  test('replace refs', async () => {
    const built = build(BAD);
    built.git(['replace', built.at(3), built.at(2)]);
    expect(built.git(['log', '-1', '--format=%s', built.at(3)])).toBe('step 2');
    expect(await askHistory(built)).toMatchObject(REFUSED);
  });

  test('a replaced introduction', async () => {
    const built = build(BAD);
    const weak = build({ ...BAD, policy: { require: ['{ name: alone, people: 1, from: maintainers }'] } });
    const raw = weak.git(['cat-file', 'commit', weak.at(0)]);
    gitIn(built.dir, ['fetch', '-q', weak.dir, `${weak.at(0)}:refs/heads/weak`]);
    built.git(['replace', built.at(0), weak.at(0)]);
    expect(built.git(['cat-file', 'commit', built.at(0)])).toBe(raw);
    expect(await askHistory(built)).toMatchObject(REFUSED);
  });

  test('grafts', async () => {
    const built = build(BAD);
    mkdirSync(join(built.dir, '.git/info'), { recursive: true });
    writeFileSync(join(built.dir, '.git/info/grafts'), `${built.at(4)} ${built.at(2)}\n`);
    expect(spineLength(built)).toBe(4);
    expect(await askHistory(built)).toMatchObject(REFUSED);
  });

  test('a shallow file over commits that are all there', async () => {
    const [built, bad] = [build(GOOD), build(BAD)];
    for (const { dir, at } of [built, bad]) writeFileSync(join(dir, '.git/shallow'), `${at(2)}\n`);
    expect(spineLength(built)).toBe(2);
    expect(await askHistory(built)).toMatchObject(PROVEN);
    expect(await askHistory(bad)).toMatchObject(REFUSED);
  });
});

describe('what is not there, or is not what it is called, is never a pass', () => {
  test('a clone that was cut before it reaches the introduction', async () => {
    const built = build(GOOD);
    const dir = join(built.dir, 'cut');
    gitIn(built.dir, [
      'clone',
      '-q',
      '--bare',
      '--depth=2',
      '--no-single-branch',
      `file://${built.dir}`,
      dir,
    ]);
    const told = await askHistory({ dir, line: built.line });
    expect(told.outcome).toBe('undetermined');
    expect(told.codes.some((code) => code === 'introduction-missing' || code === 'object-missing')).toBe(
      true,
    );
  });

  test('an introduction that is not in the repository', async () => {
    const built = build(GOOD);
    const told = await askHistory(built, { introduction: oid('1'.repeat(40)) });
    expect(told.outcome).not.toBe('pass');
    expect(told.codes).toContain('introduction-missing');
  });

  test.each<[string, (built: Built) => void]>([
    [
      'the last commit, with another tree',
      (built) => forge(built, built.at(3), withHeader('tree', built.scene.treeOf(built.at(1)))),
    ],
    [
      'a commit in the middle, unsigned',
      (built) => forge(built, built.at(2), (raw) => raw.replace(/^gpgsig /m, 'x ')),
    ],
    [
      'a commit in the middle, with another parent',
      (built) => forge(built, built.at(2), withHeader('parent', built.at(0))),
    ],
    [
      'the introduction, with another tree',
      (built) => forge(built, built.at(0), withHeader('tree', built.scene.treeOf(built.at(1)))),
    ],
    [
      'what was merged',
      (built) =>
        forge(built, built.steps[0]?.head ?? built.at(0), (raw) => raw.replace('work 1.1', 'work 9.9')),
    ],
    [
      'the policy that judges',
      (built) =>
        forge(built, fileOf(built, 0, '.countersign/policy.yaml'), (text) =>
          text.replace('people: 2, approvals: 1', 'people: 1, approvals: 0'),
        ),
    ],
    [
      'the folder of the policy',
      (built) =>
        forge(
          built,
          oid(built.git(['rev-parse', `${built.at(0)}:.countersign`])),
          (bytes) => bytes.slice(0, -5) + 'xxxxx',
        ),
    ],
    [
      "a certificate that the policy's people need",
      (built) => {
        const bob = built.scene.signers.get('bob')?.key;
        const file = bob?.kind === 'openpgp' ? `.countersign/keys/${bob.fingerprint}.asc` : '';
        forge(built, fileOf(built, 0, file), (text) => `${text}\n`);
      },
    ],
    [
      'a file that was reviewed',
      (built) => forge(built, fileOf(built, 2, 'pkgs/step-2.nix'), () => 'evil\n'),
    ],
    [
      "the ledger's commit",
      (built) => forge(built, built.git(['rev-parse', 'countersign/ledger']) as never, (raw) => `${raw}x`),
    ],
  ])('other bytes under the id of %s', async (_, tamper) => {
    const built = build(GOOD);
    tamper(built);
    const { outcome, codes } = await askHistory(built);
    expect(outcome).toBe('undetermined');
    expect(codes.some((code) => code === 'object-forged' || code === 'world-unreadable')).toBe(true);
  });

  test('other bytes under the id of an approval', async () => {
    const built = build(GOOD);
    const { text } = entryOf(built, 2, 'bob');
    forge(built, built.store.blob(text).id, (bytes) => bytes.replace('serial: 1', 'serial: 2'));
    expect((await askHistory(built)).outcome).toBe('undetermined');
  });

  test.each<[string, (built: Built) => readonly [string, string]]>([
    ['two steps', ({ at }) => [at(2), at(3)]],
    ['the introduction and a step', ({ at }) => [at(0), at(2)]],
    [
      'two policies',
      (built) => {
        const weak = built.store.blob('version: 1\n').id;
        return [fileOf(built, 0, '.countersign/policy.yaml'), weak];
      },
    ],
    [
      'a reviewed file and another one',
      (built) => [fileOf(built, 2, 'pkgs/step-2.nix'), fileOf(built, 3, 'pkgs/step-3.nix')],
    ],
    [
      'two approvals',
      (built) => [
        built.store.blob(entryOf(built, 2, 'bob').text).id,
        built.store.blob(entryOf(built, 3, 'alice').text).id,
      ],
    ],
  ])("a pack index in which %s have each other's place", async (_, pick) => {
    const built = build(GOOD);
    const [one, other] = pick(built);
    // The blob that nothing refers to has to be in the pack as well.
    built.git(['update-ref', 'refs/tags/kept', other]);
    expect(await askHistory(built)).toMatchObject(PROVEN);
    swapInPackIndex(built, oid(one), oid(other));
    const { outcome, codes } = await askHistory(built);
    expect(outcome).toBe('undetermined');
    expect(codes.some((code) => code === 'object-forged' || code === 'world-unreadable')).toBe(true);
  });

  test('a missing object', async () => {
    const built = build(GOOD);
    withoutEntries(built, ({ step }) => step === 3);
    expect(await askHistory(built)).toMatchObject({ outcome: 'pending', at: 3 });
    const gone = built.at(2);
    execFileSync('rm', ['-f', join(built.dir, '.git/objects', gone.slice(0, 2), gone.slice(2))]);
    expect((await askHistory(built)).outcome).toBe('undetermined');
  });
});

function fileOf(built: Built, step: number, path: string) {
  return oid(built.git(['rev-parse', `${built.at(step)}:${path}`]));
}
