import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PullStage } from './pull-stage.ts';
import { usePullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
});

const TRACKED = 'refs/remotes/origin/master';
const LEDGER = 'refs/remotes/origin/countersign/ledger';

describe('fetch', () => {
  test('brings what is proven, and changes nothing else', async () => {
    const before = await stage.refs();
    await stage.publish(2);
    const { code, json, err } = await stage.json('fetch');
    expect(code).toBe(0);
    expect(json.branches[0]).toMatchObject({
      branch: 'master',
      before: stage.built.at(1),
      accepted: stage.built.at(2),
      outcome: 'pass',
      ahead: 0,
    });
    expect(err).toContain(`has master at ${stage.built.at(2).slice(0, 10)}; here it is at`);
    const expected = new Map(before);
    for (const ref of [TRACKED, 'refs/remotes/origin/HEAD']) expected.set(ref, stage.built.at(2));
    expected.set(LEDGER, stage.built.ledger.tips.at(-1) ?? '');
    expect(await stage.refs()).toEqual(expected);
    expect(existsSync(join(stage.clone, '.git/FETCH_HEAD'))).toBe(false);
  });

  test('brings the newest commit that is proven, and says what the rest waits for', async () => {
    await stage.publish(4);
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(0);
    expect(json.branches[0]).toMatchObject({
      head: stage.built.at(4),
      accepted: stage.built.at(2),
      ahead: 2,
    });
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
    const { out } = await stage.cli('fetch');
    expect(out).toContain(`stays at ${stage.built.at(2).slice(0, 10)}`);
    expect(out).toContain('2 steps ahead of what is proven on master');
    expect(out).toMatch(/approval/);
  });

  test('takes a remote-tracking branch back that plain git had moved beyond what is proven', async () => {
    await stage.publish(4);
    await stage.must(['fetch', '--quiet']);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(4));
    expect((await stage.cli('fetch')).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });

  test('with --strict, changes nothing where the newest commit is not proven', async () => {
    await stage.publish(3);
    const before = await stage.refs();
    const { code, json } = await stage.json('fetch', '--strict');
    expect(code).toBe(3);
    expect(json.branches[0]).toMatchObject({ accepted: null, outcome: 'pending' });
    expect(await stage.refs()).toEqual(before);
  });

  test('asks for nothing twice where nothing is new', async () => {
    await stage.cli('fetch');
    const { code, err, out } = await stage.cli('fetch');
    expect(code).toBe(0);
    expect(err).toContain('the same as here');
    expect(err).not.toContain('downloading');
    expect(out).toContain('stays at');
  });

  test('several at one time come to the same', async () => {
    await stage.publish(2);
    const all = await Promise.all([1, 2, 3].map(() => stage.cli('fetch')));
    expect(all.map(({ code, err }) => [code, err.includes('meanwhile')])).toEqual([
      [0, false],
      [0, false],
      [0, false],
    ]);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });

  test('fetches into a bare repository', async () => {
    const bare = join(stage.home, 'bare.git');
    await stage.must(['init', '--quiet', '--bare', bare], { cwd: stage.home });
    await stage.must(['remote', 'add', 'origin', stage.remote], { cwd: bare });
    await stage.publish(2);
    expect((await stage.cli('fetch', '--repository', bare)).code).toBe(0);
    expect((await stage.refs(bare)).get(TRACKED)).toBe(stage.built.at(2));
  });
});

