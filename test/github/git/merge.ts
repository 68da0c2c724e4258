import type { Person } from '../describe/commit.ts';
import { listCommits, readCommit, writeCommit } from './commit.ts';
import { git, tryGit } from './run.ts';

/** The tree of a clean merge of two commits; undefined when they conflict. */
export async function mergeTrees(gitDir: string, ours: string, theirs: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await tryGit(gitDir, [
    'merge-tree',
    '--write-tree',
    '--no-messages',
    ours,
    theirs,
  ]);
  if (code === 0) return stdout.toString().trim();
  if (code === 1) return undefined;
  throw new Error(`git merge-tree failed with ${code}: ${stderr.trim()}`);
}

/** Commits, lines and files that a head brings to a base, from their merge base. */
export async function measureChange(
  gitDir: string,
  base: string,
  head: string,
): Promise<{ commits: number; additions: number; deletions: number; files: number }> {
  const commits = (await listCommits(gitDir, base, head)).length;
  const { code, stdout } = await tryGit(gitDir, ['diff', '--numstat', `${base}...${head}`]);
  const lines = code === 0 ? stdout.toString().split('\n').filter(Boolean) : [];
  const sum = (column: number): number =>
    lines.reduce((total, line) => total + (Number(line.split('\t')[column]) || 0), 0);
  return { commits, additions: sum(0), deletions: sum(1), files: lines.length };
}

/**
 * Makes the commits of `head` anew on top of `onto`, unsigned, as the rebase button does; merges among them are left
 * out. undefined when one conflicts.
 */
export async function rebase(
  gitDir: string,
  onto: string,
  head: string,
  committer: Person,
): Promise<string | undefined> {
  let tip = onto;
  for (const sha of await listCommits(gitDir, onto, head, true)) {
    const commit = await readCommit(gitDir, sha);
    const tree = await pickTree(gitDir, tip, commit.tree, commit.parents[0]);
    if (tree === undefined) return undefined;
    tip = await writeCommit(gitDir, {
      tree,
      parents: [tip],
      author: commit.author,
      committer,
      message: commit.message,
    });
  }
  return tip;
}

/**
 * The tree of a cherry-pick. merge-tree of git 2.39 takes no merge base, so it gets three commits of its own, whose
 * one merge base is the picked commit's parent.
 */
async function pickTree(
  gitDir: string,
  onto: string,
  tree: string,
  parent: string | undefined,
): Promise<string | undefined> {
  const nobody: Person = { name: 'GitHub', email: 'noreply@github.com', date: new Date(0) };
  const treeOf = async (commit: string): Promise<string> =>
    await git(gitDir, ['rev-parse', `${commit}^{tree}`]);
  const make = async (content: string, parents: string[], message: string): Promise<string> =>
    await writeCommit(gitDir, { tree: content, parents, author: nobody, committer: nobody, message });
  const empty = await git(gitDir, ['hash-object', '-t', 'tree', '-w', '--stdin'], '');
  const base = await make(parent === undefined ? empty : await treeOf(parent), [], 'base\n');
  const ours = await make(await treeOf(onto), [base], 'ours\n');
  const theirs = await make(tree, [base], 'theirs\n');
  return await mergeTrees(gitDir, ours, theirs);
}
