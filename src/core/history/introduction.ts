import { parseOid, type Oid } from '../object/id.ts';
import { isBranchName, isProjectName } from '../statement/names.ts';

/** Where trust in a branch begins (trust.md F28): what a user pins, and a project publishes as one string. */
export interface Introduction {
  readonly project: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly commit: Oid;
  /** `policyDigest` of `.countersign/` at the commit: 64 hex digits. */
  readonly policy: string;
}

const SCHEME = 'countersign:';
/** Of a project, a branch and two hashes, with what stands between them; a string from a web page is not read beyond it. */
const LONGEST = 2000;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * The one string of an introduction: `countersign:PROJECT#BRANCH@COMMIT,sha256:POLICY`. Throws `RangeError` for values that
 * have none.
 */
export function encodeIntroduction({ project, branch, commit, policy }: Introduction): string {
  const text = `${SCHEME}${project}#${branch}@${commit},sha256:${policy}`;
  const parsed = parseIntroduction(text);
  // A project with `#` in it would be read as another project and another branch.
  if (parsed?.project !== project || parsed.branch !== branch || parsed.policy !== policy) {
    throw new RangeError('values of which no introduction can be made');
  }
  return text;
}

/**
 * Reads exactly what `encodeIntroduction` writes; `null` for anything else, blanks around it included. A project has no
 * `#`, and neither a commit nor a digest has `@` or `,`, so that a branch with any of these is read as it was written.
 */
export function parseIntroduction(text: string): Introduction | null {
  if (text.length > LONGEST || !text.startsWith(SCHEME) || !text.isWellFormed()) return null;
  const hash = text.indexOf('#');
  const comma = text.lastIndexOf(',sha256:');
  const at = text.lastIndexOf('@', comma);
  if (hash < 0 || at < hash || comma < at) return null;
  const project = text.slice(SCHEME.length, hash);
  const branch = text.slice(hash + 1, at);
  const commit = parseOid(text.slice(at + 1, comma));
  const policy = text.slice(comma + ',sha256:'.length);
  if (!isProjectName(project) || !isBranchName(branch) || commit === null || !DIGEST.test(policy))
    return null;
  return { project, branch, commit, policy };
}
