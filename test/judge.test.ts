import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../src/core/verdict/verdict.ts';
import { checkOf } from '../src/core/report/check.ts';
import { openFork, type Fork } from './fork/fork.ts';

let fork: Fork;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
});
afterAll(async () => {
  await fork.close();
});

const codes = ({ rulings }: Verdict): string[] =>
  rulings.flatMap(({ findings }) => findings.map(({ code }) => code));
const conclusion = (verdict: Verdict): string => checkOf(verdict, { url: null, pull: null }).conclusion;

describe('a step of a branch', () => {
  test('a reviewed head, merged with a signed clean merge, is as the policy demands', async () => {
    const tip = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const review = await fork.review({ as: 'bob', base: tip, head });
    const other = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'carol', on: tip });
    const merge = await fork.merge(other, head, { as: 'carol' });
    const verdict = await fork.judgeStep(other, merge, [review]);
    expect(codes(verdict)).toEqual([]);
    expect(verdict.outcome).toBe('pass');
    expect(verdict.people).toEqual({
      authors: ['alice'],
      behind: ['alice', 'bob', 'carol'],
      approvers: ['bob'],
      merger: 'carol',
      adopters: [],
    });
  });

  test('without its review it is published as a failure: nothing waits there for anybody', async () => {
    const tip = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const verdict = await fork.judgeStep(tip, head);
    expect([verdict.outcome, conclusion(verdict)]).toEqual(['pending', 'failure']);
    expect(codes(verdict)).toEqual(['people-missing', 'approvals-missing']);
  });

  test('the merger counts as an approver only where the policy says so', async () => {
    for (const [merges, outcome] of [
      ['{ signer-counts-as: person }', 'pending'],
      ['{ signer-counts-as: approver }', 'pass'],
    ] as const) {
      const tip = await fork.setPolicy({ merges });
      const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const merge = await fork.merge(tip, head, { as: 'bob' });
      expect((await fork.judgeStep(tip, merge)).outcome).toBe(outcome);
    }
  });

  test('an unsigned merge commit fails, however well its head was reviewed', async () => {
    const tip = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const review = await fork.review({ as: 'bob', base: tip, head });
    const merge = await fork.merge(tip, head);
    const verdict = await fork.judgeStep(tip, merge, [review]);
    expect([verdict.outcome, codes(verdict)]).toEqual(['fail', ['commit-unsigned']]);
  });

  test('content that only the merge has needs approvals of the merge itself', async () => {
    const tip = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const review = await fork.review({ as: 'bob', base: tip, head });
    const evil = await fork.merge(tip, head, { as: 'carol', files: { 'lib/backdoor.nix': 'evil\n' } });
    const verdict = await fork.judgeStep(tip, evil, [review]);
    expect(verdict.outcome).toBe('pending');
    expect(codes(verdict)).toEqual(expect.arrayContaining(['merge-resolution', 'approvals-missing']));
    expect(verdict.people.approvers).toEqual([]);

    const whole = await fork.review({ as: 'bob', base: tip, head: evil });
    expect((await fork.judgeStep(tip, evil, [whole])).outcome).toBe('pass');
  });

  test('where the policy wants clean merges only, such a merge fails', async () => {
    const tip = await fork.setPolicy({ merges: '{ conflicts: never }' });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const evil = await fork.merge(tip, head, { as: 'carol', files: { 'lib/backdoor.nix': 'evil\n' } });
    const whole = await fork.review({ as: 'bob', base: tip, head: evil });
    expect(codes(await fork.judgeStep(tip, evil, [whole]))).toContain('merge-resolution-refused');
  });

  test('an octopus fails', async () => {
    const tip = await fork.setPolicy();
    const one = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: tip });
    const two = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'alice', on: tip });
    const tree = await fork.git('rev-parse', `${tip}^{tree}`);
    const octopus = await fork.git('commit-tree', '-p', tip, '-p', one, '-p', two, '-m', 'x', tree);
    const verdict = await fork.judgeStep(tip, octopus);
    expect(verdict.outcome).toBe('fail');
    expect(codes(verdict)).toContain('octopus-merge');
  });

  test('an objection after landing is reported and changes nothing', async () => {
    const tip = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const approval = await fork.review({ as: 'bob', base: tip, head });
    const rejection = await fork.review({ as: 'bob', base: tip, head, decision: 'reject', serial: 2 });
    const verdict = await fork.judgeStep(tip, head, [approval, rejection]);
    expect([verdict.outcome, codes(verdict)]).toEqual(['pass', ['objection-noted']]);
  });
});

