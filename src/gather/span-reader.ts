import type { Remerge, TreeDiff } from '../core/facts/change.ts';
import type { Facts, RawCommit, SignedSpan } from '../core/facts/facts.ts';
import type { NeededPair } from '../core/facts/needs.ts';
import type { Proposal } from '../core/facts/target.ts';
import { parseCommit, type Commit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import type { Pattern } from '../core/policy/pattern.ts';
import { Unreadable, type Repository } from './ports.ts';

/** Bounds for heads that are none of the change: what lies beyond is as if it could not be found. */
export const FOREIGN_LIMITS = { commits: 2_000, files: 20_000, hashed: 2_000 } as const;

export const NOTHING: TreeDiff = { files: [], twins: [] };

/** What is judged, as the first round found it. */
export interface Ground {
  readonly repository: Repository;
  readonly proposal: Proposal;
  readonly tip: Commit;
  /** A step's merge commit. */
  readonly merge: Commit | null;
  /** The head of a change, the second parent of a merge, or a step's own commit. */
  readonly proposed: Commit;
  readonly outline: Pick<Facts, 'mergeBases' | 'change' | 'landing'>;
  /** Paths in which a merge keeps both sides' lines. */
  readonly union: readonly Pattern[];
  /** Files of one difference, at most. */
  readonly files: number;
}

/** Reads one pair, all but whether it was repeated. Throws `Unreadable` where that cannot be done. */
export type SpanReader = (pair: NeededPair) => Promise<SignedSpan>;

/** Many statements name the same head, so what depends on it alone is found once. */
export function openSpans(ground: Ground): SpanReader {
  const { repository, proposal, tip, merge, proposed, outline } = ground;
  const brought = new Set(proposal.commits);
  const landed = new Map<Oid, Promise<boolean>>();
  const isLanded = (id: Oid): Promise<boolean> => once(landed, id, () => repository.isReachable(id, tip.id));
  const differences = new Map<string, Promise<TreeDiff>>();
  const commits = new Map<Oid, Promise<readonly RawCommit[]>>();
  const recreations = new Map<Oid, Promise<Remerge>>();
  const below = new Map<Oid, Promise<boolean>>();
  const [judgedBase, ...otherBases] = outline.mergeBases ?? [];

  async function readMergeBases({ base, head }: NeededPair): Promise<readonly Oid[]> {
    if (head === merge?.id) return [tip.id];
    if (brought.has(base)) return repository.mergeBases(head, base);
    return head === proposed.id ? (outline.mergeBases ?? []) : repository.mergeBases(head, tip.id);
  }

  async function readChange(head: Oid, bases: readonly Oid[]): Promise<TreeDiff> {
    const [base, ...others] = bases;
    if (base === undefined || others.length > 0) return NOTHING;
    if (head === merge?.id) return outline.landing ?? NOTHING;
    if (head === proposed.id && base === judgedBase) return outline.change;
    return once(differences, `${base} ${head}`, async () => {
      const [before, after] = [await readCommit(repository, base), await readCommit(repository, head)];
      const limit = brought.has(head) ? ground.files : FOREIGN_LIMITS.files;
      return repository.diffTrees(before.tree, after.tree, limit);
    });
  }

  function bringsOverTip(head: Oid): Promise<readonly RawCommit[]> {
    return once(commits, head, async () => {
      const ids = await repository.listCommits(tip.id, head, FOREIGN_LIMITS.commits);
      const raws = await repository.readCommits(ids);
      return ids.map((id, index): RawCommit => ({ id, raw: raws[index] ?? new Uint8Array() }));
    });
  }

  async function recreate({ head, carried }: NeededPair): Promise<Remerge | null> {
    if (!carried || judgedBase === undefined || otherBases.length > 0) return null;
    return once(recreations, head, () => repository.mergeCommits(judgedBase, head, ground.union));
  }

  /** Where it did not, nothing carries over, whatever a merge onto the older base would give. */
  async function beganBelow({ carried }: NeededPair, [own, ...others]: readonly Oid[]): Promise<boolean> {
    if (!carried || judgedBase === undefined || own === undefined || others.length > 0) return false;
    return once(below, own, () => repository.isReachable(own, judgedBase));
  }

  return async (pair) => {
    const { base, head } = pair;
    const baseLanded = await isLanded(base);
    const headLanded = await isLanded(head);
    const mergeBases = await readMergeBases(pair);
    const open = !headLanded && head !== merge?.id;
    const began = open && (await beganBelow(pair, mergeBases));
    return {
      base,
      head,
      baseLanded,
      headLanded,
      mergeBases,
      change: await readChange(head, mergeBases),
      repeatedBy: null,
      commits: open && !brought.has(head) && head !== proposed.id ? await bringsOverTip(head) : [],
      recreated: began ? await recreate(pair) : null,
      beganBelow: began,
    };
  };
}

function once<K, T>(known: Map<K, Promise<T>>, key: K, find: () => Promise<T>): Promise<T> {
  const finding = known.get(key) ?? find();
  known.set(key, finding);
  return finding;
}

async function readCommit(repository: Repository, id: Oid): Promise<Commit> {
  const [raw] = await repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}
