import type { StatementLabel } from '../statements/accepted.ts';
import { short } from './entry.ts';

/** What was signed, to stand after `bob's`: `approval of 9c1d2e3f40`, `"no" to …`, `adoption up to …`. */
export function whatWasSigned({ type, decision, head }: StatementLabel): string {
  const of = short(head ?? '');
  switch (type) {
    case 'review':
      if (decision === 'reject') return `"no" to ${of}`;
      return decision === 'withdraw' ? `withdrawal from ${of}` : `approval of ${of}`;
    case 'adopt':
      return `adoption up to ${of}`;
    case 'ratify':
      return `ratification of ${of}`;
    case 'overrule':
      return `overruling of a "no" to ${of}`;
    case 'revoke':
      return 'revocation of a key';
  }
}

/** The command that makes the same statement anew, about what is judged now. */
export function commandAgain(label: StatementLabel): string {
  const { type, decision, head, subject, landed } = label;
  switch (type) {
    case 'review':
      if (decision === 'withdraw') return `\`countersign withdraw ${head ?? subject}\``;
      return reviewCommand(label);
    case 'adopt':
      return landed ? reviewCommand(label) : adoptCommand(label);
    case 'ratify':
      return `\`countersign ratify ${subject}\``;
    case 'overrule':
      return `\`countersign overrule ${head ?? subject}\``;
    case 'revoke':
      return '`countersign revoke`';
  }
}

type Subject = Pick<StatementLabel, 'subject' | 'landed'>;

/** What has landed is completed, not reviewed: the same command lists and makes whatever it lacks. */
export function reviewCommand({ subject, landed }: Subject): string {
  return landed ? `\`countersign repair ${subject}\`` : `\`countersign review ${subject}\``;
}

export function adoptCommand({ subject, landed }: Subject): string {
  return landed ? `\`countersign repair ${subject}\`` : `\`countersign adopt ${subject}\``;
}
