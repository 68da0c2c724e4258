import type { PresenceDemand } from '../../policy/policy.ts';
import type { ProofReason } from '../../signature/proof.ts';
import type { SignerProblem } from '../signer.ts';
import { adoptCommand } from './commands.ts';
import { list, short, type Entry } from './entry.ts';
import { reasonInWords, signerProblemInWords } from './words.ts';

interface OfCommit {
  readonly commit: string;
  /** First line of the message: an attacker's text, for display. */
  readonly subject: string;
}

interface Adoptable extends OfCommit {
  /** The policy lets a maintainer take such commits over; otherwise they are refused. */
  readonly adoptable: boolean;
  /** Who could; empty where nobody may. */
  readonly adopters: readonly string[];
  /** The whole of what is judged: the head of a change, or the commit of a step. */
  readonly judged: string;
  readonly landed: boolean;
}

export interface CommitFindings {
  'commit-malformed': { readonly commit: string; readonly detail: string };
  'commit-unsigned': Adoptable;
  'commit-key-unknown': Adoptable & { readonly key: string };
  'commit-signature-bad': OfCommit & { readonly reason: ProofReason };
  'commit-signature-unsupported': Adoptable & { readonly reason: ProofReason };
  'commit-signer-not-allowed': Adoptable & { readonly person: string; readonly group: string };
  'commit-key-standing': Adoptable & {
    readonly person: string;
    readonly fingerprint: string;
    readonly problems: readonly SignerProblem[];
  };
  'commit-not-touched': Adoptable & { readonly person: string; readonly demand: PresenceDemand };
  'commit-outside-paths': { readonly commit: string; readonly bot: string; readonly path: string };
  'commit-by-github': Adoptable;
}

const outcome = ({ adoptable }: { readonly adoptable: boolean }): 'pending' | 'fail' =>
  adoptable ? 'pending' : 'fail';

/** What to do about a commit that nobody on the roster signed, or not as it should be. */
const takeOver = ({ adoptable, adopters, judged: subject, landed, commit }: Adoptable): string[] => [
  adoptable
    ? `${adopters.length > 0 ? list(adopters, 'or') : 'a maintainer'} can take it over: ${adoptCommand({ subject, landed })}; whoever made it need not do anything`
    : `the policy takes only signed commits of its maintainers: one of them signs it (\`git rebase --force-rebase --gpg-sign ${commit}^\`)`,
];

/** An SSH key has no certificate, and what a revocation has ended does not come back. */
function isRenewable({ fingerprint, problems }: CommitFindings['commit-key-standing']): boolean {
  return (
    !fingerprint.startsWith('SHA256:') &&
    !problems.some((problem) => problem === 'key-revoked-by-statement' || problem === 'key-revoked-hard')
  );
}

export const commitFindings: { readonly [C in keyof CommitFindings]: Entry<CommitFindings[C]> } = {
  'commit-malformed': {
    outcome: 'fail',
    cause: ({ commit, detail }) => `commit ${short(commit)} is not written as git writes commits: ${detail}`,
    remedy: () => ['make the commit again with an ordinary git'],
  },
  'commit-unsigned': {
    outcome,
    cause: ({ commit }) => `commit ${short(commit)} is not signed`,
    remedy: takeOver,
  },
  'commit-key-unknown': {
    outcome,
    cause: ({ commit, key }) =>
      `commit ${short(commit)} is signed by a key that nobody on the roster has (${key})`,
    remedy: (data) => [
      ...takeOver(data),
      "if the key is a maintainer's, an admin adds it to the policy (and an OpenPGP certificate to .countersign/keys/)",
    ],
  },
  'commit-signature-bad': {
    outcome: 'fail',
    cause: ({ commit, reason }) =>
      `the signature of commit ${short(commit)} does not count: ${reasonInWords(reason)}`,
    remedy: () => ['find out how it came about; then make and sign the commit again'],
  },
  'commit-signature-unsupported': {
    outcome,
    cause: ({ commit, reason }) =>
      `the signature of commit ${short(commit)} cannot be checked: ${reasonInWords(reason)}`,
    remedy: (data) => ['sign with OpenPGP (RSA, ECDSA, Ed25519) or with an SSH key', ...takeOver(data)],
  },
  'commit-signer-not-allowed': {
    outcome,
    cause: ({ commit, person, group }) =>
      `commit ${short(commit)} is signed by ${person}, who is not in \`${group}\``,
    remedy: (data) => [
      ...takeOver(data),
      `or a member of \`${data.group}\` signs the commit again in their own name`,
    ],
  },
  'commit-key-standing': {
    outcome,
    cause: ({ commit, person, problems }) =>
      `commit ${short(commit)} is signed by ${person}'s key, but ${list(problems.map(signerProblemInWords))}`,
    remedy: (data) => [
      `${data.person} signs the commit again with a key in good standing${isRenewable(data) ? `, or renews ${data.fingerprint} and brings the new certificate` : ''}`,
      ...(data.adoptable ? takeOver(data) : []),
    ],
  },
  'commit-not-touched': {
    outcome,
    cause: ({ commit, person, demand }) =>
      `commit ${short(commit)} is signed by ${person}'s hardware key without ${demand === 'verified' ? 'PIN or fingerprint' : 'a touch'}`,
    remedy: (data) => [
      `${data.person} makes sure that nobody else used the key, and signs again`,
      ...(data.adoptable ? takeOver(data) : []),
    ],
  },
  'commit-outside-paths': {
    outcome: 'fail',
    cause: ({ bot, path }) => `the bot ${bot} signed a change of \`${path}\`, outside its paths`,
    remedy: () => ['a person makes this change, or an admin widens the paths of the bot'],
  },
  'commit-by-github': {
    outcome,
    cause: ({ commit }) => `commit ${short(commit)} was made and signed by GitHub, not by a person`,
    remedy: (data) => [
      'make such commits on your own machine, not with buttons or the editor in the browser',
      ...takeOver(data),
    ],
  },
};
