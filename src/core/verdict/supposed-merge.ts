import type { Facts } from '../facts/facts.ts';
import type { Proofs } from '../facts/prove.ts';
import type { Reading } from '../facts/reading.ts';
import { judgedBy, subjectOf } from '../facts/target.ts';
import { parseCommit } from '../object/commit.ts';
import { objectId } from '../object/hash.ts';
import { formatOf, type Oid } from '../object/id.ts';
import type { Proof } from '../signature/proof.ts';

/**
 * The step that a merge of this change would be, signed by whom `proof` names: as git would make it, from the tip and the
 * head, with the tree that our own merge gives. `null` where there is no such tree.
 */
export function supposeMerge(
  reading: Reading,
  proofs: Proofs,
  proof: Proof,
): { reading: Reading; proofs: Proofs } | null {
  const { facts } = reading;
  const { branch } = facts.target;
  const [parent, head] = [judgedBy(facts.target), subjectOf(facts.target)];
  const tree = treeOf(reading);
  if (tree === null) return null;
  const who = 'nobody <> 0 +0000';
  const lines = [
    `tree ${tree}`,
    `parent ${parent}`,
    `parent ${head}`,
    `author ${who}`,
    `committer ${who}`,
    '',
    'supposed',
    '',
  ];
  const raw = new TextEncoder().encode(lines.join('\n'));
  const id = objectId('commit', raw, formatOf(parent));
  const step: Facts = {
    ...facts,
    target: { kind: 'step', branch, parent, commit: id },
    commits: [{ id, raw }, ...facts.commits],
    remerge: { clean: true, tree },
    landing: facts.landing ?? facts.change,
  };
  return {
    reading: { ...reading, facts: step, commits: [parseCommit(id, raw), ...reading.commits] },
    proofs: { ...proofs, commits: [proof, ...proofs.commits] },
  };
}

/** Where the head has all of the branch, a merge of the two is the head's own tree. */
function treeOf({ facts, commits }: Reading): Oid | null {
  if (facts.remerge !== null) return facts.remerge.clean ? facts.remerge.tree : null;
  const head = subjectOf(facts.target);
  const own = commits.find((parsed) => parsed.ok && parsed.commit.id === head);
  return own?.ok === true && facts.mergeBases?.length === 1 ? own.commit.tree : null;
}
