/**
 * A path or branch pattern, anchored at both ends: `*` any bytes but `/`, `**` any bytes, `**` and `/` together any
 * number of whole folders (none too), `?` one byte but `/`. Everything else is itself. Matching is on bytes, because a
 * path need not be UTF-8, and takes time proportional to pattern times path.
 */
export interface Pattern {
  readonly source: string;
  readonly tokens: readonly Token[];
  /** How many of its first tokens are bytes: most patterns begin with a folder's name. */
  readonly literal: number;
}

type Token =
  | { readonly kind: 'byte'; readonly byte: number }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' }
  | { readonly kind: 'deep' }
  | { readonly kind: 'folders' };

const SLASH = 0x2f;
const STAR = 0x2a;
const QUESTION = 0x3f;
/** In characters. */
export const LONGEST_PATTERN = 1024;
/** git keeps a ref as a file, whose name few file systems let be longer than 255 bytes. */
export const LONGEST_BRANCH_PATTERN = 250;
const MOST_STARS = 8;

/** Why `source` is no pattern, or `null`. A pattern that could never match a path, or that looks like another tool's, is refused. */
export function patternProblem(source: string): string | null {
  if (source === '') return 'an empty pattern matches nothing';
  if (source.length > LONGEST_PATTERN) return `longer than ${LONGEST_PATTERN} characters`;
  if (source.startsWith('/'))
    return 'paths are relative to the root of the repository: leave out the first `/`';
  if (source.startsWith('./')) return 'paths are relative to the root of the repository: leave out `./`';
  if (source.endsWith('/'))
    return `a folder never changes by itself: write \`${source}**\` for all that is in it`;
  if (source.includes('//')) return '`//` never occurs in a path';
  if (source.startsWith('!')) return 'patterns cannot be negated';
  if (/[[\]{}()|\\]/.test(source)) return 'only `*`, `**` and `?` have a meaning in patterns';
  if (source.includes('***')) return '`***` has no meaning: write `*` or `**`';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(source)) return 'a control character in a pattern';
  if (source.split('/').some((part) => part === '.' || part === '..'))
    return '`.` and `..` never occur in a path';
  return null;
}

/** The same for a pattern of branches: it is compared with every other, so that it is short, with a few `*`. */
export function branchPatternProblem(source: string): string | null {
  if (source.length > LONGEST_BRANCH_PATTERN) return `longer than ${LONGEST_BRANCH_PATTERN} characters`;
  if (source.split('*').length - 1 > MOST_STARS) return `more than ${MOST_STARS} \`*\` in one pattern`;
  return patternProblem(source);
}

/** Compiles a pattern. Throws `RangeError` where `patternProblem` finds one. */
export function parsePattern(source: string): Pattern {
  const problem = patternProblem(source);
  if (problem !== null) throw new RangeError(problem);
  const bytes = new TextEncoder().encode(source);
  const tokens: Token[] = [];
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === STAR && bytes[at + 1] === STAR) {
      const startsPart = at === 0 || bytes[at - 1] === SLASH;
      if (startsPart && bytes[at + 2] === SLASH) {
        tokens.push({ kind: 'folders' });
        at += 3;
      } else {
        tokens.push({ kind: 'deep' });
        at += 2;
      }
    } else {
      tokens.push(
        byte === STAR ? { kind: 'many' } : byte === QUESTION ? { kind: 'one' } : { kind: 'byte', byte },
      );
      at += 1;
    }
  }
  const literal = tokens.findIndex(({ kind }) => kind !== 'byte');
  return { source, tokens, literal: literal === -1 ? tokens.length : literal };
}

/** Whether the whole of `path` matches. */
export function matches(pattern: Pattern, path: Uint8Array): boolean {
  return statesAfter(pattern, path)?.[pattern.tokens.length] === 1;
}

/** Whether some path below the folder `path` matches: from every state that is reached, the end can be. */
export function matchesBelow(pattern: Pattern, path: Uint8Array): boolean {
  const folder = new Uint8Array(path.length + 1);
  folder.set(path);
  folder[path.length] = SLASH;
  return statesAfter(pattern, folder) !== null;
}

/** For each state, the end included, whether reading `path` from the start leaves it; `null` where none is left. */
function statesAfter({ tokens, literal }: Pattern, path: Uint8Array): Uint8Array | null {
  for (let at = 0; at < literal; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'byte' && token.byte === path[at]) continue;
    if (at < path.length) return null;
    const within = new Uint8Array(tokens.length + 1);
    within[at] = 1;
    return within;
  }
  let states = new Uint8Array(tokens.length + 1);
  states[literal] = 1;
  expandAll(tokens, states, literal === 0 || path[literal - 1] === SLASH);
  let next = new Uint8Array(tokens.length + 1);
  for (let at = literal; at < path.length; at += 1) {
    const byte = path[at] ?? 0;
    if (!advanceAll(tokens, states, next, byte)) return null;
    expandAll(tokens, next, byte === SLASH);
    [states, next] = [next, states];
  }
  return states;
}

/** `expand` in place: states lead to the next one only, so that one pass from the first to the last finds all. */
function expandAll(tokens: readonly Token[], states: Uint8Array, atPartStart: boolean): void {
  for (let state = 0; state < tokens.length; state += 1) {
    if (states[state] === 1 && passes(tokens[state], atPartStart)) states[state + 1] = 1;
  }
}

/** `advance` from one set of states to another; whether any is left. */
function advanceAll(tokens: readonly Token[], states: Uint8Array, next: Uint8Array, byte: number): boolean {
  next.fill(0);
  let any = false;
  for (let state = 0; state < tokens.length; state += 1) {
    const token = tokens[state];
    if (token === undefined || states[state] !== 1) continue;
    const to = reads(token, byte);
    if (to === null) continue;
    next[state + to] = 1;
    any = true;
  }
  return any;
}

/** A byte that no literal of either pattern is, to stand for all the others. */
export function unused(literal: ReadonlySet<number>): number {
  for (let byte = 1; byte < 256; byte += 1) if (byte !== SLASH && !literal.has(byte)) return byte;
  return 0;
}

/** States reached without reading: past `*` and `**`, and past `folders` where a part begins. */
export function expand(pattern: Pattern, states: Set<number>, atPartStart: boolean): Set<number> {
  const all = new Set(states);
  for (const state of all) if (passes(pattern.tokens[state], atPartStart)) all.add(state + 1);
  return all;
}

/** States reached by reading one byte. */
export function advance(pattern: Pattern, states: ReadonlySet<number>, byte: number): Set<number> {
  const next = new Set<number>();
  for (const state of states) {
    const token = pattern.tokens[state];
    const to = token === undefined ? null : reads(token, byte);
    if (to !== null) next.add(state + to);
  }
  return next;
}

function passes(token: Token | undefined, atPartStart: boolean): boolean {
  const kind = token?.kind;
  return kind === 'many' || kind === 'deep' || (kind === 'folders' && atPartStart);
}

/** How far reading a byte leads: to the next state, to the same one, or (`null`) nowhere. */
function reads(token: Token, byte: number): 0 | 1 | null {
  switch (token.kind) {
    case 'byte':
      return token.byte === byte ? 1 : null;
    case 'one':
      return byte === SLASH ? null : 1;
    case 'many':
      return byte === SLASH ? null : 0;
    case 'deep':
    case 'folders':
      return 0;
  }
}
