import { blobsOf } from '../core/facts/digest.ts';
import type { SignedSpan } from '../core/facts/facts.ts';
import type { NeededPair } from '../core/facts/needs.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable, type Repeat, type RepeatQuestion } from './ports.ts';
import { FOREIGN_LIMITS, NOTHING, openSpans, type Ground } from './span-reader.ts';

/**
 * Reads what lies between the bases and heads that people of the roster signed for, and hashes it. Whatever is wrong with
 * one of them (it is not there, too large, forged, or git fails over it) leaves that one without merge bases, so that its
 * statements do not count, and the judgement goes on: nobody can stop one by naming something.
 */
export async function readSpans(
  ground: Ground,
  pairs: readonly NeededPair[],
): Promise<{ readonly spans: readonly SignedSpan[]; readonly contents: ReadonlyMap<Oid, string> }> {
  const { repository, proposal } = ground;
  const own = new Set([...proposal.commits, ...proposal.heads]);
  const strange = [...new Set(pairs.map(({ head }) => head))].filter((head) => !own.has(head));
  const here = strange.length === 0 ? new Set<Oid>() : await repository.obtain(strange);
  const read = openSpans(ground);
  const found: SignedSpan[] = [];
  for (const pair of pairs) {
    const missing = !own.has(pair.head) && !here.has(pair.head);
    found.push((missing ? null : await attempt(() => read(pair))) ?? unknown(pair));
  }
  const contents = new Map<Oid, string>();
  const spans: SignedSpan[] = [];
  for (const span of await markRepeated(ground, found)) {
    const wanted = isWorthHashing(ground, own, span) ? blobsOf(span.change.files) : [];
    const hashes = await attempt(() => repository.contentHashes(wanted.filter((id) => !contents.has(id))));
    for (const [id, hash] of hashes ?? []) contents.set(id, hash);
    spans.push(hashes === null ? unknown(span) : span);
  }
  return { spans, contents };
}

/** Looks for the step that landed each change before, of those that still could count. */
async function markRepeated(
  { repository, proposal, tip, outline, union }: Ground,
  spans: readonly SignedSpan[],
): Promise<readonly SignedSpan[]> {
  const brought = new Set(proposal.commits);
  const asked = spans.filter(
    ({ base, baseLanded, headLanded, mergeBases }) =>
      mergeBases?.length === 1 && !headLanded && (baseLanded || brought.has(base)),
  );
  if (asked.length === 0) return spans;
  const own = asked.map(({ base, head, change }): RepeatQuestion => {
    return { base, files: change.files, proposed: { head, union } };
  });
  // Nor may what is judged have landed since, in surroundings of which the statement knows nothing.
  const judged = [outline.change, outline.landing].flatMap((diff) =>
    diff?.files.length ? [diff.files] : [],
  );
  const bases = [...new Set(asked.map(({ base }) => base))];
  const common = bases.flatMap((base) =>
    judged.map((files): RepeatQuestion => ({ base, files, proposed: null })),
  );
  const questions = [...own, ...common];
  const answers = await repository.findRepeats(tip.id, questions);
  const ofBase = Map.groupBy(answers.slice(own.length), (_, index) => common[index]?.base);
  const repeats = new Map(
    asked.map((span, index) => [span, [answers[index] ?? UNKNOWN, ...(ofBase.get(span.base) ?? [])]]),
  );
  return spans.map((span) => {
    const found = repeats.get(span);
    if (found === undefined) return span;
    if (found.some(({ known }) => !known)) return unknown(span);
    const by = found.map((repeat) => (repeat.known ? repeat.by : null)).find((step) => step !== null);
    return { ...span, repeatedBy: by ?? null };
  });
}

const UNKNOWN: Repeat = { known: false };

/**
 * Nobody should have us fetch the contents of half a repository by approving some commit in it: of a head that is none of
 * the change the contents are hashed where they are few, or where everything else says that its approval counts.
 */
function isWorthHashing(
  { proposed }: Ground,
  own: ReadonlySet<Oid>,
  { head, headLanded, change, recreated }: SignedSpan,
): boolean {
  if (own.has(head) || change.files.length <= FOREIGN_LIMITS.hashed) return true;
  return !headLanded && recreated?.clean === true && recreated.tree === proposed.tree;
}

/** A span that nothing was found out about, or that cannot count whatever else is known of it. */
function unknown({
  base,
  head,
  ...known
}: Pick<NeededPair, 'base' | 'head'> & Partial<SignedSpan>): SignedSpan {
  return {
    base,
    head,
    baseLanded: known.baseLanded ?? false,
    headLanded: known.headLanded ?? false,
    mergeBases: null,
    change: NOTHING,
    repeatedBy: null,
    commits: [],
    recreated: null,
    beganBelow: false,
  };
}

/** A forge that does not answer is no property of what is looked at: then nothing is known at all. */
async function attempt<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Unreadable && error.code !== 'forge-failed') return null;
    throw error;
  }
}
