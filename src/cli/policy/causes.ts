import type { Finding, FindingCode } from '../../core/verdict/finding.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';

/** Why steps do not pass, in words that stand after "for"; codes that mean the same to a maintainer share them. */
const SECOND = 'a missing second person';
const UNSIGNED = 'commits that nobody on the roster signed';
const BAD = 'signatures that do not count';
const WORDS: Partial<Record<FindingCode, string>> = {
  'people-missing': SECOND,
  'approvals-missing': SECOND,
  'governance-missing': 'changes of what decides, without governance',
  'commit-unsigned': UNSIGNED,
  'commit-key-unknown': UNSIGNED,
  'commit-signer-not-allowed': UNSIGNED,
  'commit-by-github': 'commits that GitHub signed (web edits, squash, rebase)',
  'commit-signature-bad': BAD,
  'commit-signature-unsupported': BAD,
  'commit-key-standing': BAD,
  'commit-not-touched': BAD,
  'commit-outside-paths': 'bots outside their paths',
  'github-merge-refused': "merges by GitHub's button",
  'github-merge-changed': "merges by GitHub's button that hold content of their own",
  'merge-resolution': 'merges with content of their own',
  'merge-resolution-refused': 'merges with content of their own',
  'octopus-merge': 'merges of more than two parents',
  'merge-base-ambiguous': 'histories with several merge bases',
  'path-hostile': 'paths that some tools show otherwise',
  'path-twin': 'paths that differ in letter case alone',
  'requirement-missing': 'paths that no requirement is about',
  'branch-not-enrolled': 'a branch that the policy does not enrol',
  'policy-missing': 'no policy at that time',
  'policy-invalid': 'a policy with errors at that time',
  'world-unreadable': 'objects that are not here',
};

export function causeInWords(code: FindingCode): string {
  return WORDS[code] ?? code;
}

/** What keeps a verdict from passing, observing aside. */
export function blockingFindings({ rulings }: Verdict): Finding[] {
  return rulings
    .filter(({ rule }) => rule !== 'mode')
    .flatMap(({ findings }) => findings)
    .filter(({ outcome }) => outcome !== 'pass');
}

/** Who could give what is missing, each once. */
export function askedFor(findings: readonly Finding[]): string[] {
  const names = findings.flatMap((found) => {
    switch (found.code) {
      case 'people-missing':
      case 'approvals-missing':
      case 'governance-missing':
        return found.data.candidates;
      default:
        return [];
    }
  });
  return [...new Set(names)];
}
