import type { StandingProblem } from '../../identity/standing.ts';
import type { PresenceDemand } from '../../policy/policy.ts';
import type { ProofReason } from '../../signature/proof.ts';
import type { BrokenText } from '../../statement/extract.ts';
import { list, short, type Entry } from './entry.ts';
import { reasonInWords, standingInWords } from './words.ts';

interface Of {
  /** Where the statement was found: an untrusted label. */
  readonly from: string;
  readonly reviewer: string;
}

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
  'statement-key-standing': Of & { readonly problems: readonly StandingProblem[] };
  'statement-not-touched': Of & { readonly demand: PresenceDemand };
  'statement-other-project': Of & { readonly project: string };
  'statement-other-branch': Of & { readonly branch: string };
  'statement-other-head': Of & { readonly head: string };
  'statement-change-differs': Of & { readonly signed: string; readonly computed: string | null };
  'statement-base-not-landed': Of & { readonly base: string };
  'statement-superseded': Of & { readonly serial: number; readonly by: number };
  'statement-withdrawn': Of;
  'reviewer-is-author': Of;
  objection: Of & { readonly notes: readonly string[] };
  'objection-noted': Of & { readonly notes: readonly string[] };
}

const BROKEN: Readonly<Record<BrokenText['problem'], string>> = {
  'signature-missing': 'a statement without a signature after it',
  'armor-cut': 'a signature that is cut off or has a foreign line in it',
  'text-missing': 'a signature without a statement before it',
  'too-large': 'more text than is searched for statements',
  'too-many': 'more statements than are read from one place',
};

/** Nothing but a signed "no" is more than a note: whoever may comment must not be able to turn a check red. */
export const statementFindings: { readonly [C in keyof StatementFindings]: Entry<StatementFindings[C]> } = {
  'statement-broken': {
    outcome: 'pass',
    cause: ({ from, line, problem }) => `${from}, line ${line}: ${BROKEN[problem]}`,
    remedy: () => ['post the whole output again: the statement, then its signature, in one code block'],
  },
  'statement-malformed': {
    outcome: 'pass',
    cause: ({ from, line, problem }) =>
      `${from}: line ${line} of the signed text is no part of a statement (${problem})`,
    remedy: () => ['sign exactly what `countersign statement review` prints, and post it unchanged'],
  },
  'statement-reviewer-unknown': {
    outcome: 'pass',
    cause: ({ from, reviewer }) => `${from}: nobody in the policy is called \`${reviewer}\``,
    remedy: () => ['reviewers use their name from `people` in the policy'],
  },
  'statement-signature': {
    outcome: 'pass',
    cause: ({ from, reviewer, reason }) =>
      `${from}: the signature under ${reviewer}'s statement does not count: ${reasonInWords(reason)}`,
    remedy: () => [
      'sign the text again: `gpg --armor --detach-sign` or `ssh-keygen -Y sign -n countersign@v1`',
    ],
  },
  'statement-key-not-theirs': {
    outcome: 'pass',
    cause: ({ from, reviewer, owner, fingerprint }) =>
      `${from}: the statement names ${reviewer}, but ${short(fingerprint)} is ${owner === null ? "nobody's" : `${owner}'s`} key`,
    remedy: ({ reviewer }) => [`${reviewer} signs with a key that the policy lists under that name`],
  },
  'statement-key-standing': {
    outcome: 'pass',
    cause: ({ from, reviewer, problems }) =>
      `${from}: ${reviewer} signed, but ${list(problems.map(standingInWords))}`,
    remedy: ({ reviewer }) => [`${reviewer} signs again with a key in good standing`],
  },
  'statement-not-touched': {
    outcome: 'pass',
    cause: ({ from, reviewer }) =>
      `${from}: ${reviewer}'s hardware key signed without the touch or PIN that the policy asks for`,
    remedy: ({ reviewer }) => [`${reviewer} makes sure that nobody else used the key, and signs again`],
  },
  'statement-other-project': {
    outcome: 'pass',
    cause: ({ from, reviewer, project }) => `${from}: ${reviewer} signed for another project, \`${project}\``,
    remedy: () => ['nothing, unless a review of this project was meant'],
  },
  'statement-other-branch': {
    outcome: 'pass',
    cause: ({ from, reviewer, branch }) => `${from}: ${reviewer} signed for another branch, \`${branch}\``,
    remedy: ({ reviewer }) => [`${reviewer} reviews again for this branch, if that is meant`],
  },
  'statement-other-head': {
    outcome: 'pass',
    cause: ({ from, reviewer, head }) =>
      `${from}: ${reviewer} signed for ${short(head)}, which is not what is judged here`,
    remedy: ({ reviewer }) => [`${reviewer} looks at what changed since, and signs for the present head`],
  },
  'statement-change-differs': {
    outcome: 'pass',
    cause: ({ from, reviewer }) =>
      `${from}: ${reviewer} signed for the right head, but saw another change than would land`,
    remedy: ({ reviewer }) => [
      `${reviewer} fetches the branch anew, compares again, and signs a fresh statement`,
    ],
  },
  'statement-base-not-landed': {
    outcome: 'pass',
    cause: ({ from, reviewer, base }) =>
      `${from}: ${reviewer} compared with ${short(base)}, which has not landed on this branch`,
    remedy: ({ reviewer }) => [`${reviewer} compares with the tip of this branch, and signs again`],
  },
  'statement-superseded': {
    outcome: 'pass',
    cause: ({ from, reviewer, serial, by }) =>
      `${from}: ${reviewer}'s statement ${serial} is replaced by their statement ${by}`,
    remedy: () => [],
  },
  'statement-withdrawn': {
    outcome: 'pass',
    cause: ({ from, reviewer }) => `${from}: ${reviewer} has withdrawn`,
    remedy: () => [],
  },
  'reviewer-is-author': {
    outcome: 'pass',
    cause: ({ reviewer }) =>
      `${reviewer} signed a commit of this change: stands behind it, but does not approve it`,
    remedy: () => ['somebody who wrote none of it approves'],
  },
  objection: {
    outcome: 'fail',
    cause: ({ reviewer, notes }) =>
      `${reviewer} has signed a "no"${notes[0] === undefined ? '' : `: ${notes[0]}`}`,
    remedy: ({ reviewer }) => [
      `settle it with ${reviewer}, who then signs an approval or a withdrawal with a higher serial`,
    ],
  },
  'objection-noted': {
    outcome: 'pass',
    cause: ({ reviewer }) => `${reviewer} has signed a "no" to what has landed`,
    remedy: () => ['what has landed stays judged as it was; a revert is a change like any other'],
  },
};
