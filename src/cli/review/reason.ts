import { noteProblem } from '../../core/statement/fields.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { askLine, canAsk } from './ask.ts';
import { Refusal } from './refusal.ts';

/** Why governance does something: it is signed, and shown from then on. Asked for where somebody can be asked. */
export async function reasonOf(given: string | undefined, io: Io): Promise<string> {
  needReason(given, io);
  const reason = given ?? (await askLine('why (one line, signed and shown with it): '));
  const problem = noteProblem(reason, 'reason');
  if (problem !== null) throw new UsageError(`--reason: ${problem}`);
  return reason;
}

/** Before anything is looked for: where nobody can be asked, the reason is given. Throws `Refusal`. */
export function needReason(given: string | undefined, io: Io): void {
  if (given !== undefined || canAsk(io)) return;
  throw new Refusal('reason-missing', 'this is signed with a reason', 'say it: `--reason TEXT`', EXIT.usage);
}
