import { POLICY_PATH } from '../../policy/folder.ts';
import type { Diagnostic } from '../../policy/policy.ts';
import { count, list, short, type Entry } from './entry.ts';

export interface PolicyFindings {
  'policy-missing': { readonly branch: string; readonly commit: string };
  'policy-refused': { readonly path: string; readonly mode: string };
  'policy-invalid': { readonly commit: string; readonly diagnostics: readonly Diagnostic[] };
  'proposed-policy-invalid': { readonly diagnostics: readonly Diagnostic[] };
  'proposed-policy-refused': { readonly path: string; readonly mode: string };
  'proposed-policy-missing': { readonly path: string };
  'project-mismatch': { readonly policy: string; readonly repository: string };
  'branch-not-enrolled': { readonly branch: string; readonly patterns: readonly string[] };
  'branch-overlap': { readonly branch: string; readonly names: readonly string[] };
  'key-shared': { readonly owners: readonly string[]; readonly fingerprint: string };
  'proposed-key-shared': { readonly owners: readonly string[]; readonly fingerprint: string };
  'certificate-missing': { readonly owner: string; readonly fingerprint: string };
  'certificate-unreadable': { readonly file: string; readonly reason: string };
  'pin-is-subkey': { readonly owner: string; readonly fingerprint: string; readonly primary: string };
  'key-expires-soon': {
    readonly owner: string;
    readonly fingerprint: string;
    readonly primary: string;
    /** Whole days that are left. */
    readonly days: number;
    /** It is a matter of days. */
    readonly urgent: boolean;
  };
  'key-file-refused': { readonly path: string; readonly mode: string };
  'requirement-missing': { readonly branch: string };
  'observe-mode': { readonly branch: string };
  'world-unreadable': { readonly code: string; readonly message: string };
  'internal-error': { readonly message: string };
}

