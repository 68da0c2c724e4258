import { describe, expect, test } from 'vitest';
import { verifyAs, verifyFrom, type CommandReport } from './ask.ts';
import type { Built } from './build.ts';
import { withTexts } from './edits.ts';
import type { History } from './history.ts';
import { honest } from './honest.ts';
import { headStatement, useUser, writeTrust } from './user.ts';

const user = useUser();
const FRESH = { extra: '    freshness: { days: 7, people: 2 }\n' };
const LINEAR: History = { ...honest('linear'), policy: FRESH };
const URL = 'https://github.com/acme/nixpkgs';

/** `verify` with a trust file that pins alice and carol, unless told otherwise. */
function verify(
  built: Built,
  revision: string,
  people?: readonly string[],
  home = user.home,
): Promise<CommandReport> {
  built.git(['config', 'remote.origin.url', URL]);
  const trust = writeTrust(home, { url: URL, introduction: built.at(0), heads: built }, people);
  return verifyAs(home, built, ['--trust', trust, revision]);
}

test('the head of which two of the pinned people said lately that it is the newest', async () => {
  const built = user.build(LINEAR);
  withTexts(
    built,
    ['alice', 'carol'].map((as) => headStatement(built, { as, head: built.at(3) })),
  );
  expect(await verify(built, 'master')).toMatchObject({ code: 0, json: { outcome: 'pass' } });
});

test('the policy asks for it, and the user has pinned too few', async () => {
  const built = user.build(LINEAR);
  withTexts(
    built,
    ['alice', 'carol'].map((as) => headStatement(built, { as, head: built.at(3) })),
  );
  const told = await verify(built, 'master', ['alice']);
  expect([told.code, told.codes]).toEqual([2, ['freshness-unpinned']]);
  expect(told.json?.findings[0]?.message).toContain('your trust file pins 1');
  expect(told.json?.findings[0]?.remedy[0]).toBe(`pin them: \`countersign trust pin ${URL}\``);
});

test('the policy asks for it, and nobody can be pinned on the command line', async () => {
  const built = user.build(LINEAR);
  built.git(['config', 'remote.origin.url', 'https://alice:hunter2@github.com/acme/nixpkgs']);
  const told = await verifyFrom(user.home, built);
  expect([told.code, told.codes]).toEqual([2, ['freshness-unpinned']]);
  const [found] = told.json?.findings ?? [];
  expect(found?.message).toContain('`--introduction` pins nobody');
  expect(found?.message).not.toContain('trust file');
  expect(found?.remedy[0]).toContain(`countersign trust add ${URL} --introduction`);
  expect(found?.remedy[0]).toContain(`countersign trust pin ${URL}\``);
  expect(told.out).not.toContain('hunter2');
  // What a shell would read as a command is never put into one.
  built.git(['config', 'remote.origin.url', '/srv/$(id)']);
  const hostile = await verifyFrom(user.home, built);
  expect(hostile.json?.findings[0]?.remedy[0]).toContain('countersign trust pin URL`');
});

describe('a head of which not enough said so is stale', () => {
  const DAY = 86_400;
  test.each<[string, (built: Built) => readonly string[]]>([
    ['nobody said anything', () => []],
    [
      'one person did, twice',
      (built) => [60, 120].map((age) => headStatement(built, { as: 'alice', head: built.at(3), age })),
    ],
    [
      'one of them too long ago',
      (built) => [
        headStatement(built, { as: 'alice', head: built.at(3) }),
        headStatement(built, { as: 'carol', head: built.at(3), age: 8 * DAY }),
      ],
    ],
    [
      'one of them in the future',
      (built) => [
        headStatement(built, { as: 'alice', head: built.at(3) }),
        headStatement(built, { as: 'carol', head: built.at(3), age: -3600 }),
      ],
    ],
    [
      'one is not pinned by the user, whatever the policy says',
      (built) => ['alice', 'bob'].map((as) => headStatement(built, { as, head: built.at(3) })),
    ],
    [
      'it was said of another branch',
      (built) =>
        ['alice', 'carol'].map((as) => headStatement(built, { as, head: built.at(3), branch: 'release-1' })),
    ],
    [
      'it was said of another project',
      (built) =>
        ['alice', 'carol'].map((as) =>
          headStatement(built, { as, head: built.at(3), project: 'github.com/evil/nixpkgs' }),
        ),
    ],
    [
      "alice signed in carol's name",
      (built) => [
        headStatement(built, { as: 'alice', head: built.at(3) }),
        headStatement(built, { as: 'carol', key: 'alice', head: built.at(3) }),
      ],
    ],
    [
      'the words of another head were copied',
      (built) =>
        ['alice', 'carol'].map((as) =>
          headStatement(built, { as, head: built.at(2) }).replaceAll(built.at(2), built.at(3)),
        ),
    ],
  ])('%s', async (_, texts) => {
    const built = user.build(LINEAR);
    withTexts(built, texts(built));
    const told = await verify(built, 'master');
    expect([told.code, told.codes]).toEqual([3, ['head-stale']]);
  });
});

test('an old state with words that were fresh about the newer one (row 62)', async () => {
  const built = user.build(LINEAR);
  withTexts(
    built,
    ['alice', 'carol'].map((as) => headStatement(built, { as, head: built.at(3) })),
  );
  expect((await verify(built, built.at(2))).codes).toEqual(['head-stale']);
});

test('people whose keys were removed extend an old state: their policy may not turn freshness off (row 62)', async () => {
  // bob, carol and dave have left the project since; from before that they can still make valid steps.
  const built = user.build(LINEAR);
  const off = built.extend(built.at(1), {
    by: 'bob',
    files: { '.countersign/policy.yaml': policyWithout(built) },
    approved: ['carol', 'dave'],
  });
  const evil = built.extend(off.commit, {
    by: 'bob',
    files: { 'lib/backdoor.nix': 'evil\n' },
    approved: ['dave'],
  });
  built.ledger.append([...off.entries, ...evil.entries]);
  const told = await verify(built, evil.commit);
  expect(told.code).not.toBe(0);
});

/** The policy of the introduction without its wish for freshness. */
function policyWithout({ git, at }: Built): string {
  return git(['cat-file', 'blob', `${at(0)}:.countersign/policy.yaml`]).replace(/^ {4}freshness.*\n?/m, '');
}
