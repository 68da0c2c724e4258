import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFork, type Fork } from '../fork/fork.ts';
import { policyText } from '../fork/policy.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** The real process, as `npm run countersign` starts it. */
async function countersign(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; out: string; err: string }> {
  const command = ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts'), ...args];
  try {
    const { stdout, stderr } = await run(process.execPath, command, {
      cwd,
      env: { PATH: process.env['PATH'] ?? '' },
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, out: failed.stdout, err: failed.stderr };
  }
}

let fork: Fork;
let base: string;
let head: string;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  base = await fork.setPolicy();
  await fork.git('branch', '--force', 'master', base);
  head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
});
afterAll(async () => {
  await fork.close();
});

describe('exit codes', () => {
  test('0 for a pass, 1 for a fail, 3 for missing signatures', async () => {
    const review = join(fork.keys.home, 'review.txt');
    await writeFile(review, await fork.review({ as: 'bob', base, head }));
    const range = ['verify', '--base', base, '--head', head, '--branch', 'master'];
    expect((await countersign([...range, '--statements', review], fork.dir)).code).toBe(0);
    expect((await countersign(range, fork.dir)).code).toBe(3);
    const bad = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, on: base });
    expect(
      (await countersign(['verify', '--base', base, '--head', bad, '--branch', 'master'], fork.dir)).code,
    ).toBe(1);
  });

  test.each([
    [['verify', '--head', 'HEAD', '--base', 'nothing', '--branch', 'master'], 2],
    [['verify', '--head', 'HEAD', '--base', 'HEAD', '--branch', 'master', '--statements', 'nowhere.txt'], 2],
    [['verify', '--repository', '/', '--branch', 'master'], 2],
    [['verify', '--frob'], 64],
    [['verify', '--branch', 'a..b', '--base', 'HEAD'], 64],
    [['frob'], 64],
    [[], 64],
    [['policy', 'lint', 'nowhere.yaml'], 2],
    [['statement', 'review', '--head', 'HEAD'], 64],
    [['--help'], 0],
    [['verify', '--help'], 0],
    [['--version'], 0],
  ])('%j: %i', async (args, code) => {
    expect((await countersign(args, fork.dir)).code).toBe(code);
  });
});

describe('verify', () => {
  test('takes the branch from the base, and the base from the branch', async () => {
    for (const args of [
      ['--base', 'master'],
      ['--branch', 'master'],
    ]) {
      const { out } = await countersign(['verify', ...args, '--head', head, '--json'], fork.dir);
      expect(JSON.parse(out)).toMatchObject({
        outcome: 'pending',
        target: { branch: 'master', tip: base, head },
      });
    }
  });

  test('works from a folder inside the repository', async () => {
    await mkdir(join(fork.dir, 'deep/er'), { recursive: true });
    const { out } = await countersign(
      ['verify', '--base', 'master', '--head', head, '--json'],
      join(fork.dir, 'deep/er'),
    );
    expect(JSON.parse(out)).toMatchObject({ outcome: 'pending' });
  });

  test('prints one JSON object and nothing else, whatever goes wrong', async () => {
    for (const args of [
      ['--base', 'nothing', '--branch', 'master'],
      ['--base', 'master', '--head', 'nothing'],
    ]) {
      const { out, err } = await countersign(['verify', '--json', ...args], fork.dir);
      expect(JSON.parse(out)).toMatchObject({
        outcome: 'undetermined',
        findings: [{ code: 'world-unreadable' }],
      });
      expect(err).toBe('');
    }
  });

  test('reads several statements from one file, of both kinds of keys', async () => {
    const file = join(fork.keys.home, 'several.txt');
    const statements = [
      await fork.review({ as: 'bob', base, head, form: 'cleartext' }),
      await fork.review({ as: 'carol', base, head }),
      await fork.review({ as: 'dave', base, head }),
    ];
    await writeFile(file, statements.join('\n').replaceAll('\n', '\r\n'));
    const { out } = await countersign(
      ['verify', '--base', 'master', '--head', head, '--statements', file, '--json'],
      fork.dir,
    );
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'pass',
      people: { approvers: ['bob', 'carol', 'dave'] },
    });
  });

  test('prints no colour into a pipe', async () => {
    const { out } = await countersign(['verify', '--base', 'master', '--head', head], fork.dir);
    expect(out).not.toContain('\u001b');
  });
});

