import { once } from 'node:events';
import { isAbsolute, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import type { Outcome } from '../core/verdict/outcome.ts';
import { PLAIN, type Paint } from '../core/report/paint.ts';

/** What a command sees of the world around it. stdout is for data alone. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Turns a path that a person gave into an absolute one. */
  readonly path: (given: string) => string;
  readonly paint: Paint;
  readonly environment: NodeJS.ProcessEnv;
  /** Which of the streams is a terminal; left out: none. */
  readonly terminal?: { readonly in?: boolean; readonly out: boolean; readonly err: boolean };
  /** Resolves when the reader of standard output has taken enough of it for more to be written. */
  readonly flushed?: () => Promise<void>;
  /** From here on it is no failure that whoever reads standard output stops early: a list, not an answer. */
  readonly readerMayStop?: () => void;
}

/** Exit codes (design section 3): stable, for scripts. */
export const EXIT: Readonly<Record<Outcome | 'usage', number>> = {
  pass: 0,
  fail: 1,
  undetermined: 2,
  pending: 3,
  usage: 64,
};

const COLOURS = {
  pass: 'green',
  pending: 'yellow',
  undetermined: 'magenta',
  fail: 'red',
  dim: 'dim',
  bold: 'bold',
} as const;

/** The real process. Colour only where stdout is a terminal and NO_COLOR is not set. */
export function processIo(): Io {
  const { env, stdout, stderr } = process;
  const colour = stdout.isTTY && (env['NO_COLOR'] ?? '') === '';
  // Whoever reads stdout may stop early; the answer was not delivered then, which is no pass.
  let unread = EXIT.undetermined;
  stdout.on('error', () => process.exit(unread));
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    path: (given) => (isAbsolute(given) ? resolve(given) : resolve(startFolder(env), given)),
    paint: colour ? (kind, text) => styleText(COLOURS[kind], text) : PLAIN,
    environment: env,
    terminal: { in: isatty(0), out: stdout.isTTY, err: stderr.isTTY },
    readerMayStop() {
      unread = EXIT.pass;
    },
    async flushed() {
      if (stdout.writableNeedDrain) await once(stdout, 'drain');
    },
  };
}

/** The folder that relative paths count from. Where it was removed, nothing can be meant by one: the process ends. */
function startFolder(env: NodeJS.ProcessEnv): string {
  // `npm run` changes to the package's folder and keeps the caller's in INIT_CWD; other scripts of npm do not concern us.
  const caller = env['npm_lifecycle_event'] === 'countersign' ? env['INIT_CWD'] : undefined;
  if (caller !== undefined) return caller;
  try {
    return process.cwd();
  } catch {
    process.stderr.write('countersign: the current folder is not there any more: go to another one\n');
    return process.exit(EXIT.undetermined);
  }
}
