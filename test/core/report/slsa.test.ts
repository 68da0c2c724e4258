import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/core/facts/json.ts';
import type { Facts } from '../../../src/core/facts/facts.ts';
import { parsePolicy } from '../../../src/core/policy/parse.ts';
import type { BranchPolicy, Policy, Requirement } from '../../../src/core/policy/policy.ts';
import { demandsTwoParties, summaryOf } from '../../../src/core/report/slsa.ts';
import { unreadable } from '../../../src/core/verdict/evaluate.ts';
import type { Verdict } from '../../../src/core/verdict/verdict.ts';
import { decide } from '../../../src/judge.ts';
import { openFork, type Fork } from '../../fork/fork.ts';
import { CHANGE, rulingsWith, verdictOf } from './made.ts';
import { checkSummary, type Summary } from './vsa-fields.ts';

const OPTIONS = { version: '0.1.0', now: 1_790_000_000 };

function factsOf(folder: string): Facts {
  return parseFacts(readFileSync(new URL(`../../verdicts/${folder}/facts.json`, import.meta.url), 'utf8'));
}

async function summarise(folder: string): Promise<{ facts: Facts; verdict: Verdict; summary: Summary }> {
  const facts = factsOf(folder);
  const verdict = await decide(facts);
  return { facts, verdict, summary: checkSummary(summaryOf(verdict, facts, OPTIONS)) };
}

function policyBytes(facts: Facts): Uint8Array {
  const found = facts.policy.entries.find(
    ({ path }) => Buffer.from(path).toString() === '.countersign/policy.yaml',
  );
  return found?.bytes ?? new Uint8Array();
}

describe('a verification summary', () => {
  test('of a pass names what was judged, by which policy and on which statements', async () => {
    const { facts, verdict, summary } = await summarise('social-two-maintainers');
    const { subject, predicate } = summary;
    const { target } = facts;
    expect(target.kind).toBe('change');
    const tip = target.kind === 'change' ? target.tip : '';
    expect(subject).toEqual([{ digest: { gitCommit: target.kind === 'change' ? target.head : '' } }]);
    expect(predicate.resourceUri).toBe('git+https://github.com/acme/nixpkgs');
    expect(predicate.policy).toEqual({
      uri: `git+https://github.com/acme/nixpkgs@${tip}#.countersign/policy.yaml`,
      digest: { sha256: createHash('sha256').update(policyBytes(facts)).digest('hex'), gitCommit: tip },
    });
    expect(predicate.inputAttestations?.map(({ digest }) => digest['sha256'])).toEqual(
      verdict.evidence.map(({ digest }) => digest),
    );
    expect(predicate.inputAttestations).toHaveLength(1);
    expect(predicate.timeVerified).toBe(new Date(facts.evaluatedAt * 1000).toISOString().replace('.000', ''));
    expect(predicate.verificationResult).toBe('PASSED');
    // The policy of the cases lets who merges count as an approver, and asks for one approval.
    expect(predicate.verifiedLevels).toEqual(['SLSA_SOURCE_LEVEL_UNEVALUATED']);
  });

  test.each([
    ['social-author-alone', 'signatures missing'],
    ['objection', 'a signed objection'],
    ['observed', 'observe mode'],
    ['social-merge-by-the-author', 'a step without a review'],
  ])('of %s (%s) is FAILED', async (folder) => {
    const { summary, verdict } = await summarise(folder);
    expect(verdict.outcome).not.toBe('pass');
    expect(summary.predicate.verificationResult).toBe('FAILED');
    expect(summary.predicate.verifiedLevels).toEqual(['FAILED']);
  });

  test('of a ratified step passes, and claims no review', async () => {
    const { summary, facts } = await summarise('ratified');
    expect(summary.predicate.verificationResult).toBe('PASSED');
    expect(summary.predicate.verifiedLevels).toEqual(['SLSA_SOURCE_LEVEL_UNEVALUATED']);
    expect(facts.target.kind).toBe('step');
    // A step was the tip of its branch: only then may the reference be named.
    expect(summary.subject[0]?.annotations).toEqual({ sourceRefs: ['refs/heads/master'] });
  });

  test('of what could not be read is FAILED, and still a summary', () => {
    const verdict = unreadable(CHANGE, 'git-failed', 'no');
    const { predicate } = checkSummary(summaryOf(verdict, null, OPTIONS));
    expect(predicate.verificationResult).toBe('FAILED');
    expect(predicate.resourceUri).toBe('git+https://repository.invalid');
    expect(predicate.policy.digest).toEqual({ gitCommit: CHANGE.tip });
    expect(predicate.timeVerified).toBe('2026-09-21T14:13:20Z');
  });

  test('that does not know every statement by its digest names none', () => {
    const one = { type: 'review', signer: 'bob', head: CHANGE.head, from: 'x' } as const;
    const evidence = [
      { ...one, digest: 'a'.repeat(64) },
      { ...one, signer: 'carol', digest: null },
    ];
    const verdict = verdictOf(rulingsWith({}), { evidence });
    const { predicate } = checkSummary(summaryOf(verdict, null, OPTIONS));
    expect(predicate.inputAttestations).toBeUndefined();
  });

  test('of a verdict in enforce mode alone can pass', () => {
    for (const mode of ['observe', null] as const) {
      const { predicate } = checkSummary(summaryOf(verdictOf(rulingsWith({}), { mode }), null, OPTIONS));
      expect(predicate.verificationResult).toBe('FAILED');
    }
  });
});