describe('statement review', () => {
  test('prints the text alone, ready to be signed', async () => {
    const args = ['--base', 'master', '--head', head, '--as', 'bob', '--note', 'built it', '--serial', '7'];
    const { code, out } = await countersign(['statement', 'review', ...args], fork.dir);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `^countersign: review/v1\nproject: github.com/acme/nixpkgs\nbranch: master\nbase: ${base}\nhead: ${head}\n` +
          'change: sha256:[0-9a-f]{64}\ndecision: approve\nreviewer: bob\nserial: 7\nnote: built it\n$',
      ),
    );
  });

  test.each([
    ['somebody whom the policy does not know', ['--as', 'zoe'], 64, 'alice, bob, carol, dave'],
    [
      'a decision that there is not',
      ['--as', 'bob', '--decision', 'maybe'],
      64,
      'approve, reject or withdraw',
    ],
    ['a serial that is none', ['--as', 'bob', '--serial', '0'], 64, 'whole number'],
    ['a note with a line break', ['--as', 'bob', '--note', 'a\nb'], 64, 'line'],
  ])('refuses %s and says what is possible', async (_what, more, code, hint) => {
    const result = await countersign(
      ['statement', 'review', '--base', 'master', '--head', head, ...more],
      fork.dir,
    );
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(hint);
  });
});

describe('a review that could not count', () => {
  test('is not printed: nothing in it, the wrong way round, or for a branch without a rule', async () => {
    const review = async (...args: string[]): Promise<number> =>
      (await countersign(['statement', 'review', '--as', 'bob', ...args], fork.dir)).code;
    expect(await review('--base', 'master', '--head', 'master')).toBe(64);
    expect(await review('--branch', 'master', '--base', head, '--head', base)).toBe(64);
    expect(await review('--branch', 'elsewhere', '--base', base, '--head', head)).toBe(64);
    expect(await review('--branch', 'master', '--base', base, '--head', head)).toBe(0);
  });
});

describe('a command that is told to end', () => {
  test('leaves no repository of its own behind', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'ct-'));
    const args = ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts')];
    const child = spawn(process.execPath, [...args, 'verify', '--base', 'master', '--head', head], {
      cwd: fork.dir,
      env: { PATH: process.env['PATH'], TMPDIR: temporary },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (child.exitCode === null && (await readdir(temporary)).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    child.kill('SIGTERM');
    await ended;
    expect(await readdir(temporary)).toEqual([]);
    await rm(temporary, { recursive: true, force: true });
  });
});

describe('policy lint', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cl-'));
    await mkdir(join(folder, 'keys'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('shows file, line, column, the line and a caret', async () => {
    const text = policyText(fork.people).replace('from: maintainers', 'from: nobody');
    await writeFile(join(folder, 'policy.yaml'), text);
    const { code, out } = await countersign(['policy', 'lint', 'policy.yaml'], folder);
    const number = text.split('\n').findIndex((line) => line.includes('from: nobody')) + 1;
    const line = text.split('\n')[number - 1] ?? '';
    const column = line.indexOf('nobody') + 1;
    expect(code).toBe(1);
    expect(out).toContain(`policy.yaml:${number}:${column}: error: `);
    expect(out).toContain(`\n  ${line}\n  ${' '.repeat(column - 1)}${'^'.repeat(6)}\n`);
  });

  test('reads the certificates beside the policy', async () => {
    await writeFile(join(folder, 'policy.yaml'), policyText(fork.people));
    const bob = fork.people.get('bob');
    if (bob?.kind !== 'openpgp') throw new Error('bob has no certificate');
    await writeFile(join(folder, 'keys', 'bob.asc'), bob.certificate);
    await writeFile(join(folder, 'keys', 'nonsense.asc'), 'this is no key\n');
    const { code, out } = await countersign(['policy', 'lint', 'policy.yaml', '--json'], folder);
    const { diagnostics } = JSON.parse(out) as { diagnostics: { file: string; code: string }[] };
    expect(code).toBe(1);
    expect(diagnostics.map((one) => [one.file, one.code])).toEqual([
      ['keys/nonsense.asc', 'key-file-unreadable'],
      ['policy.yaml', 'policy-certificate-missing'],
      ['policy.yaml', 'lockout-quorum-tight'],
    ]);
  });

  test('finds one key under two people as SSH key and as OpenPGP subkey', async () => {
    await rm(join(folder, 'keys', 'nonsense.asc'));
    const bob = fork.people.get('bob');
    if (bob?.kind !== 'openpgp') throw new Error('bob has no certificate');
    const twice = policyText(fork.people).replace(
      'groups:',
      `  erin:\n    keys:\n      - openpgp: ${bob.fingerprint.toLowerCase()}\ngroups:`,
    );
    await writeFile(join(folder, 'policy.yaml'), twice);
    const { code, out } = await countersign(['policy', 'lint', 'policy.yaml'], folder);
    expect(code).toBe(1);
    expect(out).toContain('policy-key-shared');
  });

  test('of the example is clean but for the certificates that it cannot bring, and what follows from that', async () => {
    const { code, out } = await countersign(['policy', 'lint', 'policy.example.yaml', '--json'], root);
    const { ok, diagnostics } = JSON.parse(out) as { ok: boolean; diagnostics: { code: string }[] };
    expect([code, ok, [...new Set(diagnostics.map((one) => one.code))]]).toEqual([
      0,
      true,
      ['policy-certificate-missing', 'lockout-quorum-unreachable', 'lockout-quorum-tight'],
    ]);
  });
});
