import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Diagnostic } from './policy.ts';

/** Larger than any policy that people can read: a bound, not a goal. */
export const LARGEST_POLICY = 262_144;
/** More would not be read. */
export const MOST_DIAGNOSTICS = 50;

/** A YAML text whose places can be named. */
export interface PolicyText {
  readonly text: string;
  readonly document: Document.Parsed;
  /** Offsets at which lines begin. */
  readonly lines: readonly number[];
}

export type ReadText =
  | { readonly ok: true; readonly policy: PolicyText }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads YAML 1.2 without what makes a text mean something else than it seems to: no anchors, aliases, tags, merge keys,
 * duplicate keys, second documents. Bounded in size before the YAML library sees the bytes.
 */
export function readText(bytes: Uint8Array): ReadText {
  if (bytes.length > LARGEST_POLICY) {
    return only('policy-too-large', `a policy has at most ${LARGEST_POLICY} bytes, this one ${bytes.length}`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return only('policy-not-utf8', 'the file is not UTF-8');
  }
  try {
    return readDocument(text);
  } catch (error) {
    // The library recurses with the nesting; the size bound keeps it finite, the stack may still end first.
    if (error instanceof RangeError) return only('policy-too-deep', 'nested too deeply');
    throw error;
  }
}

function readDocument(text: string): ReadText {
  const document = parseDocument(text, {
    // Checked in `findIndirections`: the library compares every key with every other.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
  });
  const policy = { text, document, lines: lineStarts(text) };
  // The library recurses with the nesting, and reports its own stack's end as if it were an error of the text.
  if (document.errors.some(({ message }) => /call stack|stack overflow/i.test(message))) {
    return only('policy-too-deep', 'nested too deeply');
  }
  const diagnostics = [...document.errors, ...document.warnings]
    .slice(0, MOST_DIAGNOSTICS)
    .map((error) => at(policy, error.pos, 'policy-not-yaml', inOurWords(error)));
  diagnostics.push(...findIndirections(policy));
  return diagnostics.length > 0
    ? { ok: false, diagnostics: diagnostics.slice(0, MOST_DIAGNOSTICS) }
    : { ok: true, policy };
}

/** Where a value or, with `key`, the key of a pair lies; the nearest place that exists for a path that does not. */
export function placeOf(
  policy: PolicyText,
  path: readonly PropertyKey[],
  key = false,
): readonly [number, number] {
  let node: unknown = policy.document.contents;
  let place = rangeOf(node) ?? [0, 1];
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) return place;
      // A missing value has no place of its own: its key has.
      const range = last && key ? rangeOf(pair.key) : (rangeOf(pair.value) ?? rangeOf(pair.key));
      place = range ?? place;
      node = pair.value;
    } else {
      const item: unknown =
        isNode(node) && 'items' in node && Array.isArray(node.items) ? node.items[Number(part)] : undefined;
      const range = rangeOf(item);
      if (!range) return place;
      place = range;
      node = item;
    }
  }
  return place;
}

/** The YAML library's own counter misses line ends inside a broken scalar, and would then name wrong lines. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line, from 1, in which an offset lies. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** A diagnostic at a range of characters. The underlined part never leaves its line. */
export function at(
  policy: Pick<PolicyText, 'text' | 'lines'>,
  [start, end]: readonly [number, number],
  code: string,
  message: string,
  options: { remedy?: string; severity?: Diagnostic['severity'] } = {},
): Diagnostic {
  const from = Math.min(start, policy.text.length);
  const line = lineOf(policy.lines, from);
  const newline = policy.text.indexOf('\n', from);
  const lineEnd = newline === -1 ? policy.text.length : newline;
  return {
    severity: options.severity ?? 'error',
    code,
    message,
    remedy: options.remedy ?? null,
    line,
    column: from - (policy.lines[line - 1] ?? 0) + 1,
    length: Math.max(1, Math.min(end, lineEnd) - from),
  };
}

function rangeOf(node: unknown): readonly [number, number] | null {
  if (!isNode(node) || !node.range) return null;
  return [node.range[0], Math.max(node.range[0] + 1, node.range[1])];
}

function findIndirections(policy: PolicyText): Diagnostic[] {
  const found: Diagnostic[] = [];
  const refuse: Refuse = (node, code, message) => {
    if (found.length < MOST_DIAGNOSTICS) found.push(at(policy, rangeOf(node) ?? [0, 1], code, message));
  };
  visit(policy.document, {
    Node(_key, node) {
      if (isMap(node)) refuseTwins(node, refuse);
      if (isAlias(node)) refuse(node, 'policy-alias', 'aliases are not allowed: write the value out');
      else if (node.anchor !== undefined)
        refuse(node, 'policy-anchor', 'anchors are not allowed: write the value out');
      else if (node.tag !== undefined) refuse(node, 'policy-tag', 'tags are not allowed');
    },
    Pair(_key, pair) {
      if (isPair(pair) && isScalar(pair.key) && (pair.key.value === '__proto__' || pair.key.value === '<<')) {
        refuse(pair.key, 'policy-key', `\`${pair.key.value}\` cannot be a key`);
      }
    },
  });
  return found;
}

type Refuse = (node: unknown, code: string, message: string) => void;

function refuseTwins(map: YAMLMap, refuse: Refuse): void {
  const seen = new Set<unknown>();
  for (const { key } of map.items) {
    const value = isScalar(key) ? key.value : null;
    if (seen.has(value)) refuse(key, 'policy-duplicate-key', `\`${String(value)}\` is there twice`);
    seen.add(value);
  }
}

function only(code: string, message: string): ReadText {
  const diagnostic: Diagnostic = {
    severity: 'error',
    code,
    message,
    remedy: null,
    line: 1,
    column: 1,
    length: 1,
  };
  return { ok: false, diagnostics: [diagnostic] };
}

function inOurWords({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins here: a policy is one' : firstLine(message);
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? message;
  return line.charAt(0).toLowerCase() + line.slice(1);
}
