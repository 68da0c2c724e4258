import { blobsOf, changeDigest } from '../core/facts/digest.ts';
import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { openFolder, POLICY_PATH, type PolicyFolder } from '../core/policy/folder.ts';
import { parsePolicy } from '../core/policy/parse.ts';
import type { Policy } from '../core/policy/policy.ts';
import { LIMITS } from '../gather/gather.ts';
import { Unreadable, type Repository } from '../gather/ports.ts';
import { UsageError } from './revisions.ts';

/** `.countersign/` as it lies at a commit. Throws `Unreadable`. */
export async function readFolder(repository: Repository, commit: Oid): Promise<PolicyFolder> {
  return repository.readPolicyFolder((await readCommit(repository, commit)).tree);
}

/** The policy that lies at a commit. Throws `Unreadable`. */
export async function readPolicy(repository: Repository, base: Oid): Promise<Policy> {
  const { policy } = openFolder(await readFolder(repository, base));
  if (policy.state !== 'present') {
    throw new Unreadable('object-missing', `there is no ${POLICY_PATH} at the base \`${base}\``, {
      passing: false,
    });
  }
  const parsed = parsePolicy(policy.bytes);
  if (parsed.ok) return parsed.policy;
  const [first] = parsed.diagnostics;
  const where = first ? `line ${first.line}: ${first.message}` : 'it cannot be read';
  throw new Unreadable('policy-invalid', `the policy at the base has an error: ${where}`, { passing: false });
}

/** The change digest between a base and a head (trust.md, "Statements"). Throws `UsageError` and `Unreadable`. */
export async function digestOf(repository: Repository, base: Oid, head: Oid): Promise<string> {
  const [mergeBase, ...others] = await repository.mergeBases(base, head);
  if (mergeBase === undefined || others.length > 0) {
    throw new UsageError(
      mergeBase === undefined
        ? 'base and head have no commit in common'
        : 'base and head have several merge bases: merge the base into the change first',
    );
  }
  const [before, after] = [await readCommit(repository, mergeBase), await readCommit(repository, head)];
  const { files } = await repository.diffTrees(before.tree, after.tree, LIMITS.files);
  const digest = changeDigest(files, await repository.contentHashes(blobsOf(files)));
  if (digest === null) throw new Unreadable('object-missing', 'the content of a changed file is missing');
  return digest;
}

async function readCommit(repository: Repository, id: Oid): Promise<{ tree: Oid }> {
  const [raw] = await repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (!parsed.ok)
    throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
  return parsed.commit;
}