describe('a server that lies', () => {
  test('an older state than was seen is refused, and accepted where the user says so', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    await stage.publish(1);
    const before = await stage.refs();
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(1);
    expect(json.branches[0]?.accepted).toBeNull();
    expect(json.branches[0]?.findings.map((found) => found.code)).toContain('history-downgrade');
    expect(await stage.refs()).toEqual(before);
    expect((await stage.cli('fetch', '--allow-downgrade')).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(1));
  });

  test('a fork of what was seen is refused, however well it is signed', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    const fork = stage.built.extend(stage.built.at(1), { by: 'dave', approved: ['carol'] });
    const ledger = stage.built.ledger.make(
      [...stage.built.ledger.entries, ...fork.entries],
      stage.built.ledger.tips.at(-1) ?? null,
    );
    await stage.publish(fork.commit, ledger);
    const before = await stage.refs();
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(1);
    expect(json.branches[0]?.findings.map((found) => found.code)).toContain('history-fork');
    expect(await stage.refs()).toEqual(before);
  });

  test.each(['rewritten', 'gone'])('a ledger that is %s is refused', async (how) => {
    await stage.publish(2);
    await stage.cli('fetch');
    const before = await stage.refs();
    await stage.publish(4, how === 'gone' ? null : stage.built.ledger.make(stage.built.ledger.entries, null));
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(1);
    expect(json.branches[0]?.findings.map((found) => found.code)).toContain('ledger-rewritten');
    expect(json.notes.join()).toContain('ask a maintainer');
    expect(await stage.refs()).toEqual(before);
    expect((await stage.cli('fetch', '--allow-downgrade')).code).toBe(0);
    const now = (await stage.refs()).get(LEDGER);
    expect(now).toBe(
      (await stage.refs(stage.remote)).get('refs/heads/countersign/ledger') ?? before.get(LEDGER),
    );
    const after = await stage.json('fetch');
    expect([after.code, after.json.notes.length]).toEqual(how === 'gone' ? [0, 1] : [0, 0]);
  });

  test('a branch that is gone moves nothing', async () => {
    const before = await stage.refs();
    await stage.must(['update-ref', '-d', 'refs/heads/master'], { cwd: stage.remote });
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(2);
    expect(json.branches[0]?.problem).toContain('no branch `master`');
    expect(await stage.refs()).toEqual(before);
  });

  test('an unsigned commit on top never becomes the remote-tracking branch', async () => {
    const bad = stage.built.extend(stage.built.at(2), { by: null });
    await stage.publish(bad.commit);
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(0);
    expect(json.branches[0]).toMatchObject({ accepted: stage.built.at(2), ahead: 1 });
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });
});

describe('whom the trust file names', () => {
  test('without an entry, it says how to add one and asks nobody', async () => {
    stage.trust([{ branch: 'stable' }]);
    const { code, err } = await stage.cli('fetch', '--branch', 'master');
    expect(code).toBe(64);
    expect(err).toContain(`countersign trust add ${stage.remote} --introduction COMMIT --branch master`);
    expect(err).toContain('`stable`');
    stage.trust([{ url: 'https://example.org/acme/nixpkgs' }]);
    expect((await stage.cli('fetch')).code).toBe(64);
  });

  test('another spelling of the URL is the same repository; a mirror is named with --as', async () => {
    stage.trust([{ url: `file://${stage.remote}/` }]);
    expect((await stage.cli('fetch')).code).toBe(0);
    stage.trust([{ url: 'https://example.org/acme/nixpkgs' }]);
    expect((await stage.cli('fetch', '--as', 'git@example.org:acme/nixpkgs.git')).code).toBe(0);
    await stage.must(['remote', 'set-url', 'origin', '../remote.git']);
    stage.trust();
    expect((await stage.cli('fetch')).code).toBe(0);
  });

  test('another introduction than the history has is a failure', async () => {
    const other = stage.built.extend(stage.built.at(0), { by: 'dave' });
    await stage.must(['push', '--quiet', stage.remote, `${other.commit}:refs/heads/other`], {
      cwd: stage.built.dir,
    });
    await stage.must(['fetch', '--quiet', 'origin', 'other']);
    stage.trust([{ introduction: other.commit }]);
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(1);
    expect(json.branches[0]?.findings.map((found) => found.code)).toContain('introduction-not-reached');
  });

  test('several branches are brought at once, and one that fails keeps none of the others', async () => {
    stage.trust([{}, { branch: 'gone' }]);
    await stage.publish(2);
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(2);
    expect(json.branches.map(({ branch, accepted }) => [branch, accepted])).toEqual([
      ['master', stage.built.at(2)],
      ['gone', null],
    ]);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(2));
  });
});
