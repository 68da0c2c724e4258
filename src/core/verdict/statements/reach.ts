import type { Oid } from '../../object/id.ts';
import type { Case } from '../case.ts';

/** The judged commits that a commit reaches, itself included; empty for one that is none of them. */
export function reachedFrom({ byId }: Pick<Case, 'byId'>, from: Oid): ReadonlySet<Oid> {
  const reached = new Set<Oid>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const commit = byId.get(id)?.commit;
    if (!commit || reached.has(id)) continue;
    reached.add(id);
    open.push(...commit.parents);
  }
  return reached;
}
