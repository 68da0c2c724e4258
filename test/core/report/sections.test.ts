import { describe, expect, test } from 'vitest';
import { markdownReport } from '../../../src/core/report/markdown.ts';
import { nextSteps } from '../../../src/core/report/next-steps.ts';
import { sectionsOf, type SectionKind } from '../../../src/core/report/sections.ts';
import { textReport } from '../../../src/core/report/text.ts';
import { titleOf } from '../../../src/core/report/title.ts';
import { finding, type Finding } from '../../../src/core/verdict/finding.ts';
import { ruling } from '../../../src/core/verdict/verdict.ts';
import {
  CHANGE,
  HEAD,
  LANDED,
  OFFLINE,
  ON_GITHUB,
  STEP,
  outsideOfCode,
  rulingsWith,
  verdictOf,
} from './made.ts';

const ids = ['1', '2', '3'].map((digit) => digit.repeat(40));
const outside = { subject: 'x', adoptable: true, adopters: ['alice', 'bob'], judged: HEAD, landed: false };
const unsigned = [...ids, HEAD].map((commit) => finding('commit-unsigned', { ...outside, commit }));
const quorum = {
  rule: 'everything',
  from: 'maintainers',
  need: 2,
  have: [],
  candidates: ['alice', 'bob', 'dave'],
};
const missing = finding('people-missing', quorum);
const objection = finding('objection', {
  from: 'comment 1',
  signer: 'carol',
  type: 'review',
  decision: 'reject',
  head: HEAD,
  subject: HEAD,
  landed: false,
  notes: [],
  serial: 1,
  stale: false,
  group: 'admins',
  need: 3,
  have: [],
  overrulers: ['alice', 'bob'],
});

const kinds = (found: Readonly<Record<string, readonly Finding[]>>): SectionKind[] =>
  sectionsOf(verdictOf(rulingsWith(found)), ON_GITHUB).map(({ kind }) => kind);

describe('commits of somebody outside the roster', () => {
  const verdict = verdictOf(rulingsWith({ commits: unsigned, requirement: [missing] }));

  test('are taken over by one command for all of them, which names the pull request', () => {
    const report = textReport(verdict, ON_GITHUB);
    expect(report.match(/→ .*`countersign adopt 123`/g)).toHaveLength(1);
    expect(report).not.toContain(`countersign adopt ${HEAD}`);
    expect(nextSteps(verdict, ON_GITHUB).map(({ commands }) => commands)).toEqual([
      ['countersign adopt 123'],
      ['countersign review 123'],
    ]);
  });

  test('without a pull request it names the head and the branch', () => {
    expect(nextSteps(verdict, OFFLINE).map(({ commands }) => commands)).toEqual([
      [`countersign adopt ${HEAD} --branch master`],
      [`countersign review ${HEAD} --branch master`],
    ]);
  });

  test('once landed the step is repaired', () => {
    const commits = [finding('commit-unsigned', { ...outside, commit: STEP, judged: STEP, landed: true })];
    const landed = verdictOf(rulingsWith({ commits, requirement: [missing] }), { target: LANDED });
    expect(nextSteps(landed, ON_GITHUB).map(({ commands }) => commands)).toEqual([
      [`countersign repair ${STEP}`],
    ]);
    expect(textReport(landed, ON_GITHUB)).not.toContain('countersign adopt');
  });

  test('nothing is wanted of whoever made them, also where the policy lets nobody take them over', () => {
    const refused = [finding('commit-unsigned', { ...outside, commit: HEAD, adoptable: false })];
    for (const one of [verdict, verdictOf(rulingsWith({ commits: refused }))]) {
      const report = markdownReport(one, ON_GITHUB);
      expect(report).toContain('there is nothing for you to do');
      expect(report).toContain('`countersign keys add`');
      expect(report).toContain('/docs/keys.md#a-new-maintainer)');
    }
  });

  test('are no reason to greet somebody whose key is on the roster and not in order', () => {
    const expired = finding('commit-key-standing', {
      ...outside,
      commit: HEAD,
      person: 'carol',
      fingerprint: 'A'.repeat(40),
      problems: ['key-expired'],
    });
    const report = markdownReport(verdictOf(rulingsWith({ commits: [expired] })), ON_GITHUB);
    expect(report).not.toContain('nothing for you to do');
    expect(report).toContain('carol signs the commit again');
  });
});

describe('what comes first', () => {
  test('a signed "no", before whatever else is open', () => {
    expect(kinds({ commits: unsigned, objections: [objection], requirement: [missing] })).toEqual([
      'objections',
      'open',
    ]);
    const verdict = verdictOf(
      rulingsWith({ paths: [finding('commit-forged', { commit: HEAD })], objections: [objection] }),
    );
    const text = textReport(verdict, ON_GITHUB);
    expect(text.indexOf('FAIL  objections')).toBeLessThan(text.indexOf('policy and keys'));
    expect(titleOf(verdictOf(rulingsWith({ commits: unsigned, objections: [objection] })))).toBe(
      'carol has signed a "no"',
    );
  });

  test('that a step was ratified, in the title of a pass too', () => {
    const ratified = finding('step-ratified', {
      commit: STEP,
      people: ['alice', 'bob'],
      reasons: ['in a hurry'],
    });
    const verdict = verdictOf(rulingsWith({ ratification: [ratified], commits: unsigned }), {
      target: LANDED,
      outcome: 'pass',
      enforced: 'pass',
    });
    expect(titleOf(verdict)).toBe('cf9a0d6f65 is ratified by alice and bob: in a hurry');
    expect(sectionsOf(verdict, ON_GITHUB)[0]?.kind).toBe('ratified');
    expect(nextSteps(verdict, ON_GITHUB)).toEqual([]);
  });
});

