import { readFile, stat } from 'node:fs/promises';
import { cleanSentence } from '../core/report/clean.ts';
import { extractStatements, type StatementSource } from '../core/statement/extract.ts';
import { Unreadable } from '../gather/ports.ts';
import { fileProblem } from './file-problem.ts';
import type { Io } from './io.ts';

const LARGEST_FILE = 1_048_576;

/**
 * Reads a file of statements whole or not at all: what is left out could be an objection. Throws `Unreadable`.
 *
 * @param command as it is named where a file without a statement is mentioned on standard error
 */
export async function readStatementsFile(file: string, command: string, io: Io): Promise<StatementSource> {
  const source = { from: file, text: decode(await readBytes(file, io)) };
  const { signed, broken } = extractStatements(source);
  if (broken.some(({ problem }) => problem === 'too-large' || problem === 'too-many')) {
    throw new Unreadable('list-cut', `\`${file}\` holds more than is read from one file: split it`, {
      passing: false,
    });
  }
  if (signed.length + broken.length === 0)
    io.err(`countersign ${command}: no statement in \`${cleanSentence(file)}\`\n`);
  return source;
}

async function readBytes(file: string, io: Io): Promise<Uint8Array> {
  try {
    const { size } = await stat(io.path(file));
    if (size <= LARGEST_FILE) return await readFile(io.path(file));
  } catch (error) {
    throw new Unreadable(
      'file-unreadable',
      `the statements file \`${file}\` cannot be read: ${fileProblem(error)}`,
      { passing: false },
    );
  }
  throw new Unreadable('list-cut', `\`${file}\` is larger than ${LARGEST_FILE} bytes: split it`, {
    passing: false,
  });
}

/** Some shells write what a program prints as UTF-16 with a byte order mark. */
function decode(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
