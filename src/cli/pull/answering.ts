import { cleanSentence } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';

/** Turns what stops a command into words and an exit code. */
export async function answering(name: string, io: Io, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    const usage = error instanceof UsageError;
    if (!usage && !(error instanceof Unreadable)) throw error;
    io.err(`countersign ${name}: ${cleanSentence(error.message)}\n`);
    return usage ? EXIT.usage : EXIT.undetermined;
  }
}
