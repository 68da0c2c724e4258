import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { buildHistory, type Built } from '../histories/build.ts';
import { hasNix, openNix, sayWithoutNix, type Nix } from './nix.ts';

sayWithoutNix('fetching with what `countersign fetcher-snippet` prints');

let root: string;
let home: string;
let built: Built;
let openpgp: Built;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cs-snippet-'));
  built = buildHistory({
    about: 'two reviewed steps, then one that nobody reviewed',
    steps: [
      { by: 'alice', files: { 'a.nix': '"one"\n' }, approved: ['bob'] },
      {
        by: 'carol',
        files: { 'a.nix': '"two"\n', '.gitattributes': 'b export-subst\n' },
        approved: ['alice', 'bob', 'dave'],
      },
      { by: 'carol', files: { 'a.nix': '"three"\n' } },
    ],
  });
  openpgp = buildHistory({ about: 'signed by gpg', steps: [{ by: 'bob', approved: ['alice'] }] });
});
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  built.remove();
  openpgp.remove();
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, as somebody whose home is `home`. */
async function runCli(args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await main(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    path: (given) => resolve(home, given),
    paint: PLAIN,
    environment: { HOME: home },
  });
  return { code, out, err };
}

/** Runs it on a history, from its introduction unless the trust file shall say. */
function snippet(of: Built, revision: string, ...more: string[]): Promise<Ran> {
  const place = ['--repository', of.dir, '--url', `file://${of.dir}`, '--branch', 'master'];
  return runCli(['fetcher-snippet', revision, ...place, ...more]);
}
const from = (of: Built): readonly string[] => ['--introduction', of.at(0)];

