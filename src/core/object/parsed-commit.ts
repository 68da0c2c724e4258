import { parseCommit, parseHashedCommit, type ParsedCommit } from './commit.ts';
import type { Oid } from './id.ts';

/** By the bytes themselves, which nobody changes: see core/facts/opened.ts. */
const known = new WeakMap<Uint8Array, ParsedCommit>();
const hashed = new WeakMap<Uint8Array, Oid>();

/** Says that these bytes were hashed as a commit and have this id: `parsedCommit` does not hash them once more. */
export function markHashed(id: Oid, raw: Uint8Array): void {
  hashed.set(raw, id);
}

/** `parseCommit`, once: a commit is read as a step's own and as the base of the next. */
export function parsedCommit(id: Oid, raw: Uint8Array): ParsedCommit {
  const before = known.get(raw);
  if (before !== undefined && (before.ok ? before.commit.id : before.id) === id) return before;
  const parsed = hashed.get(raw) === id ? parseHashedCommit(id, raw) : parseCommit(id, raw);
  known.set(raw, parsed);
  return parsed;
}
