import { readFile, stat } from 'node:fs/promises';
import type { Target } from '../core/facts/target.ts';
import { cleanSentence } from '../core/report/clean.ts';
import { jsonReport, jsonText } from '../core/report/json.ts';
import { textReport } from '../core/report/text.ts';
import { extractStatements, type StatementSource } from '../core/statement/extract.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { Unreadable } from '../gather/ports.ts';
import { openRepository } from '../git/reader.ts';
import { judge } from '../judge.ts';
import { EXIT, type Io } from './io.ts';
import { resolveRange, UsageError } from './revisions.ts';

const LARGEST_STATEMENTS_FILE = 1_048_576;

export interface VerifyOptions {
  readonly repository: string;
  readonly branch?: string;
  readonly base?: string;
  readonly head: string;
  readonly statements?: readonly string[];
  readonly json?: boolean;
}

/** `countersign verify`: judges a local range by the policy at its base. */
export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  try {
    const verdict = await judgeRange(options, io);
    if (options.json === true) io.out(`${jsonText(jsonReport(verdict))}\n`);
    else io.out(textReport(verdict, { url: null, pull: null }, io.paint));
    return EXIT[verdict.outcome];
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`countersign verify: ${cleanSentence(error.message)}\n`);
      return EXIT.usage;
    }
    if (!(error instanceof Unreadable)) throw error;
    if (options.json === true) io.out(`${jsonText(unreadableReport(error))}\n`);
    else io.err(`${io.paint('undetermined', 'undetermined')}: ${cleanSentence(error.message)}\n`);
    return EXIT.undetermined;
  }
}

async function judgeRange(options: VerifyOptions, io: Io): Promise<Verdict> {
  const sources = await Promise.all((options.statements ?? []).map((file) => readStatements(file, io)));
  const opened = await openRepository(io.path(options.repository));
  try {
    const { branch, base, head } = await resolveRange(opened, options);
    const target: Target = { kind: 'change', branch, tip: base, head };
    const ports = { repository: opened.repository, statements: { about: () => Promise.resolve(sources) } };
    const now = Math.floor(Date.now() / 1000);
    const { verdict } = await judge(target, ports, { now, repository: null });
    return verdict;
  } finally {
    await opened.dispose();
  }
}

/** Reads a file whole or not at all: what is left out could be an objection. */
async function readStatements(file: string, io: Io): Promise<StatementSource> {
  const source = { from: file, text: decode(await readBytes(file, io)) };
  const { signed, broken } = extractStatements(source);
  if (broken.some(({ problem }) => problem === 'too-large' || problem === 'too-many')) {
    throw new Unreadable('list-cut', `\`${file}\` holds more than is read from one file: split it`, {
      passing: false,
    });
  }
  if (signed.length + broken.length === 0)
    io.err(`countersign verify: no statement in \`${cleanSentence(file)}\`\n`);
  return source;
}

async function readBytes(file: string, io: Io): Promise<Uint8Array> {
  try {
    const { size } = await stat(io.path(file));
    if (size <= LARGEST_STATEMENTS_FILE) return await readFile(io.path(file));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new Unreadable('file-unreadable', `the statements file \`${file}\` cannot be read (${reason})`, {
      passing: false,
    });
  }
  throw new Unreadable('list-cut', `\`${file}\` is larger than ${LARGEST_STATEMENTS_FILE} bytes: split it`, {
    passing: false,
  });
}

/** Some shells write what a program prints as UTF-16 with a byte order mark. */
function decode(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** What `--json` prints where the question itself could not be put: the same outer shape as a verdict. */
function unreadableReport({ code, message }: Unreadable): unknown {
  const finding = {
    code: 'world-unreadable',
    outcome: 'undetermined',
    message: cleanSentence(message),
    data: { code },
  };
  return {
    outcome: 'undetermined',
    enforced: 'undetermined',
    mode: null,
    title: cleanSentence(message),
    findings: [finding],
  };
}
