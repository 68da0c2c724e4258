import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { showDiagnostics, type Located } from '../diagnostics.ts';
import { EXIT, type Io } from '../io.ts';

export interface KeyFinding {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** A `keys` command that does nothing, with what a person must know to go on. */
export class KeysRefusal extends Error {
  readonly finding: KeyFinding;
  readonly exit: number;

  constructor(code: string, message: string, remedy: string | null = null, exit: number = EXIT.fail) {
    super(message);
    this.name = 'KeysRefusal';
    this.finding = { code, message, remedy };
    this.exit = exit;
  }
}

/** A `keys` command that does nothing because the policy is broken, or would be. */
export class BrokenPolicy extends Error {
  readonly found: readonly Located[];
  readonly file: string;
  readonly text: string;
  /** What was tried, where the policy would be broken only after it. */
  readonly attempt: string | null;

  constructor(found: readonly Located[], file: string, text: string, attempt: string | null = null) {
    super('the policy has errors');
    this.name = 'BrokenPolicy';
    this.found = found;
    this.file = file;
    this.text = text;
    this.attempt = attempt;
  }
}

/** Runs a `keys` command: what it refuses goes to standard error, or as JSON to standard output. */
export async function runKeys(
  name: string,
  options: { readonly json?: boolean },
  io: Io,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BrokenPolicy) {
      if (options.json === true) io.out(`${jsonText({ ok: false, diagnostics: error.found })}\n`);
      else {
        if (error.attempt !== null) io.err(`countersign keys ${name}: ${cleanSentence(error.attempt)}\n`);
        io.err(showDiagnostics(error.found, error.file, error.text, io.paint));
      }
      return EXIT.fail;
    }
    if (!(error instanceof KeysRefusal)) throw error;
    if (options.json === true) io.out(`${jsonText({ ok: false, findings: [cleaned(error.finding)] })}\n`);
    else io.err(`countersign keys ${name}: ${findingText(error.finding)}`);
    return error.exit;
  }
}

/** A finding in two lines for a terminal. */
export function findingText({ code, message, remedy }: KeyFinding): string {
  return `${cleanSentence(message)} [${code}]\n${remedy === null ? '' : `  → ${cleanSentence(remedy)}\n`}`;
}

export function cleaned({ code, message, remedy }: KeyFinding): KeyFinding {
  return {
    code,
    message: cleanSentence(message),
    remedy: remedy === null ? null : cleanSentence(remedy),
  };
}

export function unreadable(file: string, why: string, remedy: string | null = null): KeysRefusal {
  return new KeysRefusal(
    'file-unreadable',
    `\`${clean(file)}\` cannot be read: ${why}`,
    remedy,
    EXIT.undetermined,
  );
}