describe('people', () => {
  test('are addressed by name and login, and nobody is notified', () => {
    const report = markdownReport(verdictOf(rulingsWith({ requirement: [missing] })), ON_GITHUB);
    expect(report.replaceAll('\\', '')).toContain(
      'alice (GitHub: alice), bob (GitHub: bob-builds) or dave can',
    );
    expect(outsideOfCode(report)).not.toContain('@');
  });

  test('of a large group the first few are named', () => {
    const candidates = Array.from({ length: 500 }, (_, index) => `maintainer-${index}`);
    const many = finding('people-missing', { ...quorum, candidates });
    const report = textReport(verdictOf(rulingsWith({ requirement: [many] })), ON_GITHUB);
    expect(report).toContain('maintainer-11 or 488 more can review and sign');
    expect(report).not.toContain('maintainer-12');
  });

  test('who have taken commits over are shown with a pass', () => {
    const verdict = verdictOf(rulingsWith({}), {
      people: { adopters: ['bob'] },
      evidence: [{ type: 'adopt', signer: 'bob', head: HEAD, from: 'x', digest: null }],
    });
    for (const report of [textReport(verdict, ON_GITHUB), markdownReport(verdict, ON_GITHUB)]) {
      expect(report).toContain('bob has taken over commits up to 9c1d2e3f40');
    }
  });
});

test('merges that are not provable yet are counted, and none is not worth a word', () => {
  const verdict = verdictOf(rulingsWith({}), { target: CHANGE });
  expect(textReport(verdict, { ...OFFLINE, unprovable: 1 })).toContain('1 merge not yet provable');
  expect(markdownReport(verdict, { ...OFFLINE, unprovable: 12 })).toContain('12 merges not yet provable');
  for (const context of [OFFLINE, { ...OFFLINE, unprovable: 0 }]) {
    expect(textReport(verdict, context)).not.toContain('provable');
  }
});

describe('what no signature can mend', () => {
  const hostile = finding('path-hostile', { path: 'a\u0000b', reason: 'control' });

  test('asks for no review, by hand or otherwise', () => {
    const wrong = verdictOf(rulingsWith({ paths: [hostile], requirement: [missing] }));
    expect(nextSteps(wrong, OFFLINE)).toEqual([]);
    expect(textReport(wrong, OFFLINE)).not.toContain('by hand');
    const refused = verdictOf(rulingsWith({ objections: [objection], requirement: [missing] }));
    expect(nextSteps(refused, OFFLINE)).toHaveLength(1);
  });

  test('by hand, a statement that fails leaves nothing to sign', () => {
    const [step] = nextSteps(verdictOf(rulingsWith({ requirement: [missing] })), OFFLINE);
    const made = step?.byHand?.find((line) => line.includes('countersign statement'));
    expect(made).toMatch(
      /^rm -f review\.txt\* && countersign statement review .* > review\.txt \|\| rm -f review\.txt$/,
    );
  });

  test('a head that has landed is one line, with what looks at it', () => {
    const empty = finding('change-empty', { branch: 'master' });
    const noted = finding('ratification-early', {
      ...{ from: 'ledger', signer: 'alice', type: 'ratify', decision: null },
      ...{ head: HEAD, subject: HEAD, landed: false },
    });
    const verdict = verdictOf(rulingsWith({ history: [empty], statements: [noted] }));
    expect(textReport(verdict, OFFLINE).split('\n\njudged ')[0]).toBe(
      `undetermined: nothing to judge: 9c1d2e3f40 is in master already; \`countersign repair ${HEAD} --branch master\` looks at a landed commit`,
    );
  });
});

describe('on a terminal', () => {
  test('nobody is thanked for a change of their own, and a "no" is no "objections: objections"', () => {
    const known = rulingsWith({ commits: unsigned }).filter(({ rule }) => rule !== 'objections');
    const verdict = verdictOf([...known, ruling('objections', 'objections', [objection])]);
    const report = textReport(verdict, OFFLINE);
    expect(report).not.toContain('Thank you');
    expect(report).toContain('objections: somebody has signed a "no"');
    expect(markdownReport(verdict, ON_GITHUB)).toContain('Thank you');
  });

  test('a ratification by too few is not called one', () => {
    const few = finding('ratification-missing', {
      ...{ ...quorum, rule: 'ratification', from: 'admins', have: ['alice'] },
      commit: STEP,
    });
    const found = rulingsWith({ ratification: [few], requirement: [missing] });
    const verdict = { ...verdictOf(found), target: LANDED };
    for (const report of [textReport(verdict, OFFLINE), markdownReport(verdict, ON_GITHUB)]) {
      expect(report).not.toContain('ratified by governance');
    }
    expect(textReport(verdict, OFFLINE)).toMatch(
      /^ {2}wait {2}ratification: not ratified yet by governance/m,
    );
  });

  test('a revoked key is replaced before it is removed, and an SSH key has no certificate to renew', () => {
    const of = { ...outside, commit: HEAD, person: 'bob', fingerprint: `SHA256:${'a'.repeat(43)}` };
    const stopped = finding('commit-key-standing', { ...of, problems: ['key-revoked-by-statement'] });
    const revoked = finding('key-revoked', {
      person: 'bob',
      key: `ssh:${of.fingerprint}`,
      by: 'bob',
      reason: 'x',
    });
    const report = textReport(verdictOf(rulingsWith({ policy: [revoked], commits: [stopped] })), OFFLINE);
    expect(report).not.toContain('certificate');
    expect(report).toContain('countersign keys add bob FILE');
  });
});
