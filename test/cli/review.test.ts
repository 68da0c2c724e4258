import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { useReview, type Printed } from './review-stage.ts';

const it = useReview({
  require: [
    '{ name: everything, people: 2, approvals: 1, from: maintainers }',
    '{ name: foundations, paths: ["lib/**"], approvals: 1, from: core }',
  ],
});

function codes({ findings = [] }: Printed): readonly string[] {
  return findings.map(({ code }) => code);
}

describe('without a terminal', () => {
  test('an approval is signed the way git signs, posted, and counts', async () => {
    const { stage } = it;
    const { number, head } = await stage.propose('one');
    const done = await stage.json(
      'bob',
      'review',
      String(number),
      '--approve',
      '--note',
      'built it',
      '--yes',
    );
    expect([done.code, done.ok, done.person]).toEqual([0, true, 'bob']);
    expect(done.signed?.[0]?.statements).toMatchObject([
      {
        type: 'review',
        decision: 'approve',
        reviewer: 'bob',
        head,
        base: stage.base,
        serial: 1,
        notes: ['built it'],
      },
    ]);
    expect(done.delivered?.map(({ to }) => to)).toEqual([`#${number}`]);
    expect(stage.comments(number)[0]).toContain(done.signed?.[0]?.text);
    const report = await stage.verify(number);
    expect([report.outcome, report.people.approvers]).toEqual(['pass', ['bob']]);
    stage.github.assertClean();
  });

  test('several changes get one signature, protected ones one each', async () => {
    const { stage } = it;
    const plain = [await stage.propose('two'), await stage.propose('three')];
    const guarded = await stage.propose('four', { files: { 'lib/x.nix': '1' } });
    const policy = await stage.propose('five', { files: { '.gitattributes': '* text' } });
    const numbers = [guarded, ...plain, policy].map(({ number }) => String(number));
    const before = stage.touches();
    const done = await stage.json('dave', 'review', ...numbers, '--approve', '--yes');
    expect([done.code, stage.touches() - before]).toEqual([0, 3]);
    expect(done.signed?.map(({ pulls }) => pulls)).toEqual([
      [guarded.number],
      [policy.number],
      plain.map(({ number }) => number),
    ]);
    for (const { number } of plain) expect((await stage.verify(number)).outcome).toBe('pass');
    expect((await stage.verify(guarded.number)).outcome).toBe('pass');
  });

  test('what is posted is read back as what was signed', async () => {
    const { stage } = it;
    const { number } = await stage.propose('six');
    const done = await stage.json('carol', 'review', `#${number}`, '--approve', '--yes');
    const [signed, ...others] = stage
      .comments(number)
      .flatMap((text) => extractStatements({ from: 'comment', text }).signed);
    expect(others).toEqual([]);
    expect(Buffer.from(signed?.text ?? '').toString()).toBe(done.signed?.[0]?.text);
  });

  test('serials go on from what is posted, and from what was only printed', async () => {
    const { stage } = it;
    const { number } = await stage.propose('seven');
    const serial = async (...args: string[]): Promise<unknown> => {
      const done = await stage.json('carol', 'review', String(number), '--yes', ...args);
      return done.signed?.[0]?.statements[0]?.['serial'];
    };
    const first = Number(await serial('--reject', '--note', 'no', '--print'));
    expect(first).toBeGreaterThan(0);
    expect(await serial('--withdraw')).toBe(first + 1);
    // The memory of this machine is lost; what was posted is still there.
    await rm(join(stage.clone('carol'), '..', '.local'), { recursive: true });
    expect(await serial('--approve')).toBe(first + 2);
  });

  test('nothing is posted where it is to be printed, and what is printed counts', async () => {
    const { stage } = it;
    const { number, head } = await stage.propose('eight');
    const { code, out } = await stage.as('bob', 'review', String(number), '--approve', '--print', '--yes');
    expect([code, stage.comments(number)]).toEqual([0, []]);
    expect((await stage.fork.verify(stage.base, head, [out])).outcome).toBe('pass');
  });

  test('a revision needs git alone', async () => {
    const { stage } = it;
    const { head } = await stage.propose('nine');
    const requests = stage.github.requests.length;
    const args = ['--base', 'origin/master', '--branch', 'master', '--approve', '--yes', '--print'];
    await stage.fork.git('update-ref', 'refs/heads/nine', head);
    const { code, out } = await stage.as('bob', 'review', head, ...args, '--api', 'http://127.0.0.1:9');
    expect(code).toBe(0);
    expect((await stage.fork.verify(stage.base, head, [out])).outcome).toBe('pass');
    const asked = stage.github.requests.slice(requests).filter(({ path }) => path.startsWith('/api/'));
    expect(asked).toEqual([]);
  });

  test.each([
    ['nobody can be asked', ['--yes'], 64, 'decision-missing'],
    ['the last question has no answer', ['--approve'], 64, 'confirmation-missing'],
    ['a no without a reason', ['--reject', '--yes'], 64, 'note-missing'],
    ['two decisions', ['--approve', '--reject', '--yes'], 64, 'usage'],
    ['somebody who is not there', ['--approve', '--yes', '--as', 'mallory'], 64, 'usage'],
    ['another person’s key', ['--approve', '--yes', '--as', 'alice'], 1, 'key-not-theirs'],
    ['an API in the open', ['--approve', '--yes', '--api', 'http://api.example.org'], 64, 'usage'],
    ['no such remote', ['--approve', '--yes', '--remote', 'upstream'], 64, 'usage'],
  ])('refuses: %s', async (_what, args, code, finding) => {
    const { stage } = it;
    const number = 1;
    const posted = stage.comments(number).length;
    const refused = await stage.json('bob', 'review', String(number), ...args);
    expect([refused.code, codes(refused)]).toEqual([code, [finding]]);
    expect(stage.comments(number)).toHaveLength(posted);
  });

  test('without a token nothing is asked or signed for a pull request', async () => {
    const { stage } = it;
    const args = ['review', '1', '--approve', '--yes'];
    const refused = await stage.json('nobody', ...args, '--repository', stage.clone('bob'), '--as', 'bob');
    expect([refused.code, codes(refused)]).toEqual([1, ['token-missing']]);
  });

  test('a decision about everything at once is refused', async () => {
    const refused = await it.stage.json('bob', 'review', '--all', '--approve', '--yes');
    expect([refused.code, codes(refused)]).toEqual([64, ['usage']]);
  });

  test('a key that nobody in the policy has signs nothing', async () => {
    const { stage } = it;
    const stranger = await stage.fork.keys.makeSshKey('stranger');
    const clone = stage.clone('carol');
    const { execFileSync } = await import('node:child_process');
    execFileSync('git', ['config', 'user.signingkey', stranger.path], { cwd: clone });
    const refused = await stage.json('carol', 'review', '1', '--approve', '--yes');
    execFileSync('git', ['config', '--unset', 'user.signingkey'], { cwd: clone });
    expect([refused.code, codes(refused)]).toEqual([1, ['key-not-in-policy']]);
  });

  test('what cannot be posted is kept and printed', async () => {
    const { stage } = it;
    const { number, head } = await stage.propose('ten');
    stage.github.misbehave({ match: { method: 'POST', path: /comments$/ }, status: 500, times: 4 });
    const { code, out, err } = await stage.as('bob', 'review', String(number), '--approve', '--yes');
    expect([code, stage.comments(number)]).toEqual([2, []]);
    expect(err).toContain('[not-posted]');
    expect((await stage.fork.verify(stage.base, head, [out])).outcome).toBe('pass');
  });

  test('a comment whose answer got lost is not posted twice', async () => {
    const { stage } = it;
    const { number } = await stage.propose('eleven');
    stage.github.misbehave({ match: { method: 'POST', path: /comments$/ }, connection: 'reset' });
    const done = await stage.json('bob', 'review', String(number), '--approve', '--yes');
    expect([done.code, stage.comments(number).length]).toEqual([0, 1]);
  });
});