describe('two-party review is claimed', () => {
  const parsed = parsePolicy(policyBytes(factsOf('social-two-maintainers')));
  if (!parsed.ok) throw new Error('the policy of the case cannot be read');
  const { policy } = parsed;
  const [branch] = policy.branches;
  if (!branch) throw new Error('the policy of the case has no branch');
  const [everything] = branch.require;
  if (!everything) throw new Error('the policy of the case requires nothing');

  const claimed = (
    requirements: readonly Partial<Requirement>[],
    more: { branch?: Partial<BranchPolicy>; policy?: Partial<Policy> } = {},
  ): boolean =>
    demandsTwoParties(
      { ...policy, ...more.policy },
      {
        ...branch,
        merges: { ...branch.merges, signerCountsAs: 'person' },
        ...more.branch,
        require: requirements.map((one) => ({ ...everything, ...one })),
      },
    );
  const approver = { merges: { ...branch.merges, signerCountsAs: 'approver' } } as const;
  const lonely = { governance: { ...policy.governance, people: 1 } };
  const lib = branch.match;

  test.each([
    ['two people and one review', claimed([{ people: 2, approvals: 1 }]), true],
    ['two reviews', claimed([{ people: 1, approvals: 2 }]), true],
    ['one person', claimed([{ people: 1, approvals: 1 }]), false],
    ['two people without a review', claimed([{ people: 2, approvals: 0 }]), false],
    ['for some paths only', claimed([{ people: 2, approvals: 1, paths: lib }]), false],
    [
      'for everything, with more for some paths',
      claimed([
        { people: 2, approvals: 1 },
        { people: 3, approvals: 2, paths: lib },
      ]),
      true,
    ],
    [
      'for some paths, with one person for everything else',
      claimed([
        { people: 1, approvals: 1 },
        { people: 3, approvals: 2, paths: lib },
      ]),
      false,
    ],
    ['a merger who approves by merging', claimed([{ people: 2, approvals: 1 }], { branch: approver }), false],
    [
      'two approvals, the merger among them',
      claimed([{ people: 2, approvals: 2 }], { branch: approver }),
      true,
    ],
    [
      'a policy that one person can change',
      claimed([{ people: 2, approvals: 1 }], { policy: lonely }),
      false,
    ],
    ['observe mode', claimed([{ people: 2, approvals: 1 }], { branch: { mode: 'observe' } }), false],
    ['no requirement', claimed([]), false],
  ])('%s', (_what, is, expected) => {
    expect(is).toBe(expected);
  });
});

describe('countersign verify --format slsa-vsa', () => {
  let fork: Fork;
  beforeAll(async () => {
    fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh', dave: 'ssh' });
  });
  afterAll(async () => {
    await fork.close();
  });

  test('prints a summary and nothing else, with the exit code of the verdict', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
    const where = ['--repository', fork.dir, '--base', base, '--head', head, '--branch', 'master'];
    const pending = await fork.cli('verify', ...where, '--format', 'slsa-vsa');
    expect(pending.code).toBe(3);
    expect(checkSummary(JSON.parse(pending.out)).predicate.verificationResult).toBe('FAILED');

    const review = await fork.review({ as: 'bob', base, head });
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${fork.keys.home}/review.signed`, review);
    const file = `${fork.keys.home}/review.signed`;
    const passed = await fork.cli('verify', ...where, '--format', 'slsa-vsa', '--statements', file);
    expect([passed.code, passed.err]).toEqual([0, '']);
    const { predicate } = checkSummary(JSON.parse(passed.out));
    expect(predicate.verificationResult).toBe('PASSED');
    expect(predicate.verifiedLevels).toEqual([
      'SLSA_SOURCE_LEVEL_UNEVALUATED',
      'SLSA_SOURCE_TWO_PARTY_REVIEWED',
    ]);
    // Anybody can find the statement by this: it is the SHA-256 of text and armor as they were posted.
    const digest = createHash('sha256').update(review).digest('hex');
    expect(predicate.inputAttestations).toEqual([
      {
        uri: `git+https://github.com/acme/nixpkgs@countersign/ledger#review/${head}/${digest}`,
        digest: { sha256: digest },
      },
    ]);
  });

  test('other formats: the flag that was there before stays, contradictions and unknown ones are refused', async () => {
    const base = await fork.setPolicy();
    const head = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
    const where = ['verify', '--repository', fork.dir, '--base', base, '--head', head, '--branch', 'master'];
    const [long, short, text] = [
      await fork.cli(...where, '--format', 'json'),
      await fork.cli(...where, '--json'),
      await fork.cli(...where, '--format', 'text'),
    ];
    expect(JSON.parse(long.out)).toMatchObject({ outcome: 'pending' });
    expect(Object.keys(JSON.parse(short.out) as object)).toEqual(Object.keys(JSON.parse(long.out) as object));
    expect(text.out).toMatch(/^pending: /);
    for (const args of [
      ['--format', 'xml'],
      ['--json', '--format', 'text'],
    ]) {
      const { code, out, err } = await fork.cli(...where, ...args);
      expect([code, out]).toEqual([64, '']);
      expect(err).toMatch(/format/);
    }
  });
});