export const policyFindings: { readonly [C in keyof PolicyFindings]: Entry<PolicyFindings[C]> } = {
  'policy-missing': {
    outcome: 'undetermined',
    cause: ({ branch }) => `no policy on \`${branch}\`, so nothing can be judged`,
    remedy: ({ branch }) => [
      `an admin adds ${POLICY_PATH} to \`${branch}\`; policy.example.yaml is a start, and \`countersign policy lint\` checks it`,
    ],
  },
  'policy-refused': {
    outcome: 'undetermined',
    cause: ({ path, mode }) => `\`${path}\` (mode ${mode}) is not a regular file under exactly that name`,
    remedy: () => [
      `an admin makes ${POLICY_PATH} a regular file of mode 100644, with no second spelling beside it`,
    ],
  },
  'policy-invalid': {
    outcome: 'undetermined',
    cause: ({ diagnostics }) => `the policy has an error: ${place(diagnostics)}`,
    remedy: ({ commit }) => [
      `an admin corrects ${POLICY_PATH} as it is at ${short(commit)}; \`countersign policy lint\` shows every error with its line`,
    ],
  },
  'proposed-policy-invalid': {
    outcome: 'fail',
    cause: ({ diagnostics }) => `the policy that this brings has an error: ${place(diagnostics)}`,
    remedy: () => [
      `correct ${POLICY_PATH} in this change; \`countersign policy lint\` shows every error with its line`,
      'if it landed as it is, nothing on the branch could be judged any more',
    ],
  },
  'proposed-policy-refused': {
    outcome: 'fail',
    cause: ({ path, mode }) =>
      `\`${path}\` (mode ${mode}) would not be a regular file under exactly that name`,
    remedy: () => [`make ${POLICY_PATH} a regular file of mode 100644, with no second spelling beside it`],
  },
  'proposed-policy-missing': {
    outcome: 'pass',
    cause: () => 'this removes the policy: afterwards nothing on the branch can be judged',
    remedy: () => [],
  },
  'project-mismatch': {
    outcome: 'undetermined',
    cause: ({ policy, repository }) =>
      `the policy is for \`${policy}\`, this repository is \`${repository}\``,
    remedy: ({ repository }) => [`an admin writes \`project: ${repository}\` into ${POLICY_PATH}`],
  },
  'branch-not-enrolled': {
    outcome: 'undetermined',
    cause: ({ branch }) => `the policy has no rule for the branch \`${branch}\``,
    remedy: ({ patterns }) => [
      `name an enrolled branch (${list(
        patterns.map((pattern) => `\`${pattern}\``),
        'or',
      )}), or let an admin add one under \`branches\``,
    ],
  },
  'branch-overlap': {
    outcome: 'undetermined',
    cause: ({ branch, names }) => `several rules claim the branch \`${branch}\`: ${list(names)}`,
    remedy: () => ['an admin makes the patterns under `match` exclude each other'],
  },
  'key-shared': {
    outcome: 'undetermined',
    cause: ({ owners, fingerprint }) => `one key (${short(fingerprint)}) is listed for ${list(owners)}`,
    remedy: () => ['an admin takes the key away from all but its owner: a key speaks for one person only'],
  },
  'proposed-key-shared': {
    outcome: 'fail',
    cause: ({ owners, fingerprint }) => `this would list one key (${short(fingerprint)}) for ${list(owners)}`,
    remedy: () => [
      'take the key away from all but its owner: with a shared key nothing could be judged any more',
    ],
  },
  'certificate-missing': {
    outcome: 'pass',
    cause: ({ owner, fingerprint }) => `the certificate of ${owner}'s key ${short(fingerprint)} is missing`,
    remedy: ({ fingerprint }) => [
      `add it: gpg --armor --export ${fingerprint} > .countersign/keys/${fingerprint}.asc`,
    ],
  },
  'certificate-unreadable': {
    outcome: 'pass',
    cause: ({ file, reason }) => `\`.countersign/keys/${file}\` holds no usable certificate (${reason})`,
    remedy: () => ['replace it by what `gpg --armor --export FINGERPRINT` prints, or remove it'],
  },
  'pin-is-subkey': {
    outcome: 'pass',
    cause: ({ owner, fingerprint }) =>
      `${owner}'s pin ${short(fingerprint)} is a subkey, and only primary keys are pinned`,
    remedy: ({ primary }) => [`pin the primary key instead: \`openpgp: ${primary}\``],
  },
  'key-expires-soon': {
    outcome: 'pass',
    cause: ({ owner, fingerprint, days, urgent }) =>
      `${owner}'s key ${short(fingerprint)} expires in ${count(days, 'day')}${urgent ? ': what it signed and has not landed by then stops counting' : ''}`,
    remedy: ({ owner, primary }) => [
      `${owner} prolongs it with \`gpg --quick-set-expire ${primary} 2y\` (and \`gpg --quick-set-expire ${primary} 2y '*'\` for subkeys), then brings the new certificate`,
    ],
  },
  'key-file-refused': {
    outcome: 'pass',
    cause: ({ path, mode }) => `\`${path}\` (mode ${mode}) is not a regular file, and was not read`,
    remedy: () => ['key files are regular files of mode 100644 in .countersign/keys/'],
  },
  'requirement-missing': {
    outcome: 'undetermined',
    cause: ({ branch }) => `no requirement of the rule \`${branch}\` is about these paths`,
    remedy: () => ['an admin adds a requirement without `paths` to the rule, for everything'],
  },
  'observe-mode': {
    outcome: 'undetermined',
    cause: ({ branch }) => `the policy only observes \`${branch}\`, so this proves nothing`,
    remedy: () => [
      'an admin sets `mode: enforce` for the branch once the observed results are as they should be',
    ],
  },
  'world-unreadable': {
    outcome: 'undetermined',
    cause: ({ message }) => message,
    remedy: () => [
      'nothing is wrong with the change as far as can be told; it is judged again once this is readable',
    ],
  },
  'internal-error': {
    outcome: 'undetermined',
    cause: ({ message }) => `countersign itself failed: ${message}`,
    remedy: () => ['please report this with the text above; nothing passes until it is judged again'],
  },
};

function place(diagnostics: readonly Diagnostic[]): string {
  const first = diagnostics[0];
  if (!first) return 'it cannot be read';
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
  return `line ${first.line}: ${first.message}${more}`;
}
