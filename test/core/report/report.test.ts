import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkName, checkOf, conclusionOf } from '../../../src/core/report/check.ts';
import { clean, cleanSentence, markdown, shellWord } from '../../../src/core/report/clean.ts';
import { textReport } from '../../../src/core/report/text.ts';
import { finding, catalogue } from '../../../src/core/verdict/finding.ts';
import { worst, type Outcome } from '../../../src/core/verdict/outcome.ts';
import { NOBODY, ruling, type Verdict } from '../../../src/core/verdict/verdict.ts';
import { stopped } from '../../../src/core/verdict/evaluate.ts';
import { openFork, type Fork } from '../../fork/fork.ts';
import { oid, outsideOfCode } from './made.ts';

const TARGET = {
  kind: 'change',
  branch: 'master',
  tip: oid('1'.repeat(40)),
  head: oid('2'.repeat(40)),
} as const;
const CONTEXT = { url: 'https://github.com/acme/nixpkgs', pull: 7 };
const HOSTILE =
  '</details><img src=x>`$(id)` @everyone [x](http://evil.example) \u202e\u001b[31m **b** ~~~~\n# h';

function verdictWith(outcome: Outcome, more: Partial<Verdict> = {}): Verdict {
  const rulings = [{ rule: 'commits', title: 'x', outcome, findings: [], counted: [] }];
  return {
    target: TARGET,
    outcome,
    enforced: outcome,
    mode: 'enforce',
    rulings,
    people: NOBODY,
    digest: null,
    evidence: [],
    ...more,
  };
}

describe('what a check concludes', () => {
  test.each([
    ['pass', 'success'],
    ['pending', 'action_required'],
    ['undetermined', 'failure'],
    ['fail', 'failure'],
  ] as const)('%s: %s', (outcome, conclusion) => {
    expect(conclusionOf(verdictWith(outcome))).toBe(conclusion);
  });

  test('in observe mode it is neutral, under another name, whatever the outcome', () => {
    for (const outcome of ['pass', 'pending', 'undetermined', 'fail'] as const) {
      expect(conclusionOf(verdictWith(outcome, { mode: 'observe' }))).toBe('neutral');
    }
    expect(checkName('master', 'observe')).toBe('countersign (observe) / master');
    expect(checkName('master', 'enforce')).toBe('countersign / master');
    expect(checkName('master', null)).toBe('countersign / master');
  });

  test('the worst outcome wins, and of nothing at all it is undetermined', () => {
    expect(worst([])).toBe('undetermined');
    expect(worst(['pass', 'pending'])).toBe('pending');
    expect(worst(['undetermined', 'pending'])).toBe('undetermined');
    expect(worst(['fail', 'undetermined', 'pass'])).toBe('fail');
    expect(stopped(TARGET, []).outcome).toBe('undetermined');
  });
});

