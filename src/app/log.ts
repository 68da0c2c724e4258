/** What the app needs of a log; pino's loggers are one. */
export interface Log {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

const nothing = (): void => undefined;

export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** GitHub's tokens, JSON web tokens, PEM blocks and basic credentials, wherever they turn up. */
const SECRET =
  /\b(?:gh[a-z]_|github_pat_)\w{10,}|\bv1\.[0-9a-f]{40}\b|\beyJ[\w-]{10,}\.[\w-]+\.[\w-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*|\b(?:basic|bearer|token)\s+[\w+/=.-]{16,}/gi;

const LONGEST_SHOWN = 4_000;
/** Looking for what looks like a secret takes time that grows with the text. */
const LONGEST_SEARCHED = 64_000;

/** A log that shows neither the secrets that it knows nor anything that looks like one. Lines stay short. */
export function redacting(log: Log, secrets: readonly string[]): Log {
  // Cut last: half a secret looks like none.
  const scrub = (text: string): string => {
    let shown = text;
    for (const secret of secrets) if (secret !== '') shown = shown.replaceAll(secret, '[redacted]');
    return beforeCut(shown).replace(SECRET, '[redacted]').slice(0, LONGEST_SHOWN);
  };
  const fields = (given: Fields): Fields =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? scrub(value) : value]),
    );
  return {
    debug: (given, message) => {
      log.debug(fields(given), scrub(message));
    },
    info: (given, message) => {
      log.info(fields(given), scrub(message));
    },
    warn: (given, message) => {
      log.warn(fields(given), scrub(message));
    },
    error: (given, message) => {
      log.error(fields(given), scrub(message));
    },
  };
}

/** The start of a text, without the word that the cut goes through. */
function beforeCut(text: string): string {
  if (text.length <= LONGEST_SEARCHED) return text;
  return text.slice(0, Math.max(0, text.lastIndexOf(' ', LONGEST_SEARCHED)));
}

/** An error in one line; stacks only of defects. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'something was thrown that is no error';
}
