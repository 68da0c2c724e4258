import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Trouble } from '../../signing/configured.ts';
import { EXIT, type Io } from '../io.ts';
import { showDiagnostics } from '../diagnostics.ts';
import { BrokenPolicy, cleaned, findingText, KeysRefusal, type KeyFinding } from '../keys/outcome.ts';
import { UsageError } from '../revisions.ts';

export type { KeyFinding as Remark } from '../keys/outcome.ts';

/** A command that signs and posts nothing, with what a person must know to go on. */
export class Refusal extends Error {
  readonly finding: KeyFinding;
  readonly exit: number;

  constructor(code: string, message: string, remedy: string | null = null, exit: number = EXIT.fail) {
    super(message);
    this.name = 'Refusal';
    this.finding = { code, message, remedy };
    this.exit = exit;
  }
}

/** The person pressed Ctrl-C where they were asked something. */
export class Interrupted extends Error {}

/** As a shell says it of a program that a signal ended (128 + SIGINT). */
const INTERRUPTED = 130;

/** Why nothing was signed, in the words of those who asked the person's tools. */
export function signingRefusal({ code, message, next }: Trouble): Refusal {
  return new Refusal(code, message, next);
}

/**
 * Runs a command: what it refuses goes to standard error, or as JSON to standard output, always with a code.
 *
 * @param undone what did not happen where somebody stopped it
 */
export async function runGuarded(
  name: string,
  options: { readonly json?: boolean },
  io: Io,
  work: () => Promise<number>,
  undone = 'signed or posted',
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) {
      io.err(`\ncountersign ${name}: stopped; nothing was ${undone}\n`);
      return INTERRUPTED;
    }
    if (error instanceof BrokenPolicy) {
      if (options.json === true) io.out(`${jsonText({ ok: false, diagnostics: error.found })}\n`);
      else io.err(showDiagnostics(error.found, error.file, error.text, io.paint));
      return EXIT.fail;
    }
    const [finding, exit] = describe(error);
    if (options.json === true) io.out(`${jsonText({ ok: false, findings: [cleaned(finding)] })}\n`);
    else io.err(`countersign ${name}: ${findingText(finding)}`);
    return exit;
  }
}

function describe(error: unknown): [KeyFinding, number] {
  if (error instanceof Refusal || error instanceof KeysRefusal) return [error.finding, error.exit];
  if (error instanceof UsageError)
    return [{ code: 'usage', message: error.message, remedy: null }, EXIT.usage];
  if (error instanceof Unreadable) {
    return [{ code: error.code, message: error.message, remedy: null }, EXIT.undetermined];
  }
  throw error;
}

/** A remark that stops nothing, as one line for a terminal. */
export function remarkText({ message, remedy, code }: KeyFinding): string {
  return `${cleanSentence(remedy === null ? message : `${message}: ${remedy}`)} [${code}]\n`;
}
