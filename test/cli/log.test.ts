import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCommit, store, withSignature } from '../core/object/made.ts';
import { forgeObject, makeScratch } from '../git/scratch.ts';
import type { SshKey } from '../keys/keys.ts';
import { linesOf, openLogHistory, parseLines, type LogHistory } from './log-history.ts';

const run = promisify(execFile);
const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** util-linux's, which gives a command a terminal of its own. */
const noTerminal = !/util-linux/.test(String(spawnSync('script', ['--version']).stdout));
if (noTerminal) console.warn('skipped: two tests on a pseudo-terminal need `script` of util-linux');

let history: LogHistory;
beforeAll(async () => {
  history = await openLogHistory();
}, 60_000);
afterAll(async () => {
  await history.close();
});

describe('a commit of every kind', () => {
  test('is said to be what it is', async () => {
    const found = new Map((await linesOf(history, 'topic')).map((line) => [line.commit as string, line]));
    for (const [what, { id, expected }] of history.commits) {
      const { codes, ...rest } = expected;
      const line = found.get(id);
      expect({ what, ...line }).toMatchObject({ what, ...rest });
      expect([what, line?.findings.map(({ code }) => code)]).toEqual([what, codes]);
    }
  });

  test('is one JSON object a line with exactly these keys in this order, in the order of git log', async () => {
    const { out } = await history.fork.cli('log', '--json', 'topic');
    const printed = parseLines(out);
    for (const line of printed) {
      expect(Object.keys(line)).toEqual([
        'commit',
        'kind',
        'status',
        'fingerprint',
        'primaryFingerprint',
        'person',
        'findings',
      ]);
      for (const finding of line.findings)
        expect(Object.keys(finding)).toEqual(['code', 'message', 'remedy']);
    }
    const order = (await history.fork.git('log', '--format=%H', 'topic')).split('\n');
    expect(printed.map(({ commit }) => commit)).toEqual(order);
  });

  test('agrees with git on which signatures are good', async () => {
    const { fork, commits } = history;
    const allowed = join(fork.keys.home, 'allowed');
    const names = ['alice', 'carol', 'erin'].map(
      (name) => `${name} ${(fork.people.get(name) as SshKey).publicKey}`,
    );
    await writeFile(allowed, `${names.join('\n')}\n`);
    const listed = await linesOf(history, 'topic');
    // git takes a signature in text mode, refuses a key that has expired since, and has no opinion on canonical commits.
    const unlike = [
      'in text mode',
      'by an expired key',
      'with SHA-1',
      'by a stranger over SSH',
      'not canonical',
    ];
    for (const [what, { id }] of commits) {
      if (unlike.includes(what)) continue;
      const verifying = ['-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', '--raw', id];
      const accepted = await fork.git(...verifying).then(
        () => true,
        () => false,
      );
      const known = what === 'by a stranger over OpenPGP';
      expect([what, listed.find(({ commit }) => commit === id)?.status === 'good']).toEqual([
        what,
        accepted && !known,
      ]);
    }
  });
});

