import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { parsePolicy } from '../../src/core/policy/parse.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { must, openKeys, run, type GpgKey, type Keys, type SshKey } from '../keys/keys.ts';
import { openTerminal } from './review-stage.ts';

const noTerminal = !/util-linux/.test(String(spawnSync('script', ['--version']).stdout));
if (noTerminal) console.warn('skipped: two tests on a pseudo-terminal need `script` of util-linux');
const PROGRAM = resolve(import.meta.dirname, '../../src/cli/main.ts');

let keys: Keys;
let alice: GpgKey;
let bob: SshKey;
let home: string;
let dir: string;
beforeAll(async () => {
  keys = await openKeys();
  alice = await keys.makeGpgKey('alice');
  bob = await keys.makeSshKey('bob');
  home = await mkdtemp(join(tmpdir(), 'ci-'));
  await writeFile(
    join(home, 'gitconfig'),
    `[user]\n\tsigningkey = ${alice.fingerprint}\n\tname = alice\n\temail = a@example.org\n`,
  );
  await writeFile(join(home, 'bob.pub'), `${bob.publicKey}\n`);
});
beforeEach(async () => {
  dir = await mkdtemp(join(home, 'work-'));
  must('git', await run('git', ['init', '--quiet', '--initial-branch=master', dir]));
  must('git', await run('git', ['-C', dir, 'remote', 'add', 'origin', 'git@github.com:acme/nixpkgs.git']));
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await keys.close();
  await rm(home, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  return {
    HOME: home,
    GIT_CONFIG_GLOBAL: join(home, 'gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GNUPGHOME: keys.home,
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    NODE_NO_WARNINGS: '1',
  };
}

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    path: (given) => resolve(dir, given),
    paint: PLAIN,
    environment: environment(),
  });
  return { code, out, err };
}

async function refusal(...args: string[]): Promise<[number, string | undefined]> {
  const { code, out } = await cli('init', '--json', ...args);
  const { findings = [], diagnostics = [] } = JSON.parse(out) as {
    findings?: { code: string }[];
    diagnostics?: { code: string }[];
  };
  return [code, [...findings, ...diagnostics][0]?.code];
}

async function policy() {
  const parsed = parsePolicy(await readFile(join(dir, '.countersign/policy.yaml')));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.policy;
}

