/** An attribute that makes git archive or check out something else than was reviewed (attacks.md 66). */
export interface RefusedAttribute {
  readonly attribute: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** gitattributes(5), git-archive(1): these leave out, expand or convert contents. `-name` and `!name` take one away. */
const REFUSED = /^(?:export-[a-z-]{1,32}|ident|filter|working-tree-encoding)(?==|$)/;
const MOST_FOUND = 100;
const LONGEST_LINE = 4096;

/** What is refused of a `.gitattributes` file: at most 100, in the order of the file. Macros (`[attr]name`) are lines too. */
export function findRefusedAttributes(bytes: Uint8Array): readonly RefusedAttribute[] {
  const found: RefusedAttribute[] = [];
  const lines = new TextDecoder('utf-8').decode(bytes).split('\n');
  for (const [index, whole] of lines.entries()) {
    // git ignores longer lines (attr.c, ATTR_MAX_LINE_LENGTH is 2048).
    const line = whole.slice(0, LONGEST_LINE);
    if (line.trimStart().startsWith('#')) continue;
    const pattern = /^\s*(?:"(?:[^"\\]|\\.)*"|\S+)/.exec(line)?.[0] ?? '';
    for (const { 0: word, index: at } of line.slice(pattern.length).matchAll(/\S+/g)) {
      const [attribute] = REFUSED.exec(word) ?? [];
      if (attribute === undefined) continue;
      found.push({ attribute, line: index + 1, column: pattern.length + at + 1 });
      if (found.length === MOST_FOUND) return found;
    }
  }
  return found;
}
