import { createHash } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useReview, type Printed } from './review-stage.ts';

const noTerminal = !/util-linux/.test(String(spawnSync('script', ['--version']).stdout));
if (noTerminal) console.warn('skipped: a question on a pseudo-terminal needs `script` of util-linux');

const it = useReview();

function codes({ findings = [] }: Printed): readonly string[] {
  return findings.map(({ code }) => code);
}

/** A head that no pull request proposes, in everybody's clone, with the options that name it there. */
async function aside(name: string, as = 'alice'): Promise<{ head: string; range: string[] }> {
  const { stage } = it;
  const head = await stage.fork.commit({ files: { [`pkgs/${name}.nix`]: name }, as, on: stage.base });
  await stage.push(head, `aside-${name}`);
  return { head, range: [head, '--branch', 'master', '--base', stage.base] };
}

const git = (name: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: it.stage.clone(name), encoding: 'utf8' });

describe('what was signed and is only on this machine', () => {
  test('is no approval yet, is not signed again, and is printed again', async () => {
    const { stage } = it;
    const { head, range } = await aside('one');
    const first = await stage.as('bob', 'review', ...range, '--approve', '--yes');
    expect(first.code).toBe(0);
    expect(first.err).toContain('not posted (there is no pull request to post it on): kept in ');
    const [, kept = ''] = /countersign archive --statements (\S+)`/.exec(first.err) ?? [];
    const again = await stage.as('bob', 'review', ...range, '--approve', '--yes');
    expect([again.code, again.out]).toEqual([3, '']);
    expect(again.err).toContain('(serial 1), but as far as can be seen it is only on this machine');
    expect(again.err).toContain(`countersign archive --statements ${kept}`);
    const printed = await stage.as('bob', 'review', ...range, '--approve', '--yes', '--print');
    expect([printed.code, printed.out]).toEqual([0, first.out]);
    // The headline is what others see.
    expect(again.err).toContain('1 of 2 people');
    expect((await stage.fork.verify(stage.base, head, [])).outcome).toBe('pending');
    const noted = await stage.as('bob', 'review', ...range, '--approve', '--note', 'built it', '--yes');
    expect(noted.out).toContain('serial: 2\nnote: built it\n');
  });

  test('where there is no forge, the question and the end say so', async () => {
    const { stage } = it;
    const { range } = await aside('forgeless');
    git('bob', 'remote', 'add', 'plain', stage.repository.gitDir);
    const args = ['review', ...range, '--approve', '--remote', 'plain'];
    if (!noTerminal) {
      const terminal = stage.terminal('bob', args);
      await terminal.shows('sign this, with 1 signature (there is no forge to post it to)? [y/N] ');
      terminal.type('n\r');
      expect(await terminal.ended).toBe(0);
    }
    const done = await stage.as('bob', ...args, '--yes');
    expect([done.code, done.err]).toEqual([
      0,
      expect.stringContaining('not posted (there is no forge to post it to): kept in '),
    ]);
  });

  test('does not complete a landed step', async () => {
    const { stage } = it;
    const parent = (await stage.repository.branch('master')) ?? '';
    const bare = await stage.fork.commit({ files: { 'pkgs/bare': '1' }, on: parent });
    await stage.push(bare, 'master');
    const adopted = await stage.as('alice', 'repair', bare, '--adopt', '--yes');
    expect(adopted.code).toBe(0);
    const seen = await stage.as('alice', 'repair', bare);
    expect([seen.code, seen.err.startsWith('pass')]).toEqual([3, false]);
    expect(seen.err).toContain('you adopted this already (serial ');
    expect(seen.err).not.toContain('signed, but not counted');
    const again = await stage.json('alice', 'repair', bare, '--adopt', '--yes');
    expect([again.code, codes(again)]).toEqual([3, ['signed-only-here']]);
    const printed = await stage.as('alice', 'repair', bare, '--adopt', '--yes', '--print');
    expect(printed.out).toBe(adopted.out);
  });

  test('is nothing that everything else ever signed here is listed with', async () => {
    const { stage } = it;
    const other = await stage.propose('elsewhere');
    await stage.as('bob', 'review', String(other.number), '--approve', '--yes');
    const { range } = await aside('quiet');
    const { err } = await stage.as('bob', 'review', ...range, '--approve', '--yes');
    expect(err).not.toContain(other.head.slice(0, 10));
  });

  test('of a revocation stops no key, and is printed again', async () => {
    const { stage } = it;
    const carol = stage.fork.people.get('carol');
    const blob = Buffer.from(carol?.kind === 'ssh' ? (carol.publicKey.split(' ')[1] ?? '') : '', 'base64');
    const pin = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
    const args = ['revoke', 'carol', pin, '--reason', 'lost', '--print', '--yes'];
    const first = await stage.as('carol', ...args);
    const again = await stage.as('carol', ...args);
    expect([first.code, first.out === '', again.out]).toEqual([0, false, first.out]);
    const { range } = await aside('still');
    expect((await stage.as('carol', 'review', ...range, '--approve', '--yes')).code).toBe(0);
  });
});

/** A pull request whose commit nobody signed. */
async function outside(): Promise<number> {
  const { stage } = it;
  const head = await stage.fork.commit({ files: { 'pkgs/outside': '1' }, on: stage.base });
  await stage.push(head, 'outside');
  const opened = { head: 'outside', base: 'master', title: 'outside', as: 'mallory' };
  return (await stage.repository.openPullRequest(opened)).number;
}

describe('a signature that could never count', () => {
  test.each([
    ['of an author', 'alice', 'you signed this change'],
    ['of whoever took the commits over', 'bob', 'you have taken its commits over'],
  ])('%s is not made', async (_what, name, words) => {
    const { stage } = it;
    const number = name === 'alice' ? (await stage.propose('own')).number : await outside();
    if (name !== 'alice') await stage.as(name, 'adopt', String(number), '--yes');
    const posted = stage.comments(number).length;
    const refused = await stage.as(name, 'review', String(number), '--approve', '--yes');
    expect([refused.code, stage.comments(number).length]).toEqual([1, posted]);
    expect(refused.err).toContain(`yours would not count: ${words}`);
    expect(refused.err).toContain('[would-not-count]');
    // A "no" of theirs does.
    const no = await stage.as(name, 'review', String(number), '--reject', '--note', 'not yet', '--yes');
    expect(no.code).toBe(0);
  });

  test('of author and merger does not repair', async () => {
    const { stage } = it;
    const parent = (await stage.repository.branch('master')) ?? '';
    const { head } = await stage.propose('both', { on: parent });
    const merge = await stage.fork.merge(parent, head, { as: 'alice' });
    await stage.push(merge, 'master');
    const refused = await stage.json('alice', 'repair', merge, '--approve', '--yes');
    expect([refused.code, codes(refused)]).toEqual([1, ['would-not-count']]);
    const asked = await stage.as('alice', 'repair', merge);
    expect([asked.code, asked.err]).toEqual([3, expect.stringContaining('nothing that `alice` could sign')]);
  });

  test('with the key of somebody else is not made in their name', async () => {
    const { stage } = it;
    const { range } = await aside('named');
    const refused = await stage.as('alice', 'review', ...range, '--approve', '--yes', '--as', 'bob');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("this is alice's key, not bob's [key-not-theirs]\n  → leave out `--as`");
  });
});

describe('taking back', () => {
  test('what is taken back already, or has landed, signs nothing', async () => {
    const { stage } = it;
    const { number } = await stage.propose('back');
    await stage.as('bob', 'review', String(number), '--approve', '--yes');
    expect((await stage.as('bob', 'withdraw', String(number), '--yes')).code).toBe(0);
    const again = await stage.json('bob', 'withdraw', String(number), '--yes');
    expect([again.code, codes(again)]).toEqual([1, ['nothing-to-withdraw']]);
    await stage.as('bob', 'review', String(number), '--approve', '--yes');
    expect((await stage.as('bob', 'withdraw', String(number), '--yes')).code).toBe(0);
    const landed = await stage.json('bob', 'withdraw', stage.base, '--base', 'origin/master');
    expect([landed.code, codes(landed)]).toEqual([1, ['nothing-to-withdraw']]);
  });
});

describe('a landed head', () => {
  test('is not reviewed, and one line says what looks at it', async () => {
    const { stage } = it;
    const range = [stage.base, '--base', 'origin/master'];
    const refused = await stage.as('bob', 'review', ...range, '--approve', '--yes');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('is in `master` already');
    expect(refused.err).toContain(`countersign repair ${stage.base}`);
  });

  test('that a merge brought is no step', async () => {
    const { stage } = it;
    const parent = (await stage.repository.branch('master')) ?? '';
    const { head } = await stage.propose('brought', { on: parent });
    const merge = await stage.fork.merge(parent, head, { as: 'alice' });
    await stage.push(merge, 'master');
    const refused = await stage.json('bob', 'repair', head);
    expect([refused.code, codes(refused)]).toEqual([64, ['not-a-step']]);
    const ahead = await aside('ahead');
    expect(codes(await stage.json('bob', 'repair', ahead.head))).toEqual(['not-a-step']);
  });
});

describe('before anything is signed', () => {
  test('there is room to remember it', async () => {
    const { stage } = it;
    const { range } = await aside('full');
    const state = join(stage.clone('dave'), '..', '.local');
    await rm(state, { recursive: true, force: true });
    // A file where the folder should be stops everybody, root too.
    await writeFile(state, '');
    const touches = stage.touches();
    const refused = await stage.as('dave', 'review', ...range, '--approve', '--yes');
    expect([refused.code, stage.touches()]).toEqual([2, touches]);
    expect(refused.err).toContain('could not record this signature in `');
    expect(refused.err).toContain('your next one would get the same serial [signature-not-recorded]');
    await rm(state);
    await mkdir(state);
    await chmod(state, 0o700);
    expect((await stage.as('dave', 'review', ...range, '--approve', '--yes')).code).toBe(0);
  });

  test('a key file that is gone is named', async () => {
    const { stage } = it;
    const { range } = await aside('gone');
    git('carol', 'config', 'user.signingkey', '~/gone.pub');
    const refused = await stage.as('carol', 'review', ...range, '--approve', '--yes');
    git('carol', 'config', '--unset', 'user.signingkey');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/git signs with `\S+\/gone\.pub`, which does not exist \[key-missing\]/);
  });
});

