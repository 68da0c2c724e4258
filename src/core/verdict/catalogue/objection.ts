import type { StatementLabel as Of } from '../statements/accepted.ts';
import { whatWasSigned } from './commands.ts';
import { list, short, type Entry } from './entry.ts';

export interface ObjectionFindings {
  objection: Of & {
    readonly notes: readonly string[];
    readonly serial: number;
    /** It is about an earlier head or commit of the change. */
    readonly stale: boolean;
    /** The governance group, how many of it must overrule, and who has. */
    readonly group: string;
    readonly need: number;
    readonly have: readonly string[];
    /** Who of it could overrule. */
    readonly overrulers: readonly string[];
  };
  'statement-illegible': {
    readonly from: string;
    readonly line: number;
    readonly problem: string;
    /** Whose key has signed the text. */
    readonly signer: string;
  };
  'objection-overruled': Of & { readonly by: readonly string[]; readonly reasons: readonly string[] };
  'objection-noted': Of & { readonly notes: readonly string[] };
  'overruling-idle': Of & { readonly objector: string; readonly serial: number };
  'overruling-refused': Of & {
    readonly objector: string;
    readonly group: string;
    readonly candidates: readonly string[];
  };
}

export const objectionFindings: { readonly [C in keyof ObjectionFindings]: Entry<ObjectionFindings[C]> } = {
  objection: {
    outcome: 'fail',
    cause: ({ signer, notes, stale, head }) =>
      `${signer} has signed a "no"${stale ? ` to ${short(head ?? '')}, an earlier state of this change` : ''}${notes[0] === undefined ? '' : `: ${notes[0]}`}`,
    remedy: ({ signer, subject, head, serial, need, group, have, overrulers }) => [
      `settle it with ${signer}, who then signs an approval (\`countersign review ${subject}\`) or a withdrawal (\`countersign withdraw ${head ?? subject}\`) with a serial above ${serial}`,
      `or ${need} of \`${group}\` overrule it (\`countersign overrule ${head ?? subject}\`)${have.length > 0 ? `; ${list(have)} did` : ''}${overrulers.length > 0 ? `; ${list(overrulers, 'or')} can` : ''}`,
    ],
  },
  'statement-illegible': {
    outcome: 'undetermined',
    cause: ({ from, line, problem, signer }) =>
      `${from}: ${signer} has signed a text about this change whose line ${line} is no part of a statement (${problem}): it could be a "no"`,
    remedy: ({ from, signer }) => [
      `${signer} takes ${from} away, and signs again what \`countersign review --print\` shows`,
      'where a newer countersign made it, verify with that',
    ],
  },
  'objection-overruled': {
    outcome: 'pass',
    cause: ({ signer, head, by, reasons }) =>
      `${signer}'s "no" to ${short(head ?? '')} is overruled by ${list(by)}: ${reasons.join('; ')}`,
    remedy: () => [],
  },
  'objection-noted': {
    outcome: 'pass',
    cause: (of) => `${of.from}: ${of.signer}'s ${whatWasSigned(of)} changes nothing about what has landed`,
    remedy: () => ['what has landed stays judged as it was; a revert is a change like any other'],
  },
  'overruling-idle': {
    outcome: 'pass',
    cause: (of) =>
      `${of.from}: ${of.signer}'s ${whatWasSigned(of)} sets nothing aside: ${of.objector} has no standing "no" to it with a serial up to ${of.serial}`,
    remedy: (of) => [
      `nothing, unless ${of.objector} has signed a newer "no": then \`countersign overrule ${of.head ?? of.subject}\``,
    ],
  },
  'overruling-refused': {
    outcome: 'pass',
    cause: (of) =>
      `${of.from}: ${of.signer}'s ${whatWasSigned(of)} does not count: ${of.signer === of.objector ? 'nobody overrules themselves' : `only members of \`${of.group}\` overrule`}`,
    remedy: (of) => [
      of.signer === of.objector
        ? `${of.signer} withdraws: \`countersign withdraw ${of.head ?? of.subject}\``
        : `${list(of.candidates, 'or')} can overrule: \`countersign overrule ${of.head ?? of.subject}\``,
    ],
  },
};