describe('the text', () => {
  test('has a line a commit and a summary on standard error', async () => {
    const { code, out, err } = await history.fork.cli('log', 'topic');
    const id = history.commits.get('not touched')?.id.slice(0, 12) ?? '';
    expect(code).toBe(0);
    expect(out).toContain(
      `${id}  good         carol               not touched\n    the hardware key was not touched for this signature (not-touched)\n`,
    );
    expect(out).toContain('good         GitHub              by GitHub\n');
    expect(out).not.toContain('\u001b');
    const master = (await history.fork.git('rev-parse', 'master')).slice(0, 12);
    expect(err).toBe(
      `people are named by the policy of HEAD (${master})\n` +
        '20 commits: 10 good (1 by keys that nobody here has, 4 with findings), 4 bad, 3 malformed, 1 unknown-key, 1 unsupported, 1 unsigned\n'.replace(
          '20 commits: 11',
          `${history.commits.size + 1} commits: 10`,
        ),
    );
  });

  test('shows nothing of a subject or a name but what can be seen', async () => {
    const { fork } = history;
    const message = '\u001b[31mred\u202e\u0007 `x` \u2028y\n';
    const id = store(fork.dir, 'commit', makeCommit({ message: Buffer.from(message).toString('latin1') }));
    const folder = await mkdtemp(join(tmpdir(), 'cn-'));
    const alice = fork.people.get('alice') as SshKey;
    await writeFile(join(folder, '\u001b[2Jal\nice.pub'), `${alice.publicKey}\n`);
    await writeFile(join(folder, '\u001b[2J.txt'), 'nothing\n');
    const first = history.commits.get('by SSH')?.id ?? '';
    const { out, err } = await fork.cli('log', '--keys', folder, '-n', '2', id, first);
    await rm(folder, { recursive: true });
    expect(out).toContain("\\u{1b}[31mred\\u{202e}\\u{7} 'x' \\u{2028}y\n");
    expect(out).toContain('\\u{1b}[2Jal\\u{a}ice');
    const invisible = Array.from(out + err).filter(
      (one) => one !== '\n' && /\p{Cc}|\p{Cf}|\p{Zl}/u.test(one),
    );
    expect(invisible).toEqual([]);
  });

  test.skipIf(noTerminal)(
    'has colour on a terminal alone, and no bar where the terminal shows the text',
    async () => {
      const command = `${process.execPath} ${program} log --repository ${history.fork.dir} -n 3 topic`;
      const typescript = await run('script', ['-qec', command, '/dev/null'], { env: plain() });
      expect(typescript.stdout).toContain('\u001b[');
      expect(typescript.stdout).not.toContain('\u001b[K');
      const uncoloured = await run('script', ['-qec', command, '/dev/null'], {
        env: { ...plain(), NO_COLOR: '1' },
      });
      expect(uncoloured.stdout).not.toContain('\u001b');
    },
  );

  test.skipIf(noTerminal)('leaves the terminal to a bar where standard output goes elsewhere', async () => {
    const file = join(history.fork.keys.home, 'out.json');
    const command = `${process.execPath} ${program} log --json --repository ${history.fork.dir} topic > ${file}`;
    const { stdout } = await run('script', ['-qec', command, '/dev/null'], { env: plain() });
    expect(stdout).toMatch(/\r\u001b\[K(?:\[[#.]{24}\] [0-9]+% {2})?[0-9]+ (?:of [0-9]+ )?commits/);
    expect(stdout).toContain(`${history.commits.size + 1} commits: `);
  });

  test('says beside JSON in a pipe no more than whose word names the people', async () => {
    const { stdout, stderr } = await run(
      process.execPath,
      [program, 'log', '--json', '--repository', history.fork.dir, 'topic'],
      { env: plain() },
    );
    expect(parseLines(stdout)).toHaveLength(history.commits.size + 1);
    expect(stderr).toMatch(/^countersign log: warning: no default branch of origin .*\n$/);
  });

  test('ends quietly where its reader has read enough', async () => {
    const command = `${process.execPath} ${program} log --repository ${history.fork.dir} topic | head -n 1`;
    const { stdout, stderr } = await run('sh', ['-c', command], { env: plain() });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).not.toMatch(/EPIPE|Error|^ +at /m);
  });
});

function plain(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TERM: 'xterm-256color', NODE_NO_WARNINGS: '1' };
}

describe('a merge of signed tags', () => {
  test('shows them, and finds the one that does not verify', async () => {
    const { fork, commits } = history;
    const alice = fork.people.get('alice') as SshKey;
    const side = commits.get('by SSH')?.id ?? '';
    const tagged = `object ${side}\ntype commit\ntag v1\ntagger alice <alice@example.org> 1700000000 +0000\n\nv1\n`;
    const signature = Buffer.from(await fork.keys.sshSign(alice, Buffer.from(tagged), 'git')).toString(
      'latin1',
    );
    const header = (text: string): string => `mergetag ${text.trimEnd().replaceAll('\n', '\n ')}\n`;
    const parents = [await fork.git('rev-parse', 'master'), side];
    const merge = (...tags: string[]): string =>
      store(fork.dir, 'commit', makeCommit({ parents, headers: tags.map(header).join('') }));
    const good = merge(tagged + signature);
    const changed = merge(tagged.replace('\nv1\n', '\nv2\n') + signature, 'nonsense');
    const elsewhere = merge(
      tagged.replaceAll(side, parents[0]?.replace(/^./, (first) => (first === 'f' ? 'e' : 'f')) ?? ''),
    );
    const codes = async (id: string): Promise<string[] | undefined> =>
      (await linesOf(history, '-n', '1', id))[0]?.findings.map(({ code }) => code);
    expect(await codes(good)).toEqual(['unsigned']);
    expect(await codes(changed)).toEqual(['unsigned', 'mergetag-bad', 'mergetag-malformed']);
    expect(await codes(elsewhere)).toEqual(['unsigned', 'mergetag-not-a-parent']);
    expect((await fork.cli('log', '-n', '1', good)).out).toContain('\n    merged tag v1: good, alice\n');
    const many = merge(...Array.from({ length: 40 }, () => tagged + signature));
    expect(await codes(many)).toEqual(['unsigned', 'mergetag-too-many']);
  });
});

async function shallowClone(dir: string): Promise<string> {
  const clone = await mkdtemp(join(tmpdir(), 'cn-'));
  await run('git', ['clone', '--quiet', '--depth', '3', '--branch', 'topic', `file://${dir}`, clone]);
  return clone;
}

describe('a repository that lacks something', () => {
  test('because it is a shallow clone: lists what is there, and says where it ends', async () => {
    const { fork } = history;
    const clone = await shallowClone(fork.dir);
    const { code, out, err } = await fork.cli('log', '--repository', clone);
    await rm(clone, { recursive: true, force: true });
    expect([code, out.split('\n').filter((line) => /^[0-9a-f]{12} /.test(line)).length]).toEqual([0, 3]);
    expect(err).toContain('git fetch --unshallow');
  });

  test('lists what is there, says what is missing, and ends with 2', async () => {
    const { fork, commits } = history;
    const clone = await shallowClone(fork.dir);
    await rm(join(clone, '.git/shallow'));
    const { code, out, err } = await fork.cli('log', '--json', '--repository', clone);
    await rm(clone, { recursive: true, force: true });
    expect(code).toBe(2);
    expect(parseLines(out).length).toBeLessThanOrEqual(3);
    expect(err).toContain([...commits.values()].at(-4)?.id ?? '?');
  });

  test('for a mistyped revision says that alone', async () => {
    const { code, out, err } = await history.fork.cli('log', 'nosuch');
    expect([code, out, err.split('\n').length]).toEqual([2, '', 2]);
    expect(err).toContain('`nosuch` names no commit');
    expect((await history.fork.cli('log', '-2')).err).toContain('`-n 2`');
  });

  test('is empty: nothing is listed', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'cn-'));
    await run('git', ['init', '--quiet', empty]);
    const { code, out, err } = await history.fork.cli('log', '--repository', empty);
    expect([code, out, err]).toEqual([0, '', 'the current branch has no commit yet\n']);
    expect((await history.fork.cli('log', '--all', '--json', '--repository', empty)).code).toBe(0);
    await rm(empty, { recursive: true, force: true });
  });
});

