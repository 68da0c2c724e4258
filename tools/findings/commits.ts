import type { CommitFindings } from '../../src/core/verdict/catalogue/commit.ts';
import { FINGERPRINT, HEAD, SSH, type Examples } from './example.ts';

const ADOPTABLE = {
  commit: HEAD,
  subject: 'hello: 2.12.2 -> 2.12.3',
  adoptable: true,
  adopters: ['alice', 'bob'],
  judged: HEAD,
  landed: false,
} as const;
const REFUSED = { ...ADOPTABLE, adoptable: false, adopters: [] } as const;

export const commitExamples: Examples<keyof CommitFindings> = {
  'commit-malformed': [{ commit: HEAD, detail: 'a second `author` line' }],
  'commit-unsigned': [ADOPTABLE, REFUSED],
  'commit-key-unknown': [
    { ...ADOPTABLE, key: SSH },
    { ...REFUSED, key: SSH },
  ],
  'commit-signature-bad': [{ commit: HEAD, subject: ADOPTABLE.subject, reason: 'signature-bad' }],
  'commit-signature-unsupported': [
    { ...ADOPTABLE, reason: 'x509-unsupported' },
    { ...REFUSED, reason: 'x509-unsupported' },
  ],
  'commit-signer-not-allowed': [
    { ...ADOPTABLE, person: 'erin', group: 'maintainers' },
    { ...REFUSED, person: 'erin', group: 'maintainers' },
  ],
  'commit-key-standing': [
    { ...ADOPTABLE, person: 'carol', fingerprint: FINGERPRINT, problems: ['key-expired'] },
    { ...REFUSED, person: 'carol', fingerprint: FINGERPRINT, problems: ['key-revoked-hard'] },
  ],
  'commit-not-touched': [
    { ...ADOPTABLE, person: 'carol', demand: 'touch' },
    { ...REFUSED, person: 'carol', demand: 'verified' },
  ],
  'commit-outside-paths': [{ commit: HEAD, bot: 'updater', path: 'lib/default.nix' }],
  'commit-by-github': [ADOPTABLE, REFUSED],
};
