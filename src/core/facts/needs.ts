import type { Oid } from '../object/id.ts';
import { parseStatement } from '../statement/review.ts';
import type { SignedText } from '../statement/extract.ts';
import { blobsOf } from './digest.ts';
import type { TreeDiff } from './change.ts';
import type { Proposal } from './target.ts';

/** What the second round of gathering must bring, because of what the first one found. */
export interface Needs {
  /** Blobs to hash. Empty where no statement names a head that is judged. */
  readonly contents: readonly Oid[];
  /** Commits of which to find out whether they have landed. */
  readonly bases: readonly Oid[];
}

/** A hostile statement may name any base: more than this many different ones are not looked up, and count as not landed. */
const MOST_BASES = 1000;

export function needs(
  proposal: Proposal,
  diffs: readonly TreeDiff[],
  statements: readonly SignedText[],
): Needs {
  const bases = new Set<Oid>();
  for (const { text } of statements) {
    const parsed = parseStatement(text);
    if (!parsed.ok || !proposal.heads.includes(parsed.statement.head)) continue;
    if (parsed.statement.branch === proposal.branch && bases.size < MOST_BASES)
      bases.add(parsed.statement.base);
  }
  if (bases.size === 0) return { contents: [], bases: [] };
  return { contents: blobsOf(diffs.flatMap(({ files }) => files)), bases: [...bases] };
}
