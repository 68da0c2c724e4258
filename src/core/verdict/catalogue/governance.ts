import type { StatementLabel as Of } from '../statements/accepted.ts';
import { commandAgain, whatWasSigned } from './commands.ts';
import { list, short, type Entry } from './entry.ts';

interface OfKey extends Of {
  readonly person: string;
  /** As `revoke/v1` spells it. */
  readonly key: string;
}

interface OfGovernance extends Of {
  readonly group: string;
  /** The members of the group: who could sign it. */
  readonly candidates: readonly string[];
}

export interface GovernanceFindings {
  'key-revoked': {
    readonly person: string;
    readonly key: string;
    readonly by: string;
    readonly reason: string;
  };
  'revocation-noted': OfKey & { readonly reason: string };
  'revocation-refused': OfKey & OfGovernance;
  'revocation-key-unknown': OfKey;
  'step-ratified': {
    readonly commit: string;
    readonly people: readonly string[];
    readonly reasons: readonly string[];
  };
  'ratification-early': Of;
  'ratification-other-step': Of & { readonly parent: string; readonly tree: string };
  'ratification-refused': OfGovernance;
}

const whose = (of: Of): string => `${of.from}: ${of.signer}'s ${whatWasSigned(of)}`;

export const governanceFindings: {
  readonly [C in keyof GovernanceFindings]: Entry<GovernanceFindings[C]>;
} = {
  'key-revoked': {
    outcome: 'pass',
    cause: ({ person, key, by, reason }) => `${by} has revoked ${person}'s key ${key}: ${reason}`,
    remedy: ({ person, key }) => [
      `if it is ${person}'s only key, a new one comes first (\`countersign keys add ${person} FILE\`), or an admin takes ${person} out of \`people\``,
      `an admin takes it off the roster, so that it ends in history too: \`countersign keys remove ${person} ${key.slice(key.indexOf(':') + 1)}\``,
    ],
  },
  'revocation-noted': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} (${of.person}'s ${of.key}) changes nothing about what has landed`,
    remedy: () => ['in history a key counts because the roster at that point lists it'],
  },
  'revocation-refused': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: only ${of.person} and members of \`${of.group}\` revoke ${of.person}'s keys`,
    remedy: (of) => [
      `${list([...new Set([of.person, ...of.candidates])], 'or')} can revoke it: ${commandAgain(of)}`,
    ],
  },
  'revocation-key-unknown': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} stops nothing: ${of.key} is no key of ${of.person}'s on the roster`,
    remedy: (of) => [
      `\`countersign keys list\` shows the keys of everybody; then ${of.signer} signs again: ${commandAgain(of)}`,
    ],
  },
  'step-ratified': {
    outcome: 'pass',
    cause: ({ commit, people, reasons }) =>
      `${short(commit)} is ratified by ${list(people)}: ${reasons.join('; ')}`,
    remedy: () => [],
  },
  'ratification-early': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} says nothing yet: only what has landed is ratified`,
    remedy: (of) => [`${of.signer} reviews instead: \`countersign review ${of.subject}\``],
  },
  'ratification-other-step': {
    outcome: 'pass',
    cause: (of) =>
      `${whose(of)} does not count: it names another step (parent ${short(of.parent)}, tree ${short(of.tree)})`,
    remedy: (of) => [`${of.signer} signs for this step: ${commandAgain(of)}`],
  },
  'ratification-refused': {
    outcome: 'pass',
    cause: (of) => `${whose(of)} does not count: only members of \`${of.group}\` ratify`,
    remedy: (of) => [`${list(of.candidates, 'or')} can ratify: ${commandAgain(of)}`],
  },
};
