import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, verifyAs } from './ask.ts';
import type { Built } from './build.ts';
import { extended } from './edits.ts';
import { honest } from './honest.ts';
import { useUser, writeTrust } from './user.ts';

const user = useUser();
const URL = 'https://github.com/acme/nixpkgs';
const LINEAR = honest('linear');

function verify(built: Built, args: readonly string[], home = user.home) {
  built.git(['config', 'remote.origin.url', URL]);
  return verifyAs(home, built, args);
}

test('every error of a broken trust file is shown with its line and a caret, as `trust list` does', async () => {
  const built = user.build({ about: '', steps: [] });
  built.git(['config', 'remote.origin.url', URL]);
  const folder = join(user.home, '.config/countersign');
  mkdirSync(folder, { recursive: true });
  const own = join(folder, 'trust.yaml');
  writeFileSync(
    own,
    `version: 1\nrepositories:\n  - url: ${URL}\n    brunch: master\n    introduction: c0ffee\n`,
    {
      mode: 0o600,
    },
  );
  const listed = await runCli(user.home, ['trust', 'list']);
  expect(listed.err.match(/\^/g)?.length).toBeGreaterThan(2);
  for (const args of [[], ['master'], ['--trust', own]]) {
    const told = await runCli(user.home, ['verify', '--repository', built.dir, ...args]);
    expect(told).toEqual({ code: 2, out: '', err: listed.err });
  }
  const machine = await verifyAs(user.home, built, ['master']);
  const shown = JSON.parse((await runCli(user.home, ['trust', 'list', '--json'])).out) as {
    diagnostics: unknown[];
  };
  expect(machine.json).toMatchObject({ outcome: 'undetermined', diagnostics: shown.diagnostics });
  expect(shown.diagnostics.length).toBeGreaterThan(1);
});

describe('the user says where trust begins', () => {
  test('in a trust file, for the URL of origin', async () => {
    const built = user.build(LINEAR);
    const trust = writeTrust(user.home, { url: 'github:acme/nixpkgs', introduction: built.at(0) });
    expect(await verify(built, ['--trust', trust, 'master'])).toMatchObject({ code: 0, json: { steps: 3 } });
  });

  test('with another project, or another policy', async () => {
    const built = user.build(LINEAR);
    const entry = { url: URL, introduction: built.at(0) };
    const project = writeTrust(user.home, { ...entry, project: 'github.com/acme/other' });
    const told = await verify(built, ['--trust', project, 'master']);
    expect(told.code).not.toBe(0);
    expect(told.codes).toEqual(['introduction-project-differs']);
    const policy = writeTrust(user.home, { ...entry, policy: 'a'.repeat(64) });
    expect(await verify(built, ['--trust', policy, 'master'])).toMatchObject({
      code: 1,
      codes: ['introduction-policy-differs'],
    });
  });

  test("another branch's valid head is not this branch's (row 62)", async () => {
    const built = user.build({
      ...LINEAR,
      policy: { match: '[master, "release-*"]', merges: '{ github-button: clean }' },
      steps: [],
    });
    const { scene, ledger } = built;
    const [base] = built.line;
    if (base === undefined) throw new Error('no introduction');
    const head = scene.commit({ on: base, files: { 'pkgs/r.nix': '1\n' }, as: 'alice' });
    const text = scene.review({ as: 'bob', base, head, branch: 'release-1' });
    ledger.append([{ kind: 'other', step: 0, by: 'bob', text }]);
    const release = writeTrust(user.home, { url: URL, introduction: base, branch: 'release-1' });
    expect((await verify(built, ['--trust', release, head])).code).toBe(0);
    const master = writeTrust(user.home, { url: URL, introduction: base });
    const told = await verify(built, ['--trust', master, head]);
    expect(told.code).toBe(3);
    expect(told.codes).toContain('statement-other-branch');
  });

  test('a policy that gave itself another project on the way, once proven without, is not proven with one (row 19)', async () => {
    const built = user.build(
      extended(LINEAR, {
        by: 'alice',
        policy: { project: 'github.com/acme/other' },
        approved: ['bob', 'carol'],
      }),
    );
    const { scene, ledger } = built;
    const base = built.at(4);
    const head = scene.commit({ on: base, files: { 'pkgs/z.nix': '1\n' }, as: 'alice' });
    const text = scene.review({ as: 'bob', base, head, project: 'github.com/acme/other' });
    ledger.append([{ kind: 'other', step: 0, by: 'bob', text }]);
    const trust = writeTrust(user.home, {
      url: URL,
      introduction: built.at(0),
      project: 'github.com/acme/nixpkgs',
    });
    const fresh = await verify(built, ['--trust', trust, head], user.stranger());
    const first = await verify(built, ['--introduction', built.at(0), '--branch', 'master', head]);
    expect([fresh.code, first.code]).toEqual([2, 0]);
    const resumed = await verify(built, ['--trust', trust, head]);
    expect([resumed.code, resumed.codes]).toEqual([fresh.code, fresh.codes]);
  });
});

const ALONE = {
  governance: '{ people: 1, from: admins }',
  require: ['{ name: alone, people: 1, from: maintainers }'],
} as const;

describe('the judged repository does not say where trust in it begins', () => {
  /** A lock file in the work tree of what is judged. */
  function selfTrust(built: Built, branch: string, introduction: string): void {
    mkdirSync(built.dir, { recursive: true });
    const lines = [
      'version: 1',
      'repositories:',
      `  - url: ${URL}`,
      `    branch: ${branch}`,
      `    introduction: ${introduction}`,
    ];
    writeFileSync(join(built.dir, 'countersign.lock'), `${lines.join('\n')}\n`);
  }

  test('by a countersign.lock of its own, where the user trusts nothing', async () => {
    const built = user.build(LINEAR);
    const { scene } = built;
    // mallory's own beginning, with a policy that nobody else has agreed to.
    const own = scene.commit({
      files: scene.policyFiles(ALONE, ['mallory']),
      as: 'mallory',
    });
    const evil = scene.commit({ on: own, files: { 'lib/backdoor.nix': 'evil\n' }, as: 'mallory' });
    built.git(['update-ref', 'refs/heads/master', evil]);
    selfTrust(built, 'master', own);
    const told = await verify(built, []);
    expect(told.code).not.toBe(0);
  });

  test('by a countersign.lock of its own for another branch than the one that the user trusts', async () => {
    const built = user.build(LINEAR);
    const { scene } = built;
    const own = scene.commit({
      files: scene.policyFiles({ ...ALONE, match: '[main]' }, ['mallory']),
      as: 'mallory',
    });
    const evil = scene.commit({ on: own, files: { 'lib/backdoor.nix': 'evil\n' }, as: 'mallory' });
    built.git(['update-ref', 'refs/heads/main', evil]);
    built.git(['symbolic-ref', 'HEAD', 'refs/heads/main']);
    selfTrust(built, 'main', own);
    const folder = join(user.home, '.config/countersign');
    mkdirSync(folder, { recursive: true });
    writeTrust(folder, { url: URL, introduction: built.at(0) });
    const told = await verify(built, []);
    expect(told.code).not.toBe(0);
  });
});
