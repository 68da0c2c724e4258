import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectId } from '../src/core/object/hash.ts';
import type { Oid } from '../src/core/object/id.ts';
import type { Branch } from './branches.ts';
import { makeCommits } from './commits.ts';
import type { MadeCommit } from './commits.ts';
import { openPack } from './pack.ts';
import { keyNames, person } from './people.ts';
import { runTool } from './tool.ts';

export interface BenchRepository {
  /** A bare repository; its branches are those asked for. */
  readonly dir: string;
  /** Certificates (`.asc`) and SSH keys (`.pub`), each named after its person. */
  readonly keys: string;
  /** The same SSH keys, as ssh-keygen wants them. */
  readonly allowedSigners: string;
  readonly branches: readonly BuiltBranch[];
}

export interface BuiltBranch extends Branch {
  readonly head: Oid;
  /** Bytes of all its commits. */
  readonly bytes: number;
  /** Oldest first; empty unless `kept`. */
  readonly commits: readonly MadeCommit[];
}

/**
 * Builds a repository of signed commits below `root`: keys from seeds, signatures by node:crypto, objects in a packfile of
 * our own making, indexed by git. All ids but those of ECDSA-signed commits are the same at each run.
 */
export async function buildRepository(
  root: string,
  branches: readonly Branch[],
  progress: (text: string) => void = () => undefined,
): Promise<BenchRepository> {
  const dir = join(root, 'repository.git');
  const keys = join(root, 'keys');
  const allowedSigners = join(root, 'allowed_signers');
  mkdirSync(keys, { recursive: true });
  await runTool('git', ['init', '--quiet', '--bare', '--initial-branch', branches[0]?.name ?? 'main', dir], {
    cwd: root,
  });
  progress('making keys');
  writeKeys(keys, allowedSigners, branches);

  const pack = openPack(join(dir, 'objects', 'pack'));
  const blob = Buffer.from('what was built to be measured\n');
  pack.add('blob', blob);
  const entry = Buffer.from(objectId('blob', blob, 'sha1'), 'hex');
  const tree = Buffer.concat([Buffer.from('100644 README\0'), entry]);
  pack.add('tree', tree);
  const treeId = objectId('tree', tree, 'sha1');
  const built: BuiltBranch[] = [];
  for (const branch of branches) {
    progress(`signing ${branch.count} commits of \`${branch.name}\``);
    const commits: MadeCommit[] = [];
    let head: Oid | null = null;
    let bytes = 0;
    for (const commit of makeCommits(branch, treeId)) {
      pack.add('commit', commit.raw);
      if (branch.kept) commits.push(commit);
      bytes += commit.raw.length;
      head = commit.id;
    }
    if (head === null) throw new Error(`\`${branch.name}\` has no commits`);
    built.push({ ...branch, head, bytes, commits });
  }
  progress('indexing the pack');
  await runTool('git', ['index-pack', pack.finish()], { cwd: dir });
  const updates = built.map(({ name, head }) => `create refs/heads/${name} ${head}\n`).join('');
  await runTool('git', ['update-ref', '--stdin'], { cwd: dir, input: updates });
  return { dir, keys, allowedSigners, branches: built };
}

function writeKeys(folder: string, allowedSigners: string, branches: readonly Branch[]): void {
  const names = new Set(branches.flatMap(({ signers }) => keyNames(signers)));
  let lines = '';
  for (const each of names) {
    const { name, kind, published } = person(each);
    writeFileSync(join(folder, `${name}.${kind === 'ssh' ? 'pub' : 'asc'}`), published);
    if (kind === 'ssh') lines += `${name}@example.org namespaces="git" ${published}`;
  }
  writeFileSync(allowedSigners, lines);
}
