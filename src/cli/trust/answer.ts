import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { TrustWarning } from '../../trust/file.ts';
import { BrokenTrust } from '../../trust/find.ts';
import { UnforgottenMemory } from '../../trust/memory-problem.ts';
import { conceal } from '../../trust/url.ts';
import { fileProblem } from '../file-problem.ts';
import { EXIT, type Io } from '../io.ts';
import { NoPolicy } from '../policy/open.ts';
import { UsageError } from '../revisions.ts';
import { brokenTrustText } from './broken.ts';

/** A `trust` command that does nothing, with what a person must know to go on. */
export class TrustRefusal extends Error {
  readonly code: string;
  readonly remedy: string | null;

  constructor(code: string, message: string, remedy: string | null = null) {
    super(message);
    this.name = 'TrustRefusal';
    this.code = code;
    this.remedy = remedy;
  }
}

/** Runs a `trust` command and turns what went wrong into words and an exit code. */
export async function answering(
  command: string,
  options: { readonly json?: boolean },
  io: Io,
  run: () => Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const told = tell(error);
    if (told === null) throw error;
    const { code, message, remedy, exit } = told;
    if (options.json === true) {
      const findings = [{ code, message: cleanSentence(message), remedy }];
      const diagnostics = error instanceof BrokenTrust ? error.diagnostics : [];
      io.out(`${jsonText({ ok: false, findings, diagnostics })}\n`);
      return exit;
    }
    if (error instanceof BrokenTrust) io.err(brokenTrustText(error, io));
    else io.err(`countersign trust ${command}: ${cleanSentence(message)} [${code}]\n`);
    if (remedy !== null) io.err(`  → ${cleanSentence(remedy)}\n`);
    return exit;
  }
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly exit: number;
}

function tell(error: unknown): Told | null {
  if (error instanceof TrustRefusal) {
    return { code: error.code, message: error.message, remedy: error.remedy, exit: EXIT.fail };
  }
  if (error instanceof UsageError) {
    return { code: 'usage', message: conceal(error.message), remedy: null, exit: EXIT.usage };
  }
  if (error instanceof NoPolicy) {
    return { code: 'policy-invalid', message: error.message, remedy: null, exit: error.code };
  }
  if (error instanceof UnforgottenMemory) {
    const message = `${error.message}: ${fileProblem(error.cause)}`;
    return { code: error.code, message, remedy: error.remedy, exit: EXIT.undetermined };
  }
  if (error instanceof Unreadable) {
    return { code: error.code, message: error.message, remedy: null, exit: EXIT.undetermined };
  }
  return null;
}

/** Warnings about trust files, a line each: for standard error, with every command that relies on them. */
export function warningsText(warnings: readonly TrustWarning[], io: Io): string {
  return warnings
    .map(
      ({ code, message }) =>
        `${io.paint('pending', 'warning')}: ${cleanSentence(message)} [${clean(code)}]\n`,
    )
    .join('');
}