describe.each(['sha1', 'sha256'] as const)('a %s repository', (format) => {
  test('shows signed, unsigned and forged commits for what they are', async () => {
    const { fork } = history;
    const scratch = makeScratch({ format });
    const alice = fork.people.get('alice') as SshKey;
    const root = scratch.commit('unsigned');
    const raw = makeCommit({ format, parents: [root] });
    const armor = await fork.keys.sshSign(alice, raw, 'git');
    const [own, other] = format === 'sha1' ? ['gpgsig', 'gpgsig-sha256'] : ['gpgsig-sha256', 'gpgsig'];
    const signed = store(scratch.dir, 'commit', withSignature(raw, armor, own));
    const elsewhere = store(scratch.dir, 'commit', withSignature(raw, armor, other));
    const forged = scratch.commit('to be forged');
    const text = scratch.git(['cat-file', 'commit', forged]);
    forgeObject(scratch, forged, 'commit', text.replace('forged', 'FORGED'));
    const lineOf = async (id: string): Promise<unknown> =>
      (await linesOf(history, '--repository', scratch.dir, '-n', '1', id))[0];
    expect(await lineOf(root)).toMatchObject({ commit: root, kind: 'none', status: 'unsigned' });
    expect(await lineOf(signed)).toMatchObject({ commit: signed, kind: 'ssh', status: 'good' });
    expect(await lineOf(elsewhere)).toMatchObject({ kind: 'none', status: 'unsigned' });
    expect(await lineOf(forged)).toMatchObject({
      commit: forged,
      status: 'malformed',
      findings: [{ code: 'commit-hash-mismatch' }],
    });
    scratch.remove();
  });
});
