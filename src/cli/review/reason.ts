import { noteProblem } from '../../core/statement/fields.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { askLine, canAsk } from './ask.ts';
import { Refusal } from './refusal.ts';

/** Why governance does something: it is signed, and shown from then on. Asked for where somebody can be asked. */
export async function reasonOf(given: string | undefined, io: Io): Promise<string> {
  if (given === undefined && !canAsk(io)) {
    throw new Refusal(
      'reason-missing',
      'this is signed with a reason',
      'say it: `--reason TEXT`',
      EXIT.usage,
    );
  }
  const reason = given ?? (await askLine('why (one line, signed and shown with it): '));
  const problem = noteProblem(reason, 'reason');
  if (problem !== null) throw new UsageError(`--reason: ${problem}`);
  return reason;
}
