import { tmpdir } from 'node:os';
import { cleanSentence } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fileProblem } from '../file-problem.ts';
import { BrokenTrust } from '../../trust/find.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { brokenTrustText } from '../trust/broken.ts';

/** What a disk refuses without any defect of ours. */
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

/** Turns what stops a command into words and an exit code. */
export async function answering(name: string, io: Io, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof BrokenTrust) {
      io.err(brokenTrustText(error, io));
      return EXIT.undetermined;
    }
    const usage = error instanceof UsageError;
    const said = usage || error instanceof Unreadable ? error.message : refusalOf(error);
    if (said === null) throw error;
    io.err(`countersign ${name}: ${cleanSentence(said)}\n`);
    return usage ? EXIT.usage : EXIT.undetermined;
  }
}

/** `null` for what is no refusal of the operating system. */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return null;
  const { code, path } = error;
  if (typeof code !== 'string' || typeof path !== 'string' || !REFUSALS.has(code)) return null;
  const wanted = path.startsWith(tmpdir())
    ? '; what is thrown away at the end lies there: let TMPDIR name a folder that can be written'
    : '';
  return `\`${path}\` cannot be used: ${fileProblem(error)}${wanted}`;
}
