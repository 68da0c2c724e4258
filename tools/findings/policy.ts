import type { PolicyFindings } from '../../src/core/verdict/catalogue/policy.ts';
import type { LockoutFindings } from '../../src/core/verdict/catalogue/lockout.ts';
import { FINGERPRINT, SUBKEY, TIP, type Examples } from './example.ts';

const DIAGNOSTIC = {
  severity: 'error',
  code: 'unknown-person',
  message: '`malory` is not among `people`',
  remedy: 'did you mean `mallory`?',
  line: 24,
  column: 19,
  length: 6,
} as const;

export const policyExamples: Examples<keyof PolicyFindings> = {
  'policy-missing': [{ branch: 'master', commit: TIP }],
  'policy-refused': [{ path: '.countersign/policy.yaml', mode: '120000' }],
  'policy-invalid': [{ commit: TIP, diagnostics: [DIAGNOSTIC] }],
  'proposed-policy-invalid': [{ diagnostics: [DIAGNOSTIC] }],
  'proposed-policy-refused': [{ path: '.Countersign/policy.yaml', mode: '100644' }],
  'proposed-policy-missing': [{ path: '.countersign/policy.yaml' }],
  'project-mismatch': [{ policy: 'github.com/acme/nixpkgs', repository: 'github.com/mallory/nixpkgs' }],
  'branch-not-enrolled': [{ branch: 'staging', patterns: ['master', 'release-*'] }],
  'branch-overlap': [{ branch: 'release-26.05', names: ['stable', 'releases'] }],
  'key-shared': [{ owners: ['alice', 'bob'], fingerprint: FINGERPRINT }],
  'proposed-key-shared': [{ owners: ['alice', 'mallory'], fingerprint: FINGERPRINT }],
  'certificate-missing': [{ owner: 'carol', fingerprint: FINGERPRINT }],
  'certificate-unreadable': [{ file: 'carol.asc', reason: 'not-a-certificate' }],
  'pin-is-subkey': [{ owner: 'dave', fingerprint: SUBKEY, primary: FINGERPRINT }],
  'key-expires-soon': [{ owner: 'alice', fingerprint: SUBKEY, primary: FINGERPRINT, days: 9, urgent: true }],
  'key-file-refused': [{ path: '.countersign/keys/alice.asc', mode: '120000' }],
  'requirement-missing': [{ branch: 'stable' }],
  'observe-mode': [{ branch: 'master' }],
  'world-unreadable': [{ code: 'git-failed', message: 'git could not fetch the repository just now' }],
  'internal-error': [{ message: 'the store is closed' }],
};

const QUORUM = {
  kind: 'governance',
  branch: null,
  name: 'governance',
  group: 'admins',
  members: 3,
  usable: ['alice', 'bob', 'carol'],
  need: 3,
} as const;

export const lockoutExamples: Examples<keyof LockoutFindings> = {
  'lockout-quorum-unreachable': [{ ...QUORUM, usable: ['alice', 'bob'], always: true }],
  'lockout-quorum-expiring': [{ ...QUORUM, days: 12, whose: ['carol'] }],
  'lockout-last-admin': [{ ...QUORUM, members: 1, usable: ['alice'], need: 1 }],
  'lockout-quorum-tight': [QUORUM],
  'lockout-hardware': [{ ...QUORUM, whose: ['bob'] }],
  'lockout-no-key': [{ person: 'dave', keys: 1 }],
};
