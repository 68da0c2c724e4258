import { cleanSentence } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Opening } from '../../git/opening.ts';
import { openFound } from '../../git/reader.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { beginLog } from './begin.ts';
import { selectCommits } from './revisions.ts';

/** Says something on standard error that a machine would not want. */
export type Tell = (text: string) => void;

export interface LogOptions {
  readonly repository: string;
  readonly all?: boolean;
  readonly keys?: string;
  readonly policy?: string;
  readonly maxCount?: string;
  readonly json?: boolean;
}

/** `countersign log`: what the signature of each commit says, and whose it is. Judges nothing. */
export async function log(
  revisions: readonly string[],
  options: LogOptions,
  io: Io,
  begun: Opening = beginLog(revisions, options, io),
): Promise<number> {
  io.readerMayStop?.();
  try {
    if (options.keys !== undefined && options.policy !== undefined) {
      throw new UsageError('--keys and --policy both say whose keys there are: give one of them');
    }
    const opening = openFound(begun);
    // What verifies is loaded while git looks for the repository.
    const verifying = Promise.all([import('./people.ts'), import('./list.ts')]);
    const finding = verifying.then(([{ findHolders }]) => findHolders(opening, options, io));
    finding.catch(() => undefined);
    const opened = await opening;
    try {
      const [, { listCommits }] = await verifying;
      const tell: Tell = (text) => {
        if (options.json !== true || io.terminal?.err === true) io.err(`${cleanSentence(text)}\n`);
      };
      const selection = await selectCommits(opened, revisions, options).catch(async (error: unknown) => {
        // Only now may the repository be closed; a mistyped revision is all that there is to say.
        await finding.catch(() => undefined);
        throw error;
      });
      const { holders, notes, warnings } = await finding;
      for (const warning of warnings) io.err(`countersign log: ${cleanSentence(warning)}\n`);
      for (const note of notes) tell(note);
      if (opened.shallow) tell('this is a shallow clone: lists end where it was cut (git fetch --unshallow)');
      if (selection === null) tell('the current branch has no commit yet');
      else await listCommits(opened, selection, holders, options, io, tell);
      return EXIT.pass;
    } finally {
      await opened.dispose();
    }
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof Unreadable)) throw error;
    io.err(`countersign log: ${cleanSentence(error.message)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.undetermined;
  }
}
