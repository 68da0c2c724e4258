import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, verifyAs, verifyFrom, type CommandReport } from './ask.ts';
import type { Built } from './build.ts';
import { changed, extended, withoutEntries } from './edits.ts';
import { honest } from './honest.ts';
import { useUser, writeTrust } from './user.ts';

const user = useUser();
const LINEAR = honest('linear');

function outcome({ code, json, codes, err }: CommandReport): unknown {
  return { code, outcome: json?.outcome, codes: codes.filter((one) => one !== 'history-ratified'), err };
}
const PASS = { code: 0, outcome: 'pass', codes: [], err: '' };

/** The one file of what this user remembers. */
function memoryOf(home: string): string {
  const folder = join(home, '.local/state/countersign/history');
  const [name, ...others] = readdirSync(folder);
  if (name === undefined || others.length > 0) throw new Error('not one memory');
  return join(folder, name);
}

/** Another valid history on the first step of one. */
function sibling(built: Built): string {
  const { commit, entries } = built.extend(built.at(1), { by: 'dave', approved: ['carol'] });
  built.ledger.append(entries);
  return commit;
}

test('a history is proven, remembered with mode 0600, and proven again', async () => {
  const built = user.build(LINEAR);
  const first = await verifyFrom(user.home, built);
  expect(outcome(first)).toEqual(PASS);
  expect(first.json).toMatchObject({ from: built.at(0), to: built.at(3), steps: 3, commits: 3 });
  const path = memoryOf(user.home);
  expect(statSync(path).mode & 0o7777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o7777).toBe(0o700);
  expect(outcome(await verifyFrom(user.home, built))).toEqual(PASS);
});

test('the same in a repository of SHA-256', async () => {
  const built = user.build(honest('sha256'));
  const proven = { code: 0, json: { steps: 4, commits: 6 } };
  expect(await verifyFrom(user.home, built)).toMatchObject(proven);
  expect(await verifyFrom(user.home, built)).toMatchObject(proven);
  expect((await verifyFrom(user.home, built, built.at(2))).codes).toEqual(['history-downgrade']);
});

describe('back and sideways', () => {
  test('a rollback to an older proven commit', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    const old = await verifyFrom(user.home, built, built.at(2));
    expect(outcome(old)).toMatchObject({ code: 1, outcome: 'fail', codes: ['history-downgrade'] });
    expect((await verifyFrom(user.stranger(), built, built.at(2))).code).toBe(0);
    const accepted = await verifyFrom(user.home, built, built.at(2), '--allow-downgrade');
    expect([accepted.code, accepted.codes]).toEqual([0, ['downgrade-accepted']]);
    expect(accepted.json?.findings[0]?.message).toContain('is older than');
    // Who went back once on purpose is not served old states from then on.
    expect((await verifyFrom(user.home, built, built.at(2))).codes).toEqual(['history-downgrade']);
  });

  test('a forge that does not even have what was seen', async () => {
    const built = user.build(LINEAR);
    const short = user.build({ ...LINEAR, steps: LINEAR.steps.slice(0, 2) });
    expect(short.line).toEqual(built.line.slice(0, 3));
    await verifyFrom(user.home, built);
    const served = await verifyFrom(user.home, short);
    expect(served.code).toBe(1);
    expect(served.codes).toContain('history-downgrade');
  });

  test('a fork by a forge that does not have what was seen', async () => {
    const built = user.build(LINEAR);
    const other = user.build(changed(LINEAR, 2, { by: 'carol', approved: ['alice'] }));
    expect(other.line.slice(0, 2)).toEqual(built.line.slice(0, 2));
    await verifyFrom(user.home, built);
    // As many steps without what was seen are another line; fewer may be an older state as well.
    const told = await verifyFrom(user.home, other);
    expect([told.code, told.codes]).toEqual([1, ['ledger-behind', 'history-fork']]);
    const fewer = await verifyFrom(user.home, other, other.at(2));
    expect([fewer.code, fewer.codes]).toEqual([1, ['ledger-behind', 'history-downgrade']]);
    expect(fewer.json?.findings[1]?.message).toMatch(/is not in the history of \w+, nor here at all/);
    expect((await verifyFrom(user.home, other, other.at(2), '--allow-downgrade')).code).toBe(0);
    expect((await verifyFrom(user.home, other)).codes).toContain('history-fork');
    // Who accepts the fork takes it for the branch from then on.
    const accepted = await verifyFrom(user.home, other, 'master', '--allow-downgrade');
    expect([accepted.code, accepted.codes]).toEqual([0, ['downgrade-accepted', 'downgrade-accepted']]);
    expect(accepted.json?.findings[1]?.message).toContain('the branch was forked');
    expect((await verifyFrom(user.home, other)).codes).toEqual([]);
  });

  test('a fork that is valid by itself', async () => {
    const built = user.build(LINEAR);
    const fork = sibling(built);
    expect((await verifyFrom(user.stranger(), built, fork)).code).toBe(0);
    await verifyFrom(user.home, built);
    const told = await verifyFrom(user.home, built, fork);
    expect(outcome(told)).toMatchObject({ code: 1, outcome: 'fail', codes: ['history-fork'] });
    expect((await verifyFrom(user.home, built, fork, '--newest-proven')).code).toBe(1);
    expect((await verifyFrom(user.home, built, fork, '--allow-downgrade')).code).toBe(0);
  });

  test('what was seen, merged into a fork as a second parent', async () => {
    const built = user.build(LINEAR);
    const fork = sibling(built);
    await verifyFrom(user.home, built);
    const { scene, ledger } = built;
    const merge = scene.merge(fork as never, built.at(3), { as: 'carol' });
    ledger.append([
      {
        kind: 'other',
        step: 0,
        by: 'bob',
        text: scene.review({ as: 'bob', base: fork as never, head: built.at(3) }),
      },
    ]);
    const told = await verifyFrom(user.home, built, merge);
    expect(told.code).not.toBe(0);
    expect(told.codes).toContain('history-fork');
  });

  test('--newest-proven never goes back either', async () => {
    const built = user.build(extended(LINEAR, { by: null }));
    expect((await verifyFrom(user.home, built, 'master', '--newest-proven')).code).toBe(0);
    const again = await verifyFrom(user.home, built, 'master', '--newest-proven');
    expect([again.code, again.json?.accepted]).toEqual([0, built.at(3)]);
    const old = await verifyFrom(user.home, built, built.at(1), '--newest-proven');
    expect(old.codes).toContain('history-downgrade');
    expect(old.code).toBe(1);
  });
});

