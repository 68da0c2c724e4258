/** Every statement begins so: no commit, tag or other statement does. */
const FIRST = 'countersign: ';

const LONGEST_STATEMENT = 65_536;

export type RefusedLine = { readonly ok: false; readonly line: number; readonly problem: string };

export type ReadLines<Field extends string> =
  | {
      readonly ok: true;
      readonly value: (field: Field) => string;
      /** The lines after the last field. */
      readonly rest: readonly string[];
      readonly refuseAt: (field: Field, problem: string) => RefusedLine;
    }
  | RefusedLine;

/**
 * Reads the lines of a statement from exactly the signed bytes: UTF-8, the type in the first line, then `key: value` lines
 * in the order of `fields`, each ended by one LF (trust.md "Statements"). Lines count from 1.
 */
export function readLines<Field extends string>(
  bytes: Uint8Array,
  type: string,
  fields: readonly Field[],
): ReadLines<Field> {
  if (bytes.length > LONGEST_STATEMENT) return refuseLine(1, `longer than ${LONGEST_STATEMENT} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuseLine(1, 'not UTF-8');
  }
  if (!text.endsWith('\n')) return refuseLine(text.split('\n').length, 'the last line has no line end');
  const lines = text.slice(0, -1).split('\n');
  const first = lines[0] ?? '';
  if (first !== `${FIRST}${type}`) {
    return refuseLine(
      1,
      first.startsWith(FIRST) ? 'unknown type of statement' : 'no statement of countersign',
    );
  }
  const values = new Map<Field, string>();
  for (const [index, name] of fields.entries()) {
    const line = lines[index + 1];
    if (!line?.startsWith(`${name}: `)) return refuseLine(index + 2, `expected \`${name}: …\``);
    values.set(name, line.slice(name.length + 2));
  }
  return {
    ok: true,
    value: (field) => values.get(field) ?? '',
    rest: lines.slice(fields.length + 1),
    refuseAt: (field, problem) => refuseLine(fields.indexOf(field) + 2, problem),
  };
}

/** The bytes of a statement as text: first line, fields in their order, whole lines after them. */
export function writeLines(
  type: string,
  fields: readonly (readonly [string, string])[],
  rest: readonly string[] = [],
): string {
  const lines = [`${FIRST}${type}`, ...fields.map(([name, value]) => `${name}: ${value}`), ...rest];
  return lines.map((line) => `${line}\n`).join('');
}

export function refuseLine(line: number, problem: string): RefusedLine {
  return { ok: false, line, problem };
}