describe('init', () => {
  test('writes a policy that lint has no error about, in observe mode, with certificates', async () => {
    const { code, out } = await cli('init', '--as', 'alice', '--person', `bob=${join(home, 'bob.pub')}`);
    expect([code, out.split('\n')]).toEqual([
      0,
      [`.countersign/keys/${alice.fingerprint}.asc`, '.countersign/policy.yaml', ''],
    ]);
    const made = await policy();
    expect(made.project).toBe('github.com/acme/nixpkgs');
    expect([...made.people.keys()]).toEqual(['alice', 'bob']);
    expect(made.people.get('alice')?.keys).toEqual([{ kind: 'openpgp', fingerprint: alice.fingerprint }]);
    expect(
      made.branches.map(({ mode, require }) => [mode, require[0]?.people, require[0]?.approvals]),
    ).toEqual([['observe', 2, 1]]);
    expect((await cli('policy', 'lint')).code).toBe(0);
    expect((await cli('keys', 'list')).code).toBe(0);
  });

  test('takes SSH lines, fingerprints and odd names, and any number of people and branches', async () => {
    const people = await Promise.all(
      ['null', '1984', 'x-y.z'].map(async (name) => `${name}=${(await keys.makeSshKey(name)).publicKey}`),
    );
    const all = [`alice=${alice.fingerprint}`, `bob=${bob.publicKey}`, ...people];
    const options = all.flatMap((person) => ['--person', person]);
    const { code } = await cli('init', ...options, '--branch', "it's", 'release/24.05', '--quorum', '3');
    expect(code).toBe(0);
    const made = await policy();
    expect([...made.people.keys()].sort()).toEqual(['1984', 'alice', 'bob', 'null', 'x-y.z']);
    expect([made.governance.people, made.branches[0]?.require[0]?.approvals]).toEqual([3, 2]);
    expect((await cli('policy', 'lint')).code).toBe(0);
  });

  test('of one person asks for one', async () => {
    expect((await cli('init', '--as', 'alice')).code).toBe(0);
    expect((await policy()).governance.people).toBe(1);
    expect((await cli('policy', 'lint')).code).toBe(0);
  });

  test('overwrites nothing', async () => {
    await mkdir(join(dir, '.countersign'));
    await writeFile(join(dir, '.countersign/policy.yaml'), 'mine\n');
    expect(await refusal('--as', 'alice')).toEqual([1, 'policy-exists']);
    expect(await readFile(join(dir, '.countersign/policy.yaml'), 'utf8')).toBe('mine\n');
  });

  test.each([
    ['nobody', [], 64, 'people-missing'],
    ['a person without a key', ['--person', 'bob'], 64, 'usage'],
    ['a name that is none', ['--as', 'alice b'], 64, 'usage'],
    ['a file that is not there', ['--person', 'bob=nothing.pub'], 2, 'file-unreadable'],
    ['more people than there are', ['--as', 'alice', '--quorum', '2'], 64, 'usage'],
    ['a project that is none', ['--as', 'alice', '--project', 'nixpkgs'], 64, 'usage'],
    ['a branch that is none', ['--as', 'alice', '--branch', 'a..b'], 64, 'usage'],
  ])('refuses: %s', async (_what, args, code, finding) => {
    expect(await refusal(...args)).toEqual([code, finding]);
    expect(await readdir(dir)).toEqual(['.git']);
  });

  test('refuses one key for two people, and writes nothing', async () => {
    const [code, finding] = await refusal(
      '--person',
      `bob=${bob.publicKey}`,
      '--person',
      `carol=${bob.publicKey}`,
    );
    expect([code, finding]).toEqual([1, 'policy-key-shared']);
    expect(await readdir(dir)).toEqual(['.git']);
  });

  test('refuses outside of a repository', async () => {
    const { code, out } = await cli('init', '--json', '--as', 'alice', '--repository', '/');
    expect([code, JSON.parse(out)]).toMatchObject([2, { findings: [{ code: 'no-repository' }] }]);
  });

  test.skipIf(noTerminal)('asks on a terminal, and asks again for what cannot be used', async () => {
    const terminal = openTerminal([process.execPath, PROGRAM, 'init'], dir, environment());
    const answer = async (question: string, typed: string): Promise<void> => {
      await terminal.shows(question);
      terminal.type(`${typed}\r`);
    };
    await answer('your name', 'alice');
    await terminal.shows(`openpgp ${alice.fingerprint}`);
    await answer('another name', 'alice');
    await answer('another name', 'bob');
    await answer('the public key of bob', 'nothing.pub');
    await answer('the public key of bob', alice.fingerprint);
    await terminal.shows("that is alice's key");
    await answer('the public key of bob', '~/bob.pub');
    await terminal.shows('ssh-ed25519 SHA256:');
    await answer('another name', '');
    await answer('project [github.com/acme/nixpkgs]', 'nixpkgs');
    await terminal.shows('is no project such as');
    await answer('project [github.com/acme/nixpkgs]', '');
    await answer('branch [master]', 'a..b');
    await answer('branch [master]', '');
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain('https://github.com/web-flow.gpg');
    expect([...(await policy()).people.keys()]).toEqual(['alice', 'bob']);
  });

  test.skipIf(noTerminal)('writes nothing after Ctrl-C', async () => {
    const terminal = openTerminal([process.execPath, PROGRAM, 'init'], dir, environment());
    await terminal.shows('your name');
    terminal.type('alice\r');
    await terminal.shows('another name');
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(terminal.screen()).toContain('stopped; nothing was written');
    expect(await readdir(dir)).toEqual(['.git']);
  });
});