describe('the ledger', () => {
  test('rewritten since it was seen', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    withoutEntries(built, ({ step }) => step === 2);
    const told = await verifyFrom(user.home, built);
    expect(told.code).toBe(1);
    expect(told.codes).toContain('ledger-rewritten');
    const remedies = told.json?.findings.find(({ code }) => code === 'ledger-rewritten')?.remedy ?? [];
    expect(remedies[0]).toContain('ask a maintainer whether that was meant, by another way than the forge');
    expect(remedies[1]).toContain('`--allow-downgrade` accepts the ledger');
    expect(remedies[2]).toMatch(/^a maintainer .*`countersign archive --accept-rewrite`/);
  });

  test('with a commit on top of it that takes an entry out', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    withoutEntries(built, ({ step }) => step === 2, 'on top');
    const told = await verifyFrom(user.home, built);
    expect([told.code, told.codes]).toEqual([1, ['ledger-rewritten']]);
  });

  test('with the same files, but another past', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    built.ledger.set(built.ledger.make(built.ledger.entries, null));
    expect((await verifyFrom(user.home, built)).codes).toContain('ledger-rewritten');
    expect((await verifyFrom(user.stranger(), built)).code).toBe(0);
  });

  test('left out on purpose is not gone, and does not make it forgotten', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    const without = await verifyFrom(user.home, built, 'master', '--no-ledger');
    expect(without.codes).not.toContain('ledger-rewritten');
    await verifyFrom(user.home, built, 'master', '--no-ledger', '--allow-downgrade');
    withoutEntries(built, ({ step }) => step === 2);
    expect((await verifyFrom(user.home, built)).codes).toContain('ledger-rewritten');
  });

  test('gone, or set back', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    for (const tip of [null, built.ledger.tips[0] ?? null]) {
      built.ledger.set(tip);
      const told = await verifyFrom(user.home, built);
      expect(told.code).toBe(1);
      expect(told.codes).toContain('ledger-rewritten');
    }
  });
});

