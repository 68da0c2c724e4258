import { z } from 'zod';
import type { TrustState } from '../core/history/trust-state.ts';
import { parseOid, type Oid } from '../core/object/id.ts';
import { isBranchName, isProjectName } from '../core/statement/names.ts';

/** The highest state that was seen and proven. */
export interface Remembered {
  /** Which version of this program proved it. */
  readonly verifier: string;
  readonly state: TrustState;
  /** The project that every policy on the way had to name; `null`: any. */
  readonly project: string | null;
  /** The tip of the ledger then; `null` where there was none. */
  readonly ledger: Oid | null;
}

/** What was proven depends on where it began, for which branch, and by which policy (attack 19). */
export interface MemoryKey {
  readonly branch: string;
  readonly introduction: Oid;
  /** `policyDigest` of the policy that was given instead of the repository's own; `null`: the repository's own. */
  readonly policy: string | null;
}

const oid = z.string().transform((text, context): Oid => {
  const id = parseOid(text);
  if (id !== null) return id;
  context.addIssue('not an object id');
  return z.NEVER;
});
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const branch = z.string().refine(isBranchName);
const count = z.int().min(0);

const memorySchema = z
  .strictObject({
    version: z.literal(1),
    branch,
    introduction: oid,
    policy: digest.nullable(),
    remembered: z.strictObject({
      verifier: z.string().min(1).max(200),
      state: z.strictObject({
        branch,
        introduction: oid,
        commit: oid,
        policy: digest,
        freshness: z.strictObject({ days: count, people: count }).nullable(),
        steps: count,
        commits: count,
        ratified: z.array(oid),
      }),
      project: z.string().refine(isProjectName).nullable(),
      ledger: oid.nullable(),
    }),
  })
  .refine(
    ({ branch: of, introduction, remembered: { state } }) =>
      state.branch === of && state.introduction === introduction,
  );

/** A memory's text as data; `null` for anything that is not exactly that. */
export function parseMemory(text: string): (MemoryKey & { readonly remembered: Remembered }) | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = memorySchema.safeParse(read);
  return parsed.success ? parsed.data : null;
}
