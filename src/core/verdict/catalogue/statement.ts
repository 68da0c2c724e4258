import type { PresenceDemand } from '../../policy/policy.ts';
import type { ProofReason } from '../../signature/proof.ts';
import type { BrokenText } from '../../statement/extract.ts';
import type { SignerProblem } from '../signer.ts';
import type { NotCarried } from '../statements/not-carried.ts';
import type { StatementLabel as Of } from '../statements/accepted.ts';
import { commandAgain, reviewCommand, whatWasSigned } from './commands.ts';
import { list, short, type Entry } from './entry.ts';
import { reasonInWords, signerProblemInWords, signerProblemRemedy } from './words.ts';

export interface StatementFindings {
  'statement-broken': {
    readonly from: string;
    readonly line: number;
    readonly problem: BrokenText['problem'];
  };
  'statement-malformed': { readonly from: string; readonly line: number; readonly problem: string };
  'statement-reviewer-unknown': Of;
  'statement-signature': Of & { readonly reason: ProofReason };
  'statement-key-not-theirs': Of & { readonly owner: string | null; readonly fingerprint: string };
  'statement-key-standing': Of & { readonly problems: readonly SignerProblem[] };
  'statement-not-touched': Of & { readonly demand: PresenceDemand };
  'statement-other-project': Of & { readonly project: string };
  'statement-other-branch': Of & { readonly branch: string };
  'statement-other-head': Of & { readonly why: NotCarried };
  'statement-change-differs': Of & { readonly signed: string; readonly computed: string | null };
  'statement-base-not-landed': Of & { readonly base: string };
  'statement-spent': Of & {
    /** The step that landed the same change; `null` where the very head has landed. */
    readonly by: string | null;
  };
  'statement-superseded': Of & { readonly serial: number; readonly by: number };
  'statement-withdrawn': Of;
  'approval-carried': Of & { readonly to: string };
  'reviewer-is-author': Of & {
    /** By taking over commits of others, not by writing some. */
    readonly adopted: boolean;
  };
}

const BROKEN: Readonly<Record<BrokenText['problem'], string>> = {
  'signature-missing': 'a statement without a signature after it',
  'armor-cut': 'a signature that is cut off or has a foreign line in it',
  'text-missing': 'a signature without a statement before it',
  'too-large': 'more text than is searched for statements',
  'too-many': 'more statements than are read from one place',
};

const NOT_CARRIED: Readonly<Record<NotCarried, string>> = {
  policy: 'the policy wants every head reviewed anew',
  resolution: 'what is judged is content that only the merge has',
  unknown: 'it could not be compared with what is judged here',
  change: 'it names another change than that head has',
  base: 'its base has not landed on this branch',
  conflict: 'merging that head onto the base of this change conflicts, so nothing proves that it is the same',
  differs: 'what is judged here is another change',
  older:
    'this change began below what was reviewed, so what had landed by then is not known to be on its base',
  commits: 'this change brings commits of others that the review has not seen',
  author: 'its signer wrote commits of that head',
  kind: 'nothing but approvals holds for another head',
};

const whose = (of: Of): string => `${of.from}: ${of.signer}'s ${whatWasSigned(of)}`;
const signsAgain = (of: Of): string =>
  `${of.signer} looks at it as it is now, and signs: ${commandAgain(of)}`;