describe('what is remembered belongs to what it depends on (row 19)', () => {
  test.each<[string, (path: string) => void]>([
    [
      'a file that others may read',
      (path) => {
        chmodSync(path, 0o644);
      },
    ],
    [
      'a folder that others may write',
      (path) => {
        chmodSync(join(path, '..'), 0o777);
      },
    ],
  ])('%s is ignored, and said so', async (_, spoil) => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    spoil(memoryOf(user.home));
    const told = await verifyFrom(user.home, built, built.at(2));
    expect(told.codes).toContain('memory-ignored');
  });

  test('garbage is never taken for having seen nothing', async () => {
    const built = user.build(LINEAR);
    await verifyFrom(user.home, built);
    const path = memoryOf(user.home);
    writeFileSync(path, '{}');
    const told = await verifyFrom(user.home, built);
    expect([told.code, told.codes]).toEqual([2, ['memory-damaged']]);
    expect(told.json?.findings[0]?.message).toContain(path);
    expect(told.json?.findings[0]?.remedy[0]).toContain(`remove \`${path}\``);
    built.git(['config', 'remote.origin.url', 'https://github.com/acme/nixpkgs']);
    const entry = { url: 'https://github.com/acme/nixpkgs', introduction: built.at(0) };
    const trust = ['--trust', writeTrust(user.home, entry)];
    const known = await verifyAs(user.home, built, [...trust, 'master']);
    expect(known.codes).toEqual(['memory-damaged']);
    expect(known.json?.findings[0]?.remedy[0]).toContain(`countersign trust forget ${entry.url}`);
    expect(readFileSync(path, 'utf8')).toBe('{}');
    expect((await runCli(user.home, ['trust', 'forget', entry.url, ...trust])).code).toBe(0);
    expect((await verifyAs(user.home, built, [...trust, 'master'])).code).toBe(0);
  });

  test.each<[string, (built: Built) => Readonly<Record<string, unknown>>]>([
    ['a commit that is not there', () => ({ commit: 'a'.repeat(40) })],
    ['another policy', () => ({ policy: '0'.repeat(64) })],
  ])('a state with %s proves nothing', async (_, edit) => {
    // The third step is bad; somebody wrote that it was proven.
    const built = user.build(changed(LINEAR, 3, { approved: [] }));
    await verifyFrom(user.home, built, built.at(2));
    const path = memoryOf(user.home);
    const memory = JSON.parse(readFileSync(path, 'utf8')) as { remembered: { state: object } };
    Object.assign(memory.remembered.state, { commit: built.at(3) }, edit(built));
    writeFileSync(path, JSON.stringify(memory));
    const told = await verifyFrom(user.home, built);
    expect(told.code).not.toBe(0);
  });

  test('another version of the program judges anew', async () => {
    const built = user.build(changed(LINEAR, 3, { approved: [] }));
    await verifyFrom(user.home, built, built.at(2));
    const path = memoryOf(user.home);
    const memory = JSON.parse(readFileSync(path, 'utf8')) as {
      remembered: { verifier: string; state: { commit: string } };
    };
    memory.remembered.state.commit = built.at(3);
    writeFileSync(path, JSON.stringify(memory));
    // By the same version it is the user's own word.
    expect((await verifyFrom(user.home, built)).code).toBe(0);
    memory.remembered.verifier = '0.0.0';
    writeFileSync(path, JSON.stringify(memory));
    expect((await verifyFrom(user.home, built)).code).toBe(3);
  });

  test('another branch, introduction or policy has a memory of its own', async () => {
    const built = user.build({
      ...LINEAR,
      policy: { match: '[master, "release-*"]', merges: '{ github-button: clean }' },
    });
    await verifyFrom(user.home, built);
    // The same commits under another branch's name: the reviews were for master.
    const other = await verifyFrom(user.home, built, 'master', '--branch', 'release-1');
    expect(other.code).toBe(3);
    expect(other.codes).toContain('statement-other-branch');
    const later = await verifyFrom(user.home, { ...built, line: built.line.slice(2) }, built.at(2));
    expect(later.json).toMatchObject({ outcome: 'pass', from: built.at(2), steps: 0 });
    const weak = built.scene.policyFiles({ require: ['{ name: alone, people: 1, from: maintainers }'] });
    for (const [path, content] of Object.entries(weak)) {
      mkdirSync(join(user.home, path, '..'), { recursive: true });
      writeFileSync(join(user.home, path), content);
    }
    const given = ['--policy', join(user.home, '.countersign/policy.yaml')];
    const byWeak = await verifyFrom(user.home, built, built.at(1), ...given);
    expect([byWeak.code, byWeak.codes]).toEqual([0, []]);
  });
});
