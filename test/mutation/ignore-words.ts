/**
 * A plugin of Stryker's: leaves alone the sentences of errors, which no test asserts (codes are). Without it a fifth of all
 * mutants would be empty sentences.
 */
export const strykerPlugins = [{ kind: 'Ignore', name: 'words', value: { shouldIgnore } }] as const;

/** The part of Babel's node that is looked at. */
interface Node {
  readonly type: string;
  readonly callee?: { readonly type: string; readonly name?: string };
  readonly arguments?: readonly Node[];
}

interface Path {
  readonly node: Node;
  readonly parent: Node | null;
}

function shouldIgnore({ node, parent }: Path): string | undefined {
  if (node.type !== 'StringLiteral' && node.type !== 'TemplateLiteral') return undefined;
  const called = parent?.callee?.name;
  const index = parent?.arguments?.indexOf(node) ?? -1;
  const isSentence = (called === 'malformed' && index >= 0) || (called === 'Refusal' && index === 1);
  return isSentence ? 'a sentence for people' : undefined;
}
