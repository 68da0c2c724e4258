import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
let nowhere: string;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  nowhere = join(stage.home, `nowhere-${Date.now()}`);
  // Nobody makes anything there, not even root.
  symlinkSync('/sys', nowhere);
  vi.stubEnv('XDG_STATE_HOME', nowhere);
});
afterEach(() => {
  vi.stubEnv('XDG_STATE_HOME', '');
  vi.stubEnv('HOME', stage.home);
  vi.stubEnv('TMPDIR', undefined);
});

const TRACKED = 'refs/remotes/origin/master';

test('where nothing can be unpacked, that is said instead of a stack', async () => {
  vi.stubEnv('TMPDIR', nowhere);
  for (const args of [['fetch'], ['pull'], ['fetcher-snippet', 'HEAD'], ['verify', 'HEAD']]) {
    const { code, out, err } = await stage.cli(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`no folder can be made in \`${nowhere}\``);
    expect(err).toContain('TMPDIR');
    expect(err).not.toMatch(/^ +at /m);
  }
});

test('a trust file with errors is shown with all of them, as trust list shows it', async () => {
  const trust = join(stage.home, 'broken.yaml');
  writeFileSync(trust, 'version: 1\nrepositories:\n  - url: here\n    brnch: master\n');
  const { code, err } = await stage.cli('fetch', '--trust', trust);
  expect(code).toBe(2);
  expect(err).toContain(`${trust}:4:`);
  expect(err).toMatch(/^ *\^/m);
  expect(err.match(/broken\.yaml:[0-9]+:[0-9]+/g)?.length).toBeGreaterThan(1);
});

describe('where nothing can be remembered', () => {
  test('what is proven is fetched and pulled, and it is said which folder, what for and what to do', async () => {
    await stage.publish(2);
    const { code, json } = await stage.json('fetch');
    expect(code).toBe(0);
    expect(json.branches[0]?.accepted).toBe(stage.built.at(2));
    expect(json.branches[0]?.findings).toMatchObject([{ code: 'memory-not-kept', outcome: 'pass' }]);
    const { code: pulled, out } = await stage.cli('pull');
    expect(pulled).toBe(0);
    expect(await stage.id('HEAD')).toBe(stage.built.at(2));
    expect(out).toContain(join(nowhere, 'countersign/history'));
    expect(out).toContain('an older state could be served next time');
    expect(out).toContain('    → make that folder writable, or let XDG_STATE_HOME name one');
  });

  test('a remote-tracking branch is the memory then: it goes forward alone, or where the user says so', async () => {
    await stage.publish(2);
    await stage.cli('fetch');
    await stage.publish(1);
    const before = await stage.refs();
    const { code, out } = await stage.cli('fetch');
    expect(code).toBe(2);
    expect(out).toContain('from where the branch was before');
    expect(await stage.refs()).toEqual(before);
    expect((await stage.cli('fetch', '--allow-downgrade')).code).toBe(0);
    expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(1));
  });

  test('a revision is verified all the same, and that is said', async () => {
    for (const state of [nowhere, '']) {
      vi.stubEnv('XDG_STATE_HOME', state);
      if (state === '') vi.stubEnv('HOME', '');
      const { code, out } = await stage.cli(
        ...['verify', 'HEAD', '--introduction', stage.built.at(0), '--branch', 'master'],
      );
      expect(code).toBe(0);
      expect(out).toMatch(/^pass: HEAD is proven on master\n/);
      expect(out).toContain(`proven, but not remembered: ${state === '' ? 'neither' : `\`${nowhere}`}`);
      const remedy = state === '' ? 'let XDG_STATE_HOME name a folder' : 'make that folder writable';
      expect(out).toContain(`[memory-not-kept]\n    → ${remedy}`);
    }
  });

  test('nor does it pass in silence where there is no home at all', async () => {
    const trust = join(stage.home, '.config/countersign/trust.yaml');
    vi.stubEnv('XDG_STATE_HOME', '');
    vi.stubEnv('HOME', '');
    const { code, json } = await stage.json('fetch', '--trust', trust);
    expect(code).toBe(0);
    expect(json.branches[0]?.findings).toMatchObject([{ code: 'memory-not-kept' }]);
  });
});