test('a change of the policy is shown in plain words', async () => {
  const { stage } = it;
  const text = await stage.fork.git('show', `${stage.base}:.countersign/policy.yaml`);
  const weaker = text.replace('people: 2', 'people: 1');
  expect(weaker).not.toBe(text);
  const { number } = await stage.propose('weaker', { files: { '.countersign/policy.yaml': `${weaker}\n` } });
  const { err } = await stage.as('bob', 'review', String(number), '--approve', '--yes');
  expect(err).toContain('what this change of the policy means:\n  ! ');
});

test('a "no" in a file can be overruled, and is shown before anybody says why', async () => {
  const { stage } = it;
  const { head, range } = await aside('refused');
  const no = await stage.as('bob', 'review', ...range, '--reject', '--note', 'wrong hash', '--yes');
  const file = join(stage.clone('alice'), 'no.txt');
  await writeFile(file, no.out);
  const [, ...options] = range;
  const none = await stage.json('alice', 'overrule', head, ...options, '--reason', 'x', '--yes');
  expect(codes(none)).toEqual(['objection-missing']);
  const args = ['overrule', head, ...options, '--statements', file, '--reason', 'right after all', '--yes'];
  const done = await stage.as('alice', ...args);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('objector: bob\nserial: ')]);
  expect(done.err).toContain(`bob has signed a "no" to ${head.slice(0, 12)}: wrong hash`);
  const missing = await stage.as('alice', ...args.map((one) => (one === file ? 'nowhere.txt' : one)));
  expect(missing.err).toContain('`nowhere.txt` cannot be read: there is no such file');
});
