import { expect, test } from 'vitest';
import { useFork, withStranger } from './attack.ts';

const shared = useFork();

test('row 27: a key that nobody pinned approves nothing, whomever the statement names', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  await withStranger(fork, async () => {
    const report = await fork.verify(base, head, [
      await fork.review({ as: 'bob', base, head, key: 'mallory' }),
    ]);
    expect(report.outcome).toBe('pending');
    expect(report.codes).toContain('statement-key-not-theirs');
  });
});

test("row 27: one person's key does not speak for another person", async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head, key: 'carol' })]);
  expect(report.codes).toContain('statement-key-not-theirs');
  expect(report.people.approvers).toEqual([]);
});

test('row 27: a bot signs commits within its paths, and never counts as a person', async () => {
  const { fork } = shared;
  const bot = await fork.keys.makeSshKey('updater');
  const pin = bot.publicKey.split(' ').slice(0, 2).join(' ');
  const base = await fork.setPolicy({
    extra: `bots:\n  updater: { keys: [{ ssh: "${pin}" }], paths: ["pkgs/by-name/**"] }\n`,
  });
  fork.people.set('updater', bot);
  const inside = await fork.commit({ files: { 'pkgs/by-name/a.nix': '1\n' }, as: 'updater', on: base });
  const outside = await fork.commit({ files: { 'lib/a.nix': '1\n' }, as: 'updater', on: base });
  fork.people.delete('updater');

  const alone = await fork.verify(base, inside);
  expect([alone.outcome, alone.people.behind]).toEqual(['pending', []]);
  const bob = await fork.review({ as: 'bob', base, head: inside });
  const carol = await fork.review({ as: 'carol', base, head: inside });
  expect((await fork.verify(base, inside, [bob])).outcome).toBe('pending');
  expect((await fork.verify(base, inside, [bob, carol])).outcome).toBe('pass');
  expect((await fork.verify(base, outside)).codes).toContain('commit-outside-paths');
});
