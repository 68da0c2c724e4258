import { blobsOf } from '../../core/facts/digest.ts';
import { parseCommit } from '../../core/object/commit.ts';
import type { Oid } from '../../core/object/id.ts';
import { LIMITS } from '../../gather/gather.ts';
import { Unreadable } from '../../gather/ports.ts';
import { fetchCommits } from '../../git/own.ts';
import { signedBy, type Item, type Opinion } from './item.ts';
import type { Workplace } from './workplace.ts';

/** What a difference is shown between, and how it came about. */
export interface Range {
  readonly kind: 'all' | 'since';
  /** Trees. */
  readonly before: Oid;
  readonly after: Oid;
  readonly files: number;
}

export interface Earlier {
  readonly opinion: Opinion;
  /** `null`: what changed since cannot be told, because the old state is gone or does not merge. */
  readonly range: Range | null;
}

/** The whole change, from its merge base to its head. */
export async function wholeRange({ opened: { repository } }: Workplace, item: Item): Promise<Range | null> {
  const [base, ...others] = item.facts.mergeBases ?? [];
  if (base === undefined || others.length > 0) return null;
  const { head } = item.subject;
  const [before, after] = [await treeOf(repository, base), await treeOf(repository, head)];
  return { kind: 'all', before, after, files: item.facts.change.files.length };
}

/**
 * What changed since this person last reviewed this change: from the merge of what they saw onto the commit that the
 * change starts from now, made again by us, to the new head. A rebase without change shows nothing. `null`: they have
 * signed nothing about an earlier state.
 *
 * That merge holds nothing unseen only where it brings the very difference that they were shown: from the same merge base.
 * Otherwise, and after an adoption, which shows no difference and may begin inside a change, there is no such range.
 */
export async function rangeSince(work: Workplace, item: Item, name: string): Promise<Earlier | null> {
  const { facts, subject } = item;
  const known = new Set<string>([...facts.earlier, ...facts.commits.map(({ id }) => id)]);
  const [last] = signedBy(item, name)
    .filter((one) => one.head !== subject.head && known.has(one.head))
    .filter((one) => one.type === 'adopt' || one.decision !== 'withdraw')
    .toSorted((a, b) => b.serial - a.serial);
  if (last === undefined) return null;
  const [base, ...others] = facts.mergeBases ?? [];
  if (last.type === 'adopt' || base === undefined || others.length > 0) return { opinion: last, range: null };
  return { opinion: last, range: await rangeFrom(work, item, last, base) };
}

async function rangeFrom(
  work: Workplace,
  item: Item,
  { base: compared, head: seen }: Opinion,
  base: Oid,
): Promise<Range | null> {
  const { repository } = work.opened;
  try {
    let here = await repository.obtain([seen, compared]);
    if (!here.has(seen) && work.remote !== null) {
      await fetchCommits(work.directory, work.remote, [seen]);
      here = await repository.obtain([seen, compared]);
    }
    if (!here.has(seen) || !here.has(compared)) return null;
    const [from, ...more] = await repository.mergeBases(compared, seen);
    const now = await repository.mergeBases(base, seen);
    if (from === undefined || more.length > 0 || now.length !== 1 || now[0] !== from) return null;
    const merged = await repository.mergeCommits(base, seen, item.rule.merges.union);
    if (!merged.clean) return null;
    const after = await treeOf(repository, item.subject.head);
    const { files } = await repository.diffTrees(merged.tree, after, LIMITS.files);
    // What git is going to show is hashed first.
    await repository.contentHashes(blobsOf(files));
    return { kind: 'since', before: merged.tree, after, files: files.length };
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

async function treeOf(repository: Workplace['opened']['repository'], id: Oid): Promise<Oid> {
  const [raw] = await repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit.tree;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}
