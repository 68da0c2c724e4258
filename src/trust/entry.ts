import type { Oid } from '../core/object/id.ts';
import type { Pin } from '../core/policy/policy.ts';

/** One branch of a repository that is trusted from a commit on. */
export interface TrustEntry {
  /** Where the repository is, as the file says it: never with a user's name or password for a server. */
  readonly url: string;
  /** What its policy has to name as its project; `null`: whatever it names. */
  readonly project: string | null;
  /** Without `refs/heads/`. */
  readonly branch: string;
  /** The commit whose policy is trusted without proof (trust.md F28). */
  readonly introduction: Oid;
  /** `policyDigest` that `.countersign/` must have at the introduction: 64 hex digits without `sha256:`; `null`: any. */
  readonly policy: string | null;
  /** Who may say what the newest head is, by their names (trust.md D20). */
  readonly heads: ReadonlyMap<string, readonly Pin[]>;
  /** The file that says so. */
  readonly from: string;
}
