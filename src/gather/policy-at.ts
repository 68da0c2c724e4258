import type { Oid } from '../core/object/id.ts';
import { parsedCommit } from '../core/object/parsed-commit.ts';
import { Unreadable, type PolicyFolder, type Repository } from './ports.ts';

/** `.countersign/` at a commit. Throws `Unreadable` where the commit cannot be read. */
export async function policyAt(
  { repository }: { readonly repository: Repository },
  commit: Oid,
): Promise<PolicyFolder> {
  const [raw] = await repository.readCommits([commit]);
  const parsed = parsedCommit(commit, raw ?? new Uint8Array());
  if (parsed.ok) return repository.readPolicyFolder(parsed.commit.tree);
  throw new Unreadable('object-forged', `commit \`${commit}\`: ${parsed.detail}`, { passing: false });
}
