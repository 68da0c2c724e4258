import type { ObjectionFindings } from '../../src/core/verdict/catalogue/objection.ts';
import type { StatementFindings } from '../../src/core/verdict/catalogue/statement.ts';
import { DIGEST, EARLIER, HEAD, SSH, STEP, TIP, type Examples } from './example.ts';

const APPROVAL = {
  from: 'comment 1523',
  signer: 'bob',
  type: 'review',
  decision: 'approve',
  head: HEAD,
  subject: HEAD,
  landed: false,
} as const;
const STALE = { ...APPROVAL, head: EARLIER } as const;
const REJECT = { ...APPROVAL, signer: 'carol', decision: 'reject' } as const;
const OVERRULING = { ...APPROVAL, signer: 'dave', type: 'overrule', decision: null } as const;

export const statementExamples: Examples<keyof StatementFindings> = {
  'statement-broken': [{ from: 'comment 1523', line: 12, problem: 'armor-cut' }],
  'statement-malformed': [{ from: 'comment 1523', line: 7, problem: 'expected `change: `' }],
  'statement-reviewer-unknown': [{ ...APPROVAL, signer: 'mallory' }],
  'statement-signature': [{ ...APPROVAL, reason: 'wrong-namespace' }],
  'statement-key-not-theirs': [{ ...APPROVAL, owner: 'mallory', fingerprint: SSH }],
  'statement-key-standing': [{ ...APPROVAL, problems: ['key-expired'] }],
  'statement-not-touched': [{ ...APPROVAL, demand: 'touch' }],
  'statement-other-project': [{ ...APPROVAL, project: 'github.com/acme/website' }],
  'statement-other-branch': [{ ...APPROVAL, branch: 'release-26.05' }],
  'statement-other-head': [
    { ...STALE, why: 'differs' },
    { ...STALE, why: 'conflict' },
    { ...STALE, why: 'older' },
    { ...STALE, why: 'commits' },
  ],
  'statement-change-differs': [{ ...APPROVAL, signed: DIGEST, computed: DIGEST.replaceAll('2', '3') }],
  'statement-base-not-landed': [{ ...APPROVAL, base: TIP }],
  'statement-spent': [{ ...APPROVAL, by: STEP }],
  'statement-superseded': [{ ...APPROVAL, serial: 1, by: 2 }],
  'statement-withdrawn': [{ ...APPROVAL, decision: 'withdraw' }],
  'approval-carried': [{ ...STALE, to: HEAD }],
  'reviewer-is-author': [
    { ...APPROVAL, adopted: false },
    { ...APPROVAL, adopted: true },
  ],
};

export const objectionExamples: Examples<keyof ObjectionFindings> = {
  objection: [
    {
      ...REJECT,
      notes: ['the hash is that of another release'],
      serial: 1,
      stale: false,
      group: 'admins',
      need: 3,
      have: [],
      overrulers: ['alice', 'bob', 'dave'],
    },
  ],
  'statement-illegible': [
    { from: 'comment 1523', line: 12, problem: 'not a kind of statement that is known', signer: 'carol' },
  ],
  'objection-overruled': [
    { ...REJECT, by: ['alice', 'bob', 'dave'], reasons: ['carol is away, and the release was checked'] },
  ],
  'objection-noted': [{ ...REJECT, subject: STEP, landed: true, notes: [] }],
  'overruling-idle': [{ ...OVERRULING, objector: 'carol', serial: 1 }],
  'overruling-refused': [
    { ...OVERRULING, signer: 'erin', objector: 'carol', group: 'admins', candidates: ['alice', 'bob'] },
  ],
};