describe('a change', () => {
  test('a signed "no" blocks; the same person may take it back with a higher serial', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const yes = await fork.review({ as: 'bob', base, head });
    const no = await fork.review({ as: 'bob', base, head, decision: 'reject', serial: 2, note: 'not yet' });
    const again = await fork.review({ as: 'bob', base, head, serial: 3 });
    const gone = await fork.review({ as: 'bob', base, head, decision: 'withdraw', serial: 4 });
    const outcome = async (...statements: string[]): Promise<string> =>
      (await fork.verify(base, head, statements)).outcome;
    expect(await outcome(yes)).toBe('pass');
    expect(await outcome(yes, no)).toBe('fail');
    expect(await outcome(no, yes)).toBe('fail');
    expect(await outcome(yes, no, again)).toBe('pass');
    expect(await outcome(again, no, yes, gone)).toBe('pending');
  });

  test('of equal serials the stricter decision wins, in any order', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const yes = await fork.review({ as: 'bob', base, head });
    const no = await fork.review({ as: 'bob', base, head, decision: 'reject' });
    expect((await fork.verify(base, head, [yes, no])).outcome).toBe('fail');
    expect((await fork.verify(base, head, [no, yes])).outcome).toBe('fail');
  });

  test('with two merge bases it fails, and with none', async () => {
    const root = await fork.setPolicy();
    const left = await fork.commit({ files: { 'pkgs/l.nix': '1\n' }, as: 'alice', on: root });
    const right = await fork.commit({ files: { 'pkgs/r.nix': '1\n' }, as: 'alice', on: root });
    const base = await fork.merge(left, right, { as: 'alice' });
    const head = await fork.merge(right, left, { as: 'alice' });
    expect((await fork.verify(base, head)).codes).toContain('merge-base-ambiguous');

    const unrelated = await fork.setPolicy();
    expect((await fork.verify(base, unrelated)).codes).toContain('history-unrelated');
  });

  test('that conflicts waits, and says with what', async () => {
    const root = await fork.setPolicy();
    const base = await fork.commit({ files: { 'pkgs/a.nix': 'one\n' }, as: 'alice', on: root });
    const head = await fork.commit({ files: { 'pkgs/a.nix': 'two\n' }, as: 'alice', on: root });
    const report = await fork.verify(base, head);
    expect(report.findings.find(({ code }) => code === 'merge-conflict')?.data).toMatchObject({
      paths: ['pkgs/a.nix'],
    });
    expect(report.outcome).toBe('pending');
  });

  test('content that a rename on the branch would carry into a protected path is seen there', async () => {
    const protectedLib = [
      '{ name: everything, approvals: 1, from: maintainers }',
      '{ name: lib, paths: ["lib/**"], approvals: 3, from: core }',
    ];
    const policy = await fork.setPolicy({ require: protectedLib });
    const body = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('');
    const root = await fork.commit({ files: { 'pkgs/tool.nix': body }, as: 'alice', on: policy });
    const base = await fork.commit({
      files: { 'pkgs/tool.nix': null, 'lib/tool.nix': body },
      as: 'alice',
      on: root,
    });
    const head = await fork.commit({ files: { 'pkgs/tool.nix': `${body}evil\n` }, as: 'alice', on: root });
    const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
    expect(report.outcome).toBe('pending');
    expect(report.findings.map(({ code, data }) => [code, data['rule']])).toContainEqual([
      'approvals-missing',
      'lib',
    ]);
  });

  test('in observe mode it is never a pass, and says what enforcing would say', async () => {
    const base = await fork.setPolicy({ mode: 'observe' });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
    expect([report.code, report.outcome]).toEqual([2, 'undetermined']);
    expect(report).toMatchObject({ enforced: 'pass', check: 'countersign (observe) / master' });
  });

  test('one key under two people, even as a subkey, judges nothing', async () => {
    const base = await fork.setPolicy();
    const policy = await fork.git('show', `${base}:.countersign/policy.yaml`);
    const alice = fork.people.get('alice');
    const blob = alice?.kind === 'ssh' ? alice.publicKey.split(' ').slice(0, 2).join(' ') : '';
    const shared = policy.replace(/( {2}carol:\n {4}keys:\n)/, `$1      - ssh: ${blob}\n`);
    const broken = await fork.commit({
      files: { '.countersign/policy.yaml': shared },
      as: 'alice',
      on: base,
    });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    expect((await fork.verify(broken, head)).codes).toEqual(['policy-invalid']);
  });

  test('with nothing in it proves nothing', async () => {
    const base = await fork.setPolicy();
    const report = await fork.verify(base, base);
    expect([report.code, report.codes]).toEqual([2, expect.arrayContaining(['change-empty'])]);
  });

  test('of an unknown commit is undetermined, in JSON too', async () => {
    const base = await fork.setPolicy();
    const report = await fork.verify(base, 'f'.repeat(40));
    expect([report.code, report.outcome, report.codes]).toEqual([2, 'undetermined', ['world-unreadable']]);
  });
});