describe('adopting', () => {
  test('takes over what nobody signed, and lists it', async () => {
    const { stage } = it;
    const mine = await stage.fork.commit({ files: { 'pkgs/a': '1' }, on: stage.base, message: 'first' });
    const head = await stage.fork.commit({ files: { 'pkgs/a': '2' }, on: mine, message: 'second' });
    await stage.push(head, 'outside');
    const { number } = await stage.repository.openPullRequest({
      head: 'outside',
      base: 'master',
      title: 'outside',
      as: 'mallory',
    });
    const { code, err } = await stage.as('alice', 'adopt', String(number), '--yes');
    expect(code).toBe(0);
    for (const id of [mine, head]) expect(err).toContain(id.slice(0, 12));
    expect(err).toContain('Somebody <somebody@example.org>');
    const adopted = await stage.verify(number);
    expect([adopted.outcome, adopted.people.authors]).toEqual(['pending', ['alice']]);
    await stage.as('bob', 'review', String(number), '--approve', '--yes');
    expect((await stage.verify(number)).outcome).toBe('pass');
    const again = await stage.json('carol', 'adopt', String(number), '--yes');
    expect([again.code, codes(again)]).toEqual([1, ['adoption-idle']]);
  });

  test('only of what comes after a commit', async () => {
    const { stage } = it;
    const signed = await stage.fork.commit({ files: { 'pkgs/b': '1' }, as: 'alice', on: stage.base });
    const head = await stage.fork.commit({ files: { 'pkgs/b': '2' }, on: signed });
    await stage.push(head, 'after');
    const { number } = await stage.repository.openPullRequest({
      head: 'after',
      base: 'master',
      title: 'after',
      as: 'alice',
    });
    const done = await stage.json('bob', 'adopt', String(number), '--base', signed, '--yes');
    expect(done.signed?.[0]?.statements).toMatchObject([
      { type: 'adopt', base: signed, head, adopter: 'bob' },
    ]);
    expect((await stage.verify(number)).people.authors).toEqual(['alice', 'bob']);
    const aside = await stage.json('bob', 'adopt', String(number), '--base', head, '--yes');
    expect([aside.code, codes(aside)]).toEqual([64, ['base-aside']]);
  });
});

