import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openKeyring } from '../core/identity/certificate.ts';
import type { KeyFile } from '../core/identity/keyring.ts';
import { parsePolicy } from '../core/policy/parse.ts';
import type { Diagnostic } from '../core/policy/policy.ts';
import { buildRoster, type RosterProblem } from '../core/policy/roster.ts';
import { clean, cleanSentence, shellWord } from '../core/report/clean.ts';
import { jsonText } from '../core/report/json.ts';
import { EXIT, type Io } from './io.ts';

interface Located extends Diagnostic {
  readonly file: string;
}

const LARGEST_FILE = 1_048_576;
const MOST_KEYS = 512;

/** `countersign policy lint`: every error with file, line, column, the line itself and a caret under what is wrong. */
export async function lintPolicy(file: string, options: { json?: boolean }, io: Io): Promise<number> {
  const path = io.path(file);
  const bytes = await readSmall(path);
  if (typeof bytes === 'string') {
    io.err(`countersign policy lint: \`${clean(file)}\` cannot be read: ${bytes}\n`);
    return EXIT.undetermined;
  }
  const parsed = parsePolicy(bytes);
  const found: Located[] = (parsed.ok ? parsed.warnings : parsed.diagnostics).map((one) => ({
    ...one,
    file,
  }));
  if (parsed.ok) {
    const { keyring } = await openKeyring(await readKeys(join(dirname(path), 'keys')));
    const keys = join(dirname(file), 'keys');
    for (const { path: key, reason } of keyring.unreadable) {
      found.push(
        located(join(keys, key), 'error', 'key-file-unreadable', `no usable certificate (${reason})`),
      );
    }
    const roster = buildRoster(parsed.policy, keyring);
    const text = new TextDecoder().decode(bytes);
    found.push(
      ...roster.problems.map((problem) => ({
        ...rosterProblem(problem, file, keys),
        ...placeIn(text, file, problem),
      })),
    );
  }
  const failed = found.some(({ severity }) => severity === 'error');
  if (options.json === true) io.out(`${jsonText({ ok: !failed, diagnostics: found })}\n`);
  else {
    const lines = new TextDecoder().decode(bytes).split('\n');
    for (const one of found) io.out(show(one, one.file === file ? lines : [], io));
    io.out(summary(file, found, io));
  }
  return failed ? EXIT.fail : EXIT.pass;
}

function summary(file: string, found: readonly Located[], io: Io): string {
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const warnings = found.length - errors;
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const text = `${clean(file)}: ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  return `${io.paint(errors > 0 ? 'fail' : 'pass', text)}\n`;
}

function show(
  { file, line, column, length, severity, message, remedy, code }: Located,
  lines: readonly string[],
  io: Io,
): string {
  const kind = io.paint(severity === 'error' ? 'fail' : 'pending', severity);
  const head = `${clean(file)}:${line}:${column}: ${kind}: ${cleanSentence(message)} [${code}]\n`;
  const source = lines[line - 1]?.replace(/\r$/, '');
  const excerpt = source === undefined ? '' : caret(source, column, length);
  return `${head}${excerpt}${remedy === null ? '' : `  → ${cleanSentence(remedy)}\n`}`;
}

const WINDOW = 200;

/**
 * The line with a caret under the wrong part; of a long line the part around it. Tabs stay tabs in the padding, so that the
 * caret stands right anywhere.
 */
function caret(source: string, column: number, length: number): string {
  const start = column <= WINDOW ? 0 : column - WINDOW / 2;
  const part = source.slice(start, start + WINDOW);
  const before = part.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const safe = part.replaceAll(/[^\t]+/g, (text) => clean(text).slice(0, text.length));
  const room = Math.max(1, part.length - before.length);
  return `  ${safe}\n  ${before}${'^'.repeat(Math.min(length, room))}\n`;
}

/** Where the policy names the key that a problem is about; the file's start where it does not. */
function placeIn(text: string, file: string, problem: RosterProblem): Partial<Located> {
  if (problem.kind === 'certificate-unpinned') return {};
  const { fingerprint } = problem;
  const start = text.toUpperCase().indexOf(fingerprint.toUpperCase());
  if (start === -1) return { file };
  const before = text.slice(0, start).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: fingerprint.length };
}

function rosterProblem(problem: RosterProblem, file: string, keys: string): Located {
  switch (problem.kind) {
    case 'key-shared':
      return located(
        file,
        'error',
        'policy-key-shared',
        `\`${problem.owners.join('` and `')}\` share the key ${problem.fingerprint}: a key speaks for one person only`,
      );
    case 'certificate-missing':
      return located(
        file,
        'warning',
        'policy-certificate-missing',
        `the certificate ${problem.fingerprint} of \`${problem.owner}\` is not in \`${keys}\``,
        `gpg --armor --export ${problem.fingerprint} > ${shellWord(`${keys}/${problem.fingerprint}.asc`)}`,
      );
    case 'pin-is-subkey':
      return located(
        file,
        'warning',
        'policy-pin-is-subkey',
        `\`${problem.owner}\` is pinned by the subkey ${problem.fingerprint}`,
        `pin the primary key: ${problem.primary}`,
      );
    case 'certificate-unpinned':
      return located(
        join(keys, problem.file),
        'warning',
        'certificate-unpinned',
        `nobody in the policy has the key ${problem.fingerprint}: it is ignored`,
      );
  }
}

function located(
  file: string,
  severity: Diagnostic['severity'],
  code: string,
  message: string,
  remedy: string | null = null,
): Located {
  return { file, severity, code, message, remedy, line: 1, column: 1, length: 1 };
}

async function readKeys(folder: string): Promise<KeyFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: KeyFile[] = [];
  for (const name of names.sort().slice(0, MOST_KEYS)) {
    const bytes = await readSmall(join(folder, name));
    if (typeof bytes !== 'string') files.push({ path: name, bytes });
  }
  return files;
}

/** A small regular file's bytes, or why there are none. */
async function readSmall(path: string): Promise<Uint8Array | string> {
  try {
    const info = await lstat(path);
    // The judge reads regular files only, so a link here would be green in lint alone.
    if (!info.isFile()) return 'it is not a regular file';
    return info.size > LARGEST_FILE ? `it is larger than ${LARGEST_FILE} bytes` : await readFile(path);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? 'there is no such file'
      : String(error);
  }
}