test('a proven revision is printed with the keys of those who may sign', async () => {
  const { code, out, err } = await snippet(built, built.at(1), ...from(built));
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(err).toContain('1 step');
  expect(out).toContain(`rev = "${built.at(1)}";`);
  expect(out).toContain(`# proven by countersign from ${built.at(0)} on`);
  expect(out).toContain('# OpenPGP keys cannot be given to nix: bob, dave');
  expect([...out.matchAll(/\} # (\w+)/g)].map(([, person]) => person)).toEqual(['alice', 'carol']);
  expect(verifiesAsNixDoes(out)).toBe(true);
  // Without the key that signed it is no longer true.
  expect(verifiesAsNixDoes(out.replace(/.*# alice\n/, ''))).toBe(false);
});

test('a commit signed with OpenPGP is printed without verifyCommit, and says why', async () => {
  const { code, out } = await snippet(openpgp, 'master', ...from(openpgp));
  expect(code).toBe(0);
  expect(out).toContain('# this commit is signed with OpenPGP');
  expect(out).toContain('# without verifyCommit');
  expect(out).not.toContain('publicKeys');
});

test('what is not proven is not printed, the newest proven commit is where asked for', async () => {
  const refused = await snippet(built, 'master', ...from(built));
  expect(refused).toMatchObject({ code: 3, out: '' });
  expect(refused.err).toContain('nothing is printed');
  // What to do about the first step that does not hold, and here.
  expect(refused.err).toMatch(/^    → .* can review and sign$/m);
  expect(refused.err).toContain(
    `→ or take the newest proven commit, ${built.at(2).slice(0, 10)}: \`--newest-proven\``,
  );
  const newest = await snippet(built, 'master', '--newest-proven', ...from(built));
  expect(newest.code).toBe(0);
  expect(newest.out).toContain(`rev = "${built.at(2)}";`);
  expect(newest.out).toContain('.gitattributes:1 says export-subst');
});

test("the remote's ledger is judged by what was seen, whatever one's own branch still holds", async () => {
  const dir = join(home, 'clone.git');
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' }).trim();
  execFileSync('git', ['clone', '--quiet', '--bare', built.dir, dir]);
  const theirs = 'refs/remotes/origin/countersign/ledger';
  git('update-ref', theirs, 'refs/heads/countersign/ledger');
  const print = (): Promise<Ran> => snippet({ ...built, dir }, built.at(1), ...from(built));
  expect(await print()).toMatchObject({ code: 0 });
  // Somebody has begun the remote's ledger anew.
  const env = { GIT_AUTHOR_NAME: 'm', GIT_AUTHOR_EMAIL: 'm@example.org' };
  const who = { ...process.env, ...env, GIT_COMMITTER_NAME: 'm', GIT_COMMITTER_EMAIL: 'm@example.org' };
  const empty = execFileSync('git', ['-C', dir, 'mktree'], { input: '', encoding: 'utf8' }).trim();
  const made = execFileSync('git', ['-C', dir, 'commit-tree', '-m', 'anew', empty], { env: who });
  git('update-ref', theirs, made.toString('latin1').trim());
  const { code, out, err } = await print();
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('[ledger-rewritten]');
});

test('without an introduction it is printed under a banner, with --strict not at all', async () => {
  const loose = await snippet(built, 'master');
  expect(loose.code).toBe(0);
  expect(loose.out).toContain('# UNVERIFIED');
  expect(loose.err).toContain('UNVERIFIED');
  expect(await snippet(built, 'master', '--strict')).toMatchObject({ code: 1, out: '' });
});

test('the trust file says from where on, and what was seen is not gone back behind', async () => {
  mkdirSync(join(home, '.config/countersign'), { recursive: true });
  const entry = `{ url: "file://${built.dir}", project: github.com/acme/nixpkgs, branch: master, introduction: "${built.at(0)}" }`;
  writeFileSync(join(home, '.config/countersign/trust.yaml'), `version: 1\nrepositories:\n  - ${entry}\n`, {
    mode: 0o600,
  });
  const json = await snippet(built, built.at(2), '--json');
  expect(json.code).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({
    proven: true,
    rev: built.at(2),
    branch: 'master',
    verifyCommit: true,
    nix: '2.20',
  });
  const older = await snippet(built, built.at(1));
  expect(older).toMatchObject({ code: 1, out: '' });
  expect(older.err).toMatch(/^    → .*`--allow-downgrade`/m);
  expect(await snippet(built, built.at(1), '--allow-downgrade')).toMatchObject({ code: 0 });
});

test('where nothing can be remembered it is printed, with what is missing beside it', async () => {
  mkdirSync(join(home, '.local'));
  // Nobody makes anything there, not even root.
  symlinkSync('/sys', join(home, '.local/state'));
  const { code, out, err } = await snippet(built, built.at(1), ...from(built));
  expect(code).toBe(0);
  expect(out).toContain(`rev = "${built.at(1)}";`);
  expect(err).toContain(join(home, '.local/state/countersign'));
  expect(err).toContain('[memory-not-kept]\n    → ');
});

test('what cannot be meant is refused', async () => {
  expect(await snippet(built, 'master', '--form', 'fetchurl')).toMatchObject({ code: 64, out: '' });
  expect(await snippet(built, 'master', '--nix-version', 'x')).toMatchObject({ code: 64, out: '' });
  expect(await snippet(built, 'master', '--nix-version', '2.3')).toMatchObject({ code: 64, out: '' });
  expect(await snippet(built, 'master', '--branch', 'a..b')).toMatchObject({ code: 64, out: '' });
  expect(await snippet(built, 'master', '--introduction', 'master')).toMatchObject({ code: 64, out: '' });
  expect(await snippet(built, 'nowhere')).toMatchObject({ code: 2, out: '' });
  const args = ['fetcher-snippet', 'master', '--repository', built.dir];
  expect(await runCli(args)).toMatchObject({ code: 64, out: '' });
  expect(await runCli([...args, '--url', 'ext::sh -c true'])).toMatchObject({ code: 64, out: '' });
});

test('what would not be seen as it is, is refused: of the branch that a remote chose as its default, and of a URL', async () => {
  const git = (...args: string[]) => execFileSync('git', ['-C', clone, ...args], { stdio: 'pipe' });
  const clone = join(home, 'clone');
  execFileSync('git', ['clone', '--quiet', built.dir, clone], { stdio: 'pipe' });
  for (const odd of ['\u009b31mmaster', 'master\u202e', 'mas\u200bter', 'master\u2800']) {
    git('update-ref', `refs/remotes/origin/${odd}`, built.at(1));
    git('symbolic-ref', 'refs/remotes/origin/HEAD', `refs/remotes/origin/${odd}`);
    for (const more of [[], ['--json']]) {
      const { code, out, err } = await runCli([
        ...['fetcher-snippet', built.at(1), '--repository', clone, '--url', 'https://example.org/x'],
        ...more,
      ]);
      expect({ code, out }).toEqual({ code: 64, out: '' });
      expect(err).toMatch(/the branch `[^`]*\\u\{\w+\}[^`]*` has characters in its name that cannot be seen/);
      expect(err).not.toContain(odd);
    }
    // By which branch's rule an introduction judges is nothing that a remote chooses.
    const place = ['--repository', clone, '--url', 'https://example.org/x'];
    const proven = await runCli(['fetcher-snippet', built.at(1), ...place, ...from(built)]);
    expect(proven.code).toBe(0);
    expect(proven.out).toContain('ref = "master";');
    const url = ['--url', `https://example.org/${odd}`];
    const refused = await runCli(['fetcher-snippet', built.at(1), '--repository', clone, ...url]);
    expect(refused).toMatchObject({ code: 64, out: '' });
    expect(refused.err).not.toContain(odd);
  }
});

test('a password in a URL is never printed', async () => {
  const args = ['fetcher-snippet', 'master', '--repository', built.dir, '--branch', 'master'];
  const { out, err } = await runCli([...args, '--url', 'https://alice:secret@example.org/x']);
  expect(out).toContain('url = "https://example.org/x";');
  expect(out + err).not.toContain('secret');
});

test('a SHA-256 repository, which nix cannot fetch from, is refused', async () => {
  const other = buildHistory({ about: 'sha256', format: 'sha256', steps: [] });
  try {
    expect(await snippet(other, 'master')).toMatchObject({ code: 64, out: '' });
  } finally {
    other.remove();
  }
});

describe.skipIf(!hasNix)('nix fetches with it', () => {
  let nix: Nix;
  beforeAll(() => {
    nix = openNix();
  });
  afterAll(() => {
    nix.remove();
  });

  test.each(['fetchGit', 'fetchTree'])('%s: the tree that was proven, and no other', async (form) => {
    const { out } = await snippet(built, built.at(1), '--nix-version', '2.8', '--form', form, ...from(built));
    expect(out).toContain('# without verifyCommit, which nix 2.8 does not know (2.19 does)');
    expect(nix.evaluate(`import ((${out}) + "/a.nix")`)).toBe('one');
    const forged = out.replace(/narHash = "sha256-..../, 'narHash = "sha256-AAAA');
    expect(() => nix.evaluate(`(${forged}).outPath`)).toThrow(/NAR hash mismatch/);
  });

  test('from a folder whose name is an expression', async () => {
    const folder = join(root, 're po"${builtins.abort "x"}é');
    const moved = buildHistory({ about: 'moved', steps: [] });
    renameSync(moved.dir, folder);
    const options = ['--url', folder, '--branch', 'master', '--nix-version', '2.8'];
    const { code, out } = await runCli(['fetcher-snippet', 'master', '--repository', folder, ...options]);
    expect(code).toBe(0);
    expect(nix.evaluate(`builtins.readFile ((${out}) + "/README")`)).toBe('a fork\n');
  });
});

/** What nix does from 2.19 on (libfetchers/git-utils.cc, `verifyCommit`): allowed signers of these keys, and git itself. */
function verifiesAsNixDoes(expression: string): boolean {
  const keys = [...expression.matchAll(/type = "([^"]+)"; key = "([^"]+)"/g)];
  const rev = /rev = "([^"]+)"/.exec(expression)?.[1] ?? '';
  const signers = join(home, 'allowed_signers');
  writeFileSync(signers, keys.map(([, type = '', key = '']) => `* ${type} ${key}\n`).join(''));
  try {
    execFileSync(
      'git',
      ['-c', `gpg.ssh.allowedSignersFile=${signers}`, '-C', built.dir, 'verify-commit', rev],
      {
        stdio: 'ignore',
      },
    );
    return true;
  } catch {
    return false;
  }
}
