import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/cli/log/line.ts';
import type { GpgKey, SshKey } from '../keys/keys.ts';
import { linesOf, openLogHistory, parseLines, type LogHistory } from './log-history.ts';

let history: LogHistory;
beforeAll(async () => {
  history = await openLogHistory();
}, 60_000);
afterAll(async () => {
  await history.close();
});

describe('people', () => {
  test('come from the policy of the default branch of origin, never from that of the commits', async () => {
    const { fork } = history;
    const alice = history.commits.get('by SSH')?.id ?? '';
    await fork.git('update-ref', 'refs/remotes/origin/main', alice);
    await fork.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    const { err, out } = await fork.cli('log', '-n', '1', alice);
    await fork.git('symbolic-ref', '--delete', 'refs/remotes/origin/HEAD');
    await fork.git('update-ref', '-d', 'refs/remotes/origin/main');
    // That commit has the empty tree.
    expect(err).toContain(
      `there is no policy at refs/remotes/origin/main (${alice.slice(0, 12)}), so nobody is named`,
    );
    expect(out).toContain("good         nobody's SHA256:");
    expect(err).toContain('1 commit: 1 good (1 by keys that nobody here has)');
  });

  test('come from another policy with --policy', async () => {
    const [line] = await linesOf(history, '--policy', 'master', '-n', '1', 'topic~17');
    expect(line).toMatchObject({ status: 'good', person: 'bob' });
  });

  test('are nobody under a broken policy, but its certificates verify; whoever names it gets no list', async () => {
    const { fork } = history;
    await fork.git('checkout', '--quiet', '-b', 'broken', 'master');
    const broken = await fork.commit({ files: { '.countersign/policy.yaml': 'version: 1\nfrob: x\n' } });
    const id = history.commits.get('by OpenPGP')?.id ?? '';
    const { code, out, err } = await fork.cli('log', '--json', '-n', '1', id);
    await fork.git('checkout', '--quiet', 'master');
    await fork.git('branch', '-D', '--quiet', 'broken');
    expect(code).toBe(0);
    expect(parseLines(out)).toMatchObject([
      { status: 'good', person: null, findings: [{ code: 'key-unknown' }] },
    ]);
    expect(err).toMatch(/^countersign log: warning: the policy of .* names nobody: line 1: /);
    const named = await fork.cli('log', '--json', '--policy', broken, '-n', '1', id);
    expect([named.code, named.out]).toEqual([2, '']);
  });
});

describe('--keys', () => {
  let folder: string;
  beforeAll(async () => {
    const { people } = history.fork;
    folder = await mkdtemp(join(tmpdir(), 'cn-'));
    await mkdir(join(folder, 'deep/er'), { recursive: true });
    await writeFile(join(folder, 'deep/er/alicia.pub'), `${(people.get('alice') as SshKey).publicKey}\n`);
    await writeFile(join(folder, 'robert.asc'), (people.get('bob') as GpgKey).certificate);
    const carol = (people.get('carol') as SshKey).publicKey;
    await writeFile(join(folder, 'signers'), `# people\ncarol@example.org namespaces="git" ${carol}\n`);
    await writeFile(join(folder, 'README.md'), 'keys of our people\n');
    await symlink('/etc/passwd', join(folder, 'link.pub'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const lineOf = async (what: string): Promise<{ line: LogLine | undefined; err: string }> => {
    const { code, out, err } = await history.fork.cli('log', '--json', '--keys', folder, 'topic');
    expect(code).toBe(0);
    const id = history.commits.get(what)?.id;
    return { line: parseLines(out).find(({ commit }) => commit === id), err };
  };

  test('names people by the files that their keys are in', async () => {
    const { line, err } = await lineOf('by SSH');
    expect(line).toMatchObject({ status: 'good', person: 'alicia', findings: [] });
    expect((await lineOf('by OpenPGP')).line).toMatchObject({
      status: 'good',
      person: 'robert',
      findings: [],
    });
    // A folder of keys demands no touch.
    expect((await lineOf('not touched')).line).toMatchObject({ person: 'signers', findings: [] });
    expect((await lineOf('by an expired key')).line).toMatchObject({ status: 'unknown-key', person: null });
    expect(err).not.toContain('link.pub');
  });

  test("takes a key under two names for nobody's", async () => {
    const { people } = history.fork;
    await writeFile(join(folder, 'deep/other.pub'), `${(people.get('alice') as SshKey).publicKey}\n`);
    await writeFile(join(folder, 'deep/bobby.gpg'), (people.get('bob') as GpgKey).certificate);
    for (const [what, names] of [
      ['by SSH', 'alicia, other'],
      ['by OpenPGP', 'bobby, robert'],
    ] as const) {
      const { line } = await lineOf(what);
      expect(line).toMatchObject({
        status: 'good',
        person: null,
        findings: [{ code: 'key-shared', message: `one key under several names: ${names}` }],
      });
    }
    await unlink(join(folder, 'deep/other.pub'));
    await unlink(join(folder, 'deep/bobby.gpg'));
  });

  test('is no trouble where one name has a key twice', async () => {
    await writeFile(join(folder, 'deep/robert.gpg'), (history.fork.people.get('bob') as GpgKey).certificate);
    expect((await lineOf('by OpenPGP')).line).toMatchObject({ person: 'robert', findings: [] });
    await unlink(join(folder, 'deep/robert.gpg'));
  });
});
