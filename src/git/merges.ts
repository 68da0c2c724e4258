import { parseOid } from '../core/object/id.ts';
import type { Pattern } from '../core/policy/pattern.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Remerge } from '../gather/ports.ts';
import { configEnvironment } from './environment.ts';
import type { HashedStore } from './hashed-store.ts';
import type { MergeCommit, MergeInputs } from './merge-inputs.ts';
import { failed, runGit } from './run.ts';
import { unionAttributes, withAttributes } from './union.ts';
import type { Ground } from './walk.ts';

const MERGE_MS = 300_000;
const CONFLICT_BYTES = 16 * 1024 * 1024;

/**
 * Re-creates the merge of two commits with `git merge-tree --write-tree` in a repository of ours, which holds its inputs and
 * nothing else, all hashed: instead of the commits stand ones of ours with their trees, their dates, and of their ancestors
 * those that a merge has to know, the merge bases. Its configuration
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
  { hashed }: Pick<Ground, 'hashed'>,
  { commits, trees, contents }: MergeInputs,
  tip: Oid,
  head: Oid,
  union: readonly Pattern[],
): Promise<Remerge> {
  await hashed.take([...trees, ...contents]);
  const standIns = writeStandIns(hashed, commits);
  const sides = [tip, head].map((id) => standIns.get(id) ?? id);
  const { gitDir } = hashed;
  const merged = await mergeTrees(gitDir, sides, {});
  const attributes = merged.clean ? null : unionAttributes(merged.conflicts, union);
  if (attributes === null) return merged;
  return withAttributes(gitDir, attributes, (file) =>
    mergeTrees(gitDir, sides, configEnvironment([['core.attributesFile', file]])),
  );
}

/** Commits of ours that take the place of others, those first that are reached by the rest. */
function writeStandIns(hashed: HashedStore, commits: ReadonlyMap<Oid, MergeCommit>): ReadonlyMap<Oid, Oid> {
  const written = new Map<Oid, Oid>();
  const inOrder = [...commits].sort(([, one], [, other]) => one.reaches.length - other.reaches.length);
  for (const [id, { tree, committer, reaches }] of inOrder) {
    const parents = reaches.flatMap((below) => written.get(below) ?? []);
    if (parents.length !== reaches.length) throw new Error('a commit reaches one that reaches as many');
    const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)].join('\n');
    const who = ['\nauthor ', committer, '\ncommitter ', committer, '\n\n'].map((part) => Buffer.from(part));
    written.set(id, hashed.writeCommit(Buffer.concat([Buffer.from(lines), ...who])));
  }
  return written;
}

async function mergeTrees(
  gitDir: string,
  sides: readonly Oid[],
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
    ...sides,
  ];
  const result = await runGit(args, {
    gitDir,
    env,
    timeoutMs: MERGE_MS,
    maxBytes: CONFLICT_BYTES,
  });
  if (result.code !== 0 && result.code !== 1) throw failed(args, result);
  const [first, ...paths] = split(result.stdout);
  const tree = first === undefined ? null : parseOid(Buffer.from(first).toString('latin1'));
  if (tree === null || tree.length !== sides[0]?.length || (result.code === 0 && paths.length > 0)) {
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