/** Nothing but a signed "no" is more than a note: whoever may comment must not be able to turn a check red. */
export const statementFindings: { readonly [C in keyof StatementFindings]: Entry<StatementFindings[C]> } = {
  'statement-broken': {
    outcome: 'pass',
    cause: ({ from, line, problem }) => `${from}, line ${line}: ${BROKEN[problem]}`,
    remedy: () => [
      'post the whole output of `countersign review --print` again: the statement, then its signature, in one code block',
    ],
  },
  'statement-malformed': {
    outcome: 'pass',
    cause: ({ from, line, problem }) =>
      `${from}: line ${line} of the signed text is no part of a statement (${problem})`,
    remedy: () => ['sign exactly what `countersign review --print` shows, and post it unchanged'],
  },
  'statement-reviewer-unknown': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count: nobody in the policy is called \`${of.signer}\``,
    remedy: () => [
      'whoever is on the roster uses their name from `people` in the policy (`countersign review --as NAME`); from anybody else nothing is wanted',
    ],
  },
  'statement-signature': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count: of its signature, ${reasonInWords(of.reason)}`,
    remedy: (of) => [`${of.signer} signs again: ${commandAgain(of)}`],
  },
  'statement-key-not-theirs': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: it is signed by ${short(of.fingerprint)}, which is ${of.owner === null ? "nobody's" : `${of.owner}'s`} key`,
    remedy: (of) => [
      `${of.signer} signs with a key that the policy lists under that name: ${commandAgain(of)}`,
      `if the key is ${of.signer}'s own, an admin adds it: \`countersign keys add ${of.signer} FILE\``,
    ],
  },
  'statement-key-standing': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count: ${list(of.problems.map(signerProblemInWords))}`,
    remedy: (of) => [
      ...of.problems.map(signerProblemRemedy),
      `then ${of.signer} signs again: ${commandAgain(of)}`,
    ],
  },
  'statement-not-touched': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: the hardware key signed without the ${of.demand === 'verified' ? 'PIN or fingerprint' : 'touch'} that the policy asks for`,
    remedy: (of) => [
      `${of.signer} makes sure that nobody else used the key, and signs again: ${commandAgain(of)}`,
    ],
  },
  'statement-other-project': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count here: it is for another project, \`${of.project}\``,
    remedy: (of) => [`nothing, unless this project was meant: then ${of.signer} signs ${commandAgain(of)}`],
  },
  'statement-other-branch': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count here: it is for another branch, \`${of.branch}\``,
    remedy: (of) => [`if this branch was meant, ${of.signer} signs for it: ${commandAgain(of)}`],
  },
  'statement-other-head': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count for ${short(of.subject)}, which is judged here: ${NOT_CARRIED[of.why]}`,
    remedy: (of) => [`${of.signer} looks at what has changed since, and signs: ${commandAgain(of)}`],
  },
  'statement-change-differs': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: ${of.computed === null ? 'what lies between its base and its head cannot be told' : 'they saw another change than would land'}`,
    remedy: (of) => [`${of.signer} fetches the branch anew, compares again, and signs: ${commandAgain(of)}`],
  },
  'statement-base-not-landed': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: it compares with ${short(of.base)}, which has not landed on this branch`,
    remedy: (of) => [`${of.signer} compares with the tip of this branch, and signs: ${commandAgain(of)}`],
  },
  'statement-spent': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} is spent: ${of.by === null ? 'that commit has landed' : `${short(of.by)} has landed the same change`} since, and this would land it again`,
    remedy: (of) => [signsAgain(of)],
  },
  'statement-superseded': {
    outcome: 'pass',
    cause: (of) =>
      of.serial === of.by
        ? `${whose(of)} (serial ${of.serial}) does not count: they signed another with the same serial, and the stricter one counts`
        : `${whose(of)} (serial ${of.serial}) is replaced by what they signed with serial ${of.by}`,
    remedy: (of) => [`if ${of.signer} thinks otherwise now: ${reviewCommand(of)}`],
  },
  'statement-withdrawn': {
    outcome: 'pass',
    cause: (of) => `${of.from}: ${of.signer} has withdrawn from ${short(of.head ?? '')}`,
    remedy: (of) => [`if ${of.signer} thinks otherwise now: ${reviewCommand(of)}`],
  },
  'approval-carried': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} holds for ${short(of.to)} too: merged onto the same base, it gives the very same tree`,
    remedy: () => [],
  },
  'reviewer-is-author': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} is no approval: ${of.signer} ${of.adopted ? 'has taken over' : 'signed'} commits of this change, stands behind it, but does not approve it`,
    remedy: (of) => [`somebody who wrote none of it approves: ${reviewCommand(of)}`],
  },
};
