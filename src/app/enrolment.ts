import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { openFolder, type PolicyFolder } from '../core/policy/folder.ts';
import { parsePolicy } from '../core/policy/parse.ts';
import { rulesFor } from '../core/policy/branch-rules.ts';
import { Unreadable, type Repository } from '../gather/ports.ts';

/**
 * What the policy at a commit makes of a branch. `unknown` where it cannot be told: no policy, one with errors, several
 * rules. Only names are chosen by this; verdicts come from `judge`.
 */
export type Enrolment =
  | { readonly kind: 'enforce' | 'observe' | 'unknown' }
  | { readonly kind: 'none'; readonly patterns: readonly string[] };

/** Reads what the policy at `commit` makes of `branch`. Throws `Unreadable`. */
export async function readEnrolment(
  repository: Repository,
  commit: Oid,
  branch: string,
  project: string,
): Promise<Enrolment> {
  const { policy } = openFolder(await readPolicyAt(repository, commit));
  const parsed = policy.state === 'present' ? parsePolicy(policy.bytes) : null;
  if (parsed?.ok !== true || parsed.policy.project.toLowerCase() !== project.toLowerCase()) {
    return { kind: 'unknown' };
  }
  const rules = rulesFor(parsed.policy, branch);
  if (rules.length === 0) {
    const patterns = parsed.policy.branches.flatMap(({ match }) => match.map(({ source }) => source));
    return { kind: 'none', patterns };
  }
  const [rule] = rules;
  return { kind: rules.length === 1 && rule ? rule.mode : 'unknown' };
}

/** Whether policy and keys are the same at two commits, entry for entry. */
export async function samePolicy(repository: Repository, one: Oid, other: Oid): Promise<boolean> {
  const [a, b] = [await readPolicyAt(repository, one), await readPolicyAt(repository, other)];
  return fingerprint(a) === fingerprint(b);
}

function fingerprint({ entries }: PolicyFolder): string {
  return entries
    .map(({ path, mode, id }) => `${Buffer.from(path).toString('hex')} ${mode} ${id}`)
    .toSorted()
    .join('\n');
}

/** Policy and keys as they lie at a commit. Throws `Unreadable`. */
export async function readPolicyAt(repository: Repository, commit: Oid): Promise<PolicyFolder> {
  const [raw] = await repository.readCommits([commit]);
  if (!raw) throw new Unreadable('object-missing', `commit \`${commit}\` is not in the repository`);
  const parsed = parseCommit(commit, raw);
  if (!parsed.ok)
    throw new Unreadable('object-forged', `commit \`${commit}\`: ${parsed.detail}`, { passing: false });
  return repository.readPolicyFolder(parsed.commit.tree);
}