describe('a signed no', () => {
  test('is withdrawn on the next head, and overruled by governance', async () => {
    const { stage } = it;
    const { number, head } = await stage.propose('twelve');
    await stage.as('bob', 'review', String(number), '--reject', '--note', 'wrong hash', '--yes');
    await stage.as('carol', 'review', String(number), '--reject', '--note', 'no test', '--yes');
    expect((await stage.verify(number)).outcome).toBe('fail');
    const next = await stage.fork.commit({ files: { 'pkgs/twelve.nix': '2' }, as: 'alice', on: head });
    await stage.push(next, 'twelve');
    const taken = await stage.json('bob', 'withdraw', String(number), '--yes');
    expect(taken.signed?.[0]?.statements).toMatchObject([{ decision: 'withdraw', head: next }]);
    const unclear = await stage.json('carol', 'overrule', String(number), '--reason', 'x', '--yes');
    expect(codes(unclear)).toEqual(['own-objection']);
    for (const name of ['alice', 'bob', 'dave']) {
      const done = await stage.json(
        name,
        'overrule',
        'carol',
        String(number),
        '--reason',
        'tested since',
        '--yes',
      );
      expect(done.signed?.[0]?.statements).toMatchObject([
        { type: 'overrule', objector: 'carol', overruler: name, head },
      ]);
    }
    const none = await stage.json('alice', 'overrule', String(number), '--reason', 'x', '--yes');
    expect(codes(none)).toEqual(['objection-missing']);
    const missing = await stage.json('alice', 'overrule', String(number), '--yes');
    expect([missing.code, codes(missing)]).toEqual([64, ['reason-missing']]);
  });

  test('in a batch is about its own change alone', async () => {
    const { stage } = it;
    const other = await stage.propose('batch-a');
    const { number } = await stage.propose('batch-b');
    const both = [String(number), String(other.number)];
    await stage.as('bob', 'review', ...both, '--reject', '--note', 'no', '--yes');
    await stage.as('bob', 'withdraw', String(number), '--yes');
    const next = await stage.fork.commit({ files: { 'pkgs/next.nix': '2' }, as: 'alice', on: stage.base });
    await stage.push(next, 'batch-b');
    const none = await stage.json('alice', 'overrule', 'bob', String(number), '--reason', 'x', '--yes');
    expect(codes(none)).toEqual(['objection-missing']);
    const one = await stage.json('alice', 'overrule', 'bob', String(other.number), '--reason', 'x', '--yes');
    expect(one.signed?.[0]?.statements).toMatchObject([{ head: other.head }]);
    const taken = await stage.json('bob', 'review', String(number), '--approve', '--yes');
    expect([taken.code, taken.signed?.[0]?.statements[0]?.['head']]).toEqual([0, next]);
  });

  test('nothing signed is nothing to withdraw', async () => {
    const { stage } = it;
    const { number } = await stage.propose('thirteen');
    const refused = await stage.json('carol', 'withdraw', String(number), '--yes');
    expect(codes(refused)).toEqual(['nothing-to-withdraw']);
  });
});
