import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { git } from './run.ts';

const settings = [
  '[core]',
  '\trepositoryformatversion = 0',
  '\tbare = true',
  '[gc]',
  '\tauto = 0',
  '[receive]',
  '\tautogc = false',
  '\thideRefs = refs/pull',
  '[http]',
  '\treceivepack = true',
  '\tuploadpack = true',
  '[uploadpack]',
  '\tallowFilter = true',
  '\tallowAnySHA1InWant = true',
  '',
].join('\n');

/**
 * Refuses what branch protection refuses, by `protected` (refs) and `allowed` (`ref commit`), one a line.
 */
const preReceive = `#!/bin/sh
while read -r old new ref; do
  grep -qxF -- "$ref" protected 2>/dev/null || continue
  grep -qxF -- "$ref $new" allowed 2>/dev/null && continue
  echo "error: GH006: Protected branch update failed for $ref." >&2
  echo "error: Required status check is expected." >&2
  exit 1
done
exit 0
`;

/**
 * Makes a bare repository. With `sharesWith` it has the object store of that one, as GitHub's forks have: a commit
 * pushed to a fork can be asked for by its hash in every repository of the network.
 */
export async function createStore(gitDir: string, defaultBranch: string, sharesWith?: string): Promise<void> {
  await mkdir(gitDir, { recursive: true });
  await git(gitDir, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, '.']);
  await writeFile(join(gitDir, 'config'), settings);
  await mkdir(join(gitDir, 'hooks'), { recursive: true });
  await mkdir(join(gitDir, 'refs', 'tags'), { recursive: true });
  if (sharesWith !== undefined) {
    await rm(join(gitDir, 'objects'), { recursive: true });
    await symlink(join(sharesWith, 'objects'), join(gitDir, 'objects'));
  }
}

/**
 * Names and targets of all branches and tags. Read from the files: nothing ever packs the refs of a store, and a process
 * for each look would make the tests slow.
 */
export async function readRefs(gitDir: string): Promise<Map<string, string>> {
  const refs = new Map<string, string>();
  for (const kind of ['refs/heads', 'refs/tags']) {
    const entries = await readdir(join(gitDir, kind), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.endsWith('.lock')) continue;
      const ref = relative(gitDir, join(entry.parentPath, entry.name));
      const sha = await readRef(gitDir, ref);
      if (sha !== undefined) refs.set(ref, sha);
    }
  }
  return refs;
}

/** What a full ref name points to. */
export async function readRef(gitDir: string, ref: string): Promise<string | undefined> {
  const path = join(gitDir, ref);
  if (!path.startsWith(join(gitDir, 'refs') + sep)) return undefined;
  const content = await readFile(path, 'utf8').catch(() => undefined);
  return content !== undefined && /^[0-9a-f]{40}\n$/.test(content) ? content.trim() : undefined;
}

/** Puts the hook that refuses pushes in place, or away. `protectedRefs` and `allowed` are lines of its two files. */
export async function writePushGate(
  gitDir: string,
  protectedRefs: string[],
  allowed: string[],
): Promise<void> {
  const hook = join(gitDir, 'hooks', 'pre-receive');
  if (protectedRefs.length === 0) {
    await rm(hook, { force: true });
    return;
  }
  await writeFile(join(gitDir, 'protected'), protectedRefs.map((line) => `${line}\n`).join(''));
  await writeFile(join(gitDir, 'allowed'), allowed.map((line) => `${line}\n`).join(''));
  await writeFile(hook, preReceive, { mode: 0o755 });
}