describe("an attacker's text in a report", () => {
  const named = finding('commit-signer-not-allowed', {
    commit: '2'.repeat(40),
    subject: HOSTILE,
    person: HOSTILE,
    group: HOSTILE,
    adoptable: true,
    adopters: [HOSTILE],
    judged: '2'.repeat(40),
    landed: false,
  });
  const verdict = verdictWith('pending', {
    target: { ...TARGET, branch: "x'$(touch pwned)`id`" },
    rulings: [ruling('commits', HOSTILE, [named]), ruling('requirement', HOSTILE, [])],
  });

  test('has no effect in the check', () => {
    const { summary, title } = checkOf(verdict, CONTEXT);
    expect(outsideOfCode(summary)).not.toMatch(/<img|<\/details|@everyone|\]\(http/);
    expect(summary).not.toMatch(/\u202e|\u001b/);
    expect(title).not.toMatch(/[\u202e\u001b\n]/);
  });

  test('has no effect on a terminal', () => {
    const text = textReport(verdict, CONTEXT);
    expect(text).not.toMatch(/[\u202e\u001b]/);
    expect(text.split('\n').filter((line) => line.startsWith('# h'))).toEqual([]);
  });

  test('does not leave its quotes in commands to copy', () => {
    const open = verdictWith('pending', {
      target: { ...TARGET, branch: "x';id;'" },
      rulings: [
        ruling('requirement', 'everything', [
          finding('people-missing', {
            rule: 'everything',
            from: 'core',
            need: 2,
            have: [],
            candidates: ['alice'],
          }),
        ]),
      ],
    });
    expect(checkOf(open, CONTEXT).summary).toContain(`--branch 'x'\\'';id;'\\''' --as alice`);
  });

  test('cleaned, any text is one visible line without backticks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(clean(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069`]/);
        expect(cleanSentence(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
      }),
    );
    expect(clean('x'.repeat(5000)).length).toBeLessThanOrEqual(301);
  });

  test('as Markdown, any cleaned text has no tag, link or mention outside of code', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '<',
            '>',
            '[',
            ']',
            '(',
            ')',
            '@',
            '`',
            '*',
            '_',
            '#',
            '!',
            '\\',
            '~',
            '|',
            'a',
            ':',
            '/',
            '&',
          ),
          maxLength: 60,
        }),
        (text) => {
          const outside = markdown(clean(text)).replaceAll(/`[^`]*`/g, '');
          expect(outside).not.toMatch(/</);
          expect(outside).not.toMatch(/(?<!\\)\[/);
          expect(outside).not.toMatch(/@(?!\u200b)/);
        },
      ),
    );
  });

  test('a word for the shell is one word', () => {
    expect(shellWord('release-26.05')).toBe('release-26.05');
    expect(shellWord("a'b")).toBe(`'a'\\''b'`);
    expect(shellWord('$(id)')).toBe(`'$(id)'`);
  });
});

describe('limits of GitHub', () => {
  test('title, summary and annotations stay within them, however much there is to say', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      finding('commit-unsigned', {
        commit: `${index}`.padStart(40, '0'),
        subject: 'x'.repeat(200),
        adoptable: false,
        adopters: [],
        judged: '2'.repeat(40),
        landed: false,
      }),
    );
    const diagnostics = Array.from({ length: 200 }, (_, index) => ({
      severity: 'error' as const,
      code: 'x',
      message: 'm'.repeat(2000),
      remedy: null,
      line: index + 1,
      column: 1,
      length: 5,
    }));
    const check = checkOf(
      verdictWith('fail', {
        rulings: [
          ruling('commits', 'x', many),
          ruling('policy', 'y', [finding('proposed-policy-invalid', { diagnostics })]),
        ],
      }),
      CONTEXT,
    );
    expect(check.summary.length).toBeLessThanOrEqual(65_535);
    expect(check.title.length).toBeLessThanOrEqual(200);
    expect(check.annotations).toHaveLength(50);
    expect(check.annotations[0]).toMatchObject({
      path: '.countersign/policy.yaml',
      line: 1,
      level: 'failure',
    });
  });
});

describe('the catalogue', () => {
  test('every cause is a sentence in lower case without a period at its end', () => {
    expect(Object.keys(catalogue).length).toBeGreaterThan(50);
    for (const code of Object.keys(catalogue)) expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  });
});

describe('a first look', () => {
  let fork: Fork;
  beforeAll(async () => {
    fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  });
  afterAll(async () => {
    await fork.close();
  });

  test('of a contributor without a key says that nothing is wanted of them', async () => {
    const base = await fork.setPolicy({ unsigned: 'adopt' });
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' } });
    const report = await fork.verify(base, head);
    expect(report.title).toBe('waiting for a maintainer: nothing for you to do');
    expect([report.outcome, report.code]).toEqual(['pending', 3]);
  });

  test('says how many are missing and from which group', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    expect((await fork.verify(base, head)).title).toBe('1 of 2 people: needs an approval from maintainers');
  });

  test('of a policy change names the quorum of the admins first', async () => {
    const base = await fork.setPolicy({ unsigned: 'adopt' });
    const head = await fork.commit({ files: { '.countersign/note': '1\n' } });
    expect((await fork.verify(base, head)).title).toContain(
      'changes the policy: 0 of 3 people, needs 3 more from admins',
    );
  });

  test('offers commands with the whole ids', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const { out } = await fork.cli(
      'verify',
      '--repository',
      fork.dir,
      '--base',
      base,
      '--head',
      head,
      '--branch',
      'master',
    );
    expect(out).toContain(
      `countersign statement review --base ${base} --head ${head} --branch master --as YOUR-NAME`,
    );
  });
});
