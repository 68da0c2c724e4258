import type { Oid } from '../core/object/id.ts';
import { parsedCommit } from '../core/object/parsed-commit.ts';
import type { Remerge, Repository } from '../gather/ports.ts';
import { keeping } from './kept.ts';
import { commitsOfStep, type Lineage } from './lineage.ts';
import { mergePlainly } from './plain-merge.ts';
import { notClosed, type Ground } from './walk.ts';

/** What commits may take that the lineage does not hold: those of the steps just being judged. */
const MOST_RAW_BYTES = 16 * 1024 * 1024;
const BESIDES = 512;
const NOTHING = new Uint8Array();

/**
 * The port of a repository for judging the steps of a lineage: what follows from its hashed commits is answered from them,
 * without asking git again for every step; everything else goes to `repository`.
 */
export function portOver(ground: Ground, lineage: Lineage, repository: Repository): Repository {
  const { nodes, raws } = lineage;
  const recent = keeping<Oid, Uint8Array>(MOST_RAW_BYTES, (raw) => raw.length + BESIDES);
  const asked = new Map<Oid, Promise<Uint8Array>>();

  const readCommits = (ids: readonly Oid[]): Promise<readonly Uint8Array[]> => {
    const held = ids.flatMap((id) => raws.get(id) ?? []);
    return held.length === ids.length ? Promise.resolve(held) : readAbsent(ids);
  };
  const readAbsent = (ids: readonly Oid[]): Promise<readonly Uint8Array[]> => {
    const held = ids.map((id) => raws.get(id) ?? recent.get(id));
    const absent = [...new Set(ids.filter((id, index) => held[index] === undefined && !asked.has(id)))];
    if (absent.length > 0) {
      const reading = repository.readCommits(absent);
      const forget = (): void => {
        for (const id of absent) asked.delete(id);
      };
      absent.forEach((id, index) => {
        asked.set(
          id,
          reading.then((found) => {
            const raw = found[index] ?? NOTHING;
            recent.set(id, raw);
            return raw;
          }),
        );
      });
      reading.then(forget, forget);
    }
    return Promise.all(ids.map((id, index) => Promise.resolve(held[index] ?? asked.get(id) ?? NOTHING)));
  };
  const mergeBases = (a: Oid, b: Oid): Promise<readonly Oid[]> => {
    const base = singleBase(lineage, a, b);
    return base === null ? repository.mergeBases(a, b) : Promise.resolve([base]);
  };
  const mergeOf = async (...ids: readonly [Oid, Oid, Oid]): Promise<Oid | null> => {
    const raws = await readCommits(ids);
    const [base, ours, theirs] = ids.map((id, index) => {
      const parsed = parsedCommit(id, raws[index] ?? NOTHING);
      return parsed.ok ? parsed.commit.tree : null;
    });
    return base && ours && theirs ? mergePlainly(ground.objects, base, ours, theirs) : null;
  };
  return {
    ...repository,
    readCommits,
    mergeBases,
    listCommits(tip, head, limit) {
      const step = nodes.get(head)?.step ?? -1;
      const isStep = step >= 0 && lineage.line[step] === head && tipOf(lineage, step) === tip;
      if (!isStep || (lineage.sizes[step] ?? Infinity) > limit)
        return repository.listCommits(tip, head, limit);
      return Promise.resolve(commitsOfStep(lineage, step).commits);
    },
    isReachable(ancestor, descendant) {
      const at = placeOf(lineage, descendant);
      const node = nodes.get(ancestor);
      if (at === null) return repository.isReachable(ancestor, descendant);
      if (ancestor === lineage.from || ancestor === descendant) return Promise.resolve(true);
      if (node === undefined) return repository.isReachable(ancestor, descendant);
      return Promise.resolve(node.step >= 0 && node.step <= at);
    },
    async mergeCommits(tip, head, union): Promise<Remerge> {
      // git-merge-tree(1): where one side is the merge base, the merge is the other side.
      const [base, ...others] = await mergeBases(tip, head);
      const single = base !== undefined && others.length === 0;
      const tree = !single ? null : base === tip ? nodes.get(head)?.tree : await mergeOf(base, tip, head);
      return tree ? { clean: true, tree } : repository.mergeCommits(tip, head, union);
    },
  };
}

function tipOf({ line, from }: Lineage, step: number): Oid | undefined {
  return step === 0 ? from : line[step - 1];
}

/** Where on the line a commit is: -1 for the introduction, `null` for what is none of its steps. */
function placeOf({ line, from, nodes }: Lineage, id: Oid): number | null {
  if (id === from) return -1;
  const step = nodes.get(id)?.step ?? -1;
  return step >= 0 && line[step] === id ? step : null;
}

/**
 * The merge base of a step's tip and something that this or an earlier step brought, where it is a commit of the line:
 * that reaches all else that landed until then. `null` where the lineage alone does not tell.
 */
function singleBase(lineage: Lineage, tip: Oid, head: Oid): Oid | null {
  const at = placeOf(lineage, tip);
  if (at === null) return null;
  const node = lineage.nodes.get(head);
  if (head === lineage.from || (node !== undefined && node.step >= 0 && node.step <= at)) return head;
  if (node?.step !== at + 1) return null;
  const { edge } = commitsOfStep(lineage, at + 1, head);
  let best: Oid | null = null;
  let place = -2;
  for (const id of edge) {
    const own = id === lineage.from ? -1 : (lineage.nodes.get(id)?.step ?? -2);
    if (own > at) throw notClosed(id);
    if (own < place) continue;
    // Of two that came with one step, the step itself is the one that reaches both.
    const onLine = placeOf(lineage, id) === own && own >= -1;
    best = onLine ? id : own > place ? null : best;
    place = own;
  }
  return best;
}
