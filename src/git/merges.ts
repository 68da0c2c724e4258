import { parseOid } from '../core/object/id.ts';
import type { Pattern } from '../core/policy/pattern.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Remerge } from '../gather/ports.ts';
import { configEnvironment } from './environment.ts';
import { failed, runGit } from './run.ts';
import { unionAttributes, withAttributes } from './union.ts';
import { mustHave } from './walk.ts';
import type { Ground } from './walk.ts';

const MERGE_MS = 300_000;
const CONFLICT_BYTES = 16 * 1024 * 1024;

/**
 * Re-creates the merge of two commits with `git merge-tree --write-tree` in a repository of ours. Its configuration
 * (workspace.ts) pins what decides a merge: renames and directory renames (`conflict`: a file that git would move by
 * itself is a conflict), their limits, histogram diff, no attributes and so no drivers. The tree is written there, never
 * in the judged repository. Unrelated histories merge as if their common ancestor were empty.
 *
 * Files in conflict whose paths the patterns of `union` match keep both sides' lines (trust.md A4): the merge is made once
 * more with that driver for exactly these paths, by an attributes file of ours. Where any other path conflicts, it is not.
 *
 * Output with `-z --name-only` (git-merge-tree(1)): the tree, NUL, then each conflicting path, NUL; exit code 1 for
 * conflicts. A split directory rename conflicts without naming a path.
 */
export async function mergeCommits(
  ground: Ground,
  tip: Oid,
  head: Oid,
  union: readonly Pattern[],
): Promise<Remerge> {
  // git 2.39 exits with 1, as for a conflict, where a commit is missing.
  await mustHave(ground, [tip, head]);
  const merged = await mergeTrees(ground, tip, head, {});
  const attributes = merged.clean ? null : unionAttributes(merged.conflicts, union);
  if (attributes === null) return merged;
  const { gitDir } = ground;
  return withAttributes(gitDir, attributes, (file) =>
    mergeTrees(ground, tip, head, configEnvironment([['core.attributesFile', file]])),
  );
}

async function mergeTrees(
  ground: Ground,
  tip: Oid,
  head: Oid,
  env: Readonly<Record<string, string>>,
): Promise<Remerge> {
  const args = [
    'merge-tree',
    '--write-tree',
    '-z',
    '--name-only',
    '--no-messages',
    '--allow-unrelated-histories',
    '--end-of-options',
    tip,
    head,
  ];
  const result = await runGit(args, {
    gitDir: ground.gitDir,
    env,
    timeoutMs: MERGE_MS,
    maxBytes: CONFLICT_BYTES,
  });
  if (result.code !== 0 && result.code !== 1) throw failed(args, result);
  const [first, ...paths] = split(result.stdout);
  const tree = first === undefined ? null : parseOid(Buffer.from(first).toString('latin1'));
  if (tree === null || tree.length !== tip.length || (result.code === 0 && paths.length > 0)) {
    throw new Unreadable('git-failed', `git merge-tree gave an answer that makes no sense: ${result.stderr}`);
  }
  return result.code === 0 ? { clean: true, tree } : { clean: false, conflicts: paths };
}

/** Parts that each end in NUL. */
function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
    parts.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return parts;
}
