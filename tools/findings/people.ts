import type { AdoptionFindings } from '../../src/core/verdict/catalogue/adoption.ts';
import type { GovernanceFindings } from '../../src/core/verdict/catalogue/governance.ts';
import type { QuorumFindings } from '../../src/core/verdict/catalogue/quorum.ts';
import { FINGERPRINT, HEAD, SSH, STEP, TIP, type Examples } from './example.ts';

const STATEMENT = {
  from: 'comment 1523',
  signer: 'bob',
  type: 'adopt',
  decision: null,
  head: HEAD,
  subject: HEAD,
  landed: false,
} as const;
const RATIFICATION = { ...STATEMENT, type: 'ratify', head: STEP, subject: STEP, landed: true } as const;
const REVOCATION = {
  ...STATEMENT,
  type: 'revoke',
  head: null,
  person: 'carol',
  key: `openpgp:${FINGERPRINT}`,
} as const;
const ADMINS = ['alice', 'bob', 'carol'] as const;

export const adoptionExamples: Examples<keyof AdoptionFindings> = {
  'adoption-refused': [{ ...STATEMENT, branch: 'master' }],
  'adopter-not-allowed': [{ ...STATEMENT, signer: 'erin', group: 'maintainers', candidates: ADMINS }],
  'adoption-base-aside': [{ ...STATEMENT, base: TIP }],
  'adoption-empty': [STATEMENT],
  'adoption-not-needed': [{ ...STATEMENT, candidates: ['alice', 'carol'] }],
};

export const governanceExamples: Examples<keyof GovernanceFindings> = {
  'key-revoked': [{ person: 'carol', key: `ssh:${SSH}`, by: 'carol', reason: 'the laptop was stolen' }],
  'revocation-noted': [{ ...REVOCATION, subject: STEP, landed: true, reason: 'the laptop was stolen' }],
  'revocation-refused': [{ ...REVOCATION, signer: 'erin', group: 'admins', candidates: ADMINS }],
  'revocation-key-unknown': [REVOCATION],
  'step-ratified': [
    { commit: STEP, people: ADMINS, reasons: ['landed by the button on the day of the move'] },
  ],
  'ratification-early': [{ ...RATIFICATION, subject: HEAD, head: HEAD, landed: false }],
  'ratification-other-step': [{ ...RATIFICATION, parent: TIP, tree: HEAD }],
  'ratification-refused': [{ ...RATIFICATION, signer: 'erin', group: 'admins', candidates: ADMINS }],
};

export const quorumExamples: Examples<keyof QuorumFindings> = {
  'people-missing': [
    { rule: 'everything', from: 'maintainers', need: 2, have: ['alice'], candidates: ['bob', 'carol'] },
  ],
  'approvals-missing': [
    { rule: 'foundations', from: 'core', need: 2, have: ['bob'], candidates: ['carol', 'dave'] },
  ],
  'governance-missing': [
    {
      rule: 'governance',
      from: 'admins',
      need: 3,
      have: ['alice'],
      candidates: ['bob', 'carol', 'dave'],
      paths: ['.countersign/policy.yaml'],
    },
  ],
  'ratification-missing': [
    {
      rule: 'ratification',
      from: 'admins',
      need: 3,
      have: ['alice'],
      candidates: ['bob', 'carol'],
      commit: STEP,
    },
  ],
};
