import { count, list, short, type Entry } from './entry.ts';

/** How many are there, how many are asked for, who they are and who could still join them. */
export interface Quorum {
  readonly rule: string;
  readonly from: string;
  readonly need: number;
  readonly have: readonly string[];
  /** Members of the group who could sign next: for approvals, without the authors. */
  readonly candidates: readonly string[];
}

export interface QuorumFindings {
  'people-missing': Quorum;
  'approvals-missing': Quorum;
  'governance-missing': Quorum & { readonly paths: readonly string[] };
  'ratification-missing': Quorum & { readonly commit: string };
}

const missing = ({ need, have }: Quorum): number => need - have.length;

function approvals({ need, have, from }: Quorum): string {
  const lack = need - have.length;
  return `${lack === 1 ? 'an approval' : `${lack} approvals`} from ${from}`;
}

const whoCan = ({ candidates, from }: Quorum): string[] => [
  candidates.length === 0
    ? `nobody in \`${from}\` is left who could sign: an admin adds people to the group`
    : `${list(candidates, 'or')} can review and sign`,
];

export const quorumFindings: { readonly [C in keyof QuorumFindings]: Entry<QuorumFindings[C]> } = {
  'people-missing': {
    outcome: 'pending',
    cause: (data) =>
      `${data.have.length} of ${count(data.need, 'person', 'people')}: needs ${approvals(data)}`,
    remedy: whoCan,
  },
  'approvals-missing': {
    outcome: 'pending',
    cause: (data) => `${data.have.length} of ${count(data.need, 'approval')}: needs ${approvals(data)}`,
    remedy: whoCan,
  },
  'governance-missing': {
    outcome: 'pending',
    cause: (data) =>
      `changes the policy: ${data.have.length} of ${data.need} people, needs ${missing(data)} more from ${data.from}`,
    remedy: whoCan,
  },
  'ratification-missing': {
    // A note: what is wrong with the step says so itself, and few who ratify make it no worse.
    outcome: 'pass',
    cause: ({ have, need, from, commit }) =>
      `${list(have)} ratified ${short(commit)}: ${have.length} of ${need} people of ${from}`,
    remedy: ({ candidates, from, commit }) => [
      candidates.length === 0
        ? `nobody in \`${from}\` is left who could ratify`
        : `${list(candidates, 'or')} can: \`countersign ratify ${commit}\``,
    ],
  },
};
