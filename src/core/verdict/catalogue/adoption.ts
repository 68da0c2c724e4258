import type { StatementLabel as Of } from '../statements/accepted.ts';
import { adoptCommand, reviewCommand, whatWasSigned } from './commands.ts';
import { list, short, type Entry } from './entry.ts';

export interface AdoptionFindings {
  'adoption-refused': Of & { readonly branch: string };
  'adopter-not-allowed': Of & {
    readonly group: string;
    /** Who could adopt. */
    readonly candidates: readonly string[];
  };
  'adoption-base-aside': Of & { readonly base: string };
  'adoption-empty': Of;
  'adoption-not-needed': Of & {
    /** Who could adopt without taking an approval away. */
    readonly candidates: readonly string[];
  };
}

const whose = (of: Of): string => `${of.from}: ${of.signer}'s ${whatWasSigned(of)}`;

export const adoptionFindings: { readonly [C in keyof AdoptionFindings]: Entry<AdoptionFindings[C]> } = {
  'adoption-refused': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count: the policy lets nobody adopt commits on \`${of.branch}\``,
    remedy: (of) => [
      `${of.signer} signs the commits themselves: \`git rebase --force-rebase --gpg-sign --keep-base origin/${of.branch}\`, and proposes the result`,
      'or an admin sets `unsigned: adopt` for the branch',
    ],
  },
  'adopter-not-allowed': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count: ${of.signer} is not in \`${of.group}\``,
    remedy: (of) => [
      of.candidates.length === 0
        ? `an admin adds people to \`${of.group}\``
        : `${list(of.candidates, 'or')} can adopt: ${adoptCommand(of)}`,
    ],
  },
  'adoption-base-aside': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: its base ${short(of.base)} is a commit of this change that its head does not follow`,
    remedy: (of) => [`${of.signer} adopts anew: ${adoptCommand(of)}`],
  },
  'adoption-empty': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} encloses no commit`,
    remedy: (of) => [`${of.signer} adopts anew: ${adoptCommand(of)}`],
  },
  'adoption-not-needed': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} is not needed: others vouch for these commits, so ${of.signer} counts as an approver instead`,
    remedy: (of) => [
      `nothing, unless ${of.signer} is to count as an author: then somebody else approves, ${reviewCommand(of)}`,
    ],
  },
};
