import { readFileSync } from 'node:fs';
import { parseFacts } from '../../../src/core/facts/json.ts';
import { policyChange } from '../../../src/core/policy/policy-change.ts';
import type { ReportContext } from '../../../src/core/report/context.ts';
import { finding } from '../../../src/core/verdict/finding.ts';
import type { Verdict } from '../../../src/core/verdict/verdict.ts';
import { decide } from '../../../src/judge.ts';
import { OFFLINE, ON_GITHUB, rulingsWith, verdictOf } from './made.ts';

export interface Situation {
  readonly verdict: Verdict;
  readonly context: ReportContext;
}

const LANDED: ReportContext = { ...ON_GITHUB, pull: null, unprovable: 3 };

/** What people meet, each judged from the facts of a case in test/verdicts, and where they read of it. */
const JUDGED: Readonly<Record<string, readonly [string, ReportContext]>> = {
  'first-time-contributor': ['social-outside-work', ON_GITHUB],
  'first-time-contributor-offline': ['social-outside-work', OFFLINE],
  'contributor-where-adoption-is-refused': ['social-adoption-refused', ON_GITHUB],
  approved: ['social-two-maintainers', ON_GITHUB],
  'missing-second-person': ['social-author-alone', ON_GITHUB],
  'missing-second-person-offline': ['social-author-alone', OFFLINE],
  'stricter-paths': ['social-foundations-need-more', ON_GITHUB],
  'stale-review-after-a-push': ['carried-over-a-change', ON_GITHUB],
  'carried-over': ['carried-over-a-rebase', ON_GITHUB],
  rejected: ['objection', ON_GITHUB],
  'rejected-and-overruled': ['objection-overruled', ON_GITHUB],
  withdrawn: ['withdrawal', ON_GITHUB],
  adopted: ['social-outside-adopted-and-approved', ON_GITHUB],
  'author-approves': ['social-author-approves-herself', ON_GITHUB],
  'signed-with-a-foreign-key': ['social-approval-with-a-foreign-key', ON_GITHUB],
  'key-in-bad-standing': ['approval-with-an-expired-key', ON_GITHUB],
  'key-revoked': ['key-revoked-by-its-owner', ON_GITHUB],
  'spent-review': ['spent-after-a-revert', ON_GITHUB],
  'change-of-policy-for-real': ['governance-with-two', ON_GITHUB],
  'policy-deleted': ['governance-deleted-policy', ON_GITHUB],
  observed: ['observed', ON_GITHUB],
  'evil-merge': ['merge-resolution-unreviewed', LANDED],
  'landed-step-lacks-things': ['social-merge-by-the-author', LANDED],
  'landed-and-repaired': ['repair-what-was-never-reviewed', LANDED],
  'landed-by-the-button': ['github-merge-refused', LANDED],
  'landed-squashed': ['squash-of-outside-work', LANDED],
  ratified: ['ratified', LANDED],
};

async function judged([folder, context]: readonly [string, ReportContext]): Promise<Situation> {
  const path = new URL(`../../verdicts/${folder}/facts.json`, import.meta.url);
  return { verdict: await decide(parseFacts(readFileSync(path, 'utf8'))), context };
}

/** A change of the policy as it would be told in full: more of it at once than any case needs. */
const changeOfPolicy: Situation = {
  context: ON_GITHUB,
  verdict: verdictOf(
    rulingsWith(
      {
        policy: [
          finding('lockout-quorum-tight', {
            kind: 'governance',
            branch: null,
            name: 'governance',
            group: 'admins',
            members: 3,
            usable: ['alice', 'bob', 'carol'],
            need: 3,
          }),
        ],
        governance: [
          finding('governance-missing', {
            rule: 'governance',
            from: 'admins',
            need: 3,
            have: ['alice'],
            candidates: ['bob', 'carol', 'dave'],
            paths: ['.countersign/policy.yaml'],
          }),
        ],
      },
      { requirement: ['alice', 'bob'], governance: ['alice'], commits: ['alice'] },
    ),
    {
      people: { authors: ['alice'], behind: ['alice', 'bob'], approvers: ['bob'] },
      policyChanges: [
        policyChange('governance-lowered', 'this policy can be changed by 2 people of `admins`; it took 3'),
        policyChange('person-gains', '`mallory` can sign commits on `master`'),
        policyChange('quorum-raised', '`foundations` of `stable` asks for 3 approvals; it asked for 2'),
      ],
    },
  ),
};

export async function situations(): Promise<ReadonlyMap<string, Situation>> {
  const all = new Map<string, Situation>([['change-of-policy', changeOfPolicy]]);
  for (const [name, from] of Object.entries(JUDGED)) all.set(name, await judged(from));
  return all;
}
