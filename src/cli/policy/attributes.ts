import { join } from 'node:path';
import type { Oid } from '../../core/object/id.ts';
import { checkTree, findEntry } from '../../core/object/tree.ts';
import { findRefusedAttributes } from '../../core/policy/attributes.ts';
import { POLICY_PATH } from '../../core/policy/folder.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { Located } from '../diagnostics.ts';
import { readSmall } from '../small-file.ts';

/** A `.gitattributes` file, by its path from the top. */
export interface AttributesFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const NAME = '.gitattributes';
const MOST_FOLDERS = 200;
const LARGEST_FILE = 1_048_576;
const LARGEST_TREE = 64 * 1_048_576;

/** The folders that are looked into: the top, that of the policy, and those that governance decides about. */
export function foldersOf(policy: Policy | null): readonly string[] {
  const folders = new Set(['', POLICY_PATH.slice(0, POLICY_PATH.indexOf('/'))]);
  for (const { source } of policy?.governance.paths ?? []) {
    const parts = source.split('/');
    const end = parts.findIndex((part) => /[*?]/.test(part));
    const literal = end < 0 ? parts : parts.slice(0, end);
    for (let depth = 1; depth <= literal.length; depth += 1) folders.add(literal.slice(0, depth).join('/'));
  }
  return [...folders].slice(0, MOST_FOLDERS);
}

/** Those of a work tree. What is no regular file is none that git reads. */
export async function readFromDisk(
  top: string,
  folders: readonly string[],
): Promise<readonly AttributesFile[]> {
  const found: AttributesFile[] = [];
  for (const folder of folders) {
    const path = join(folder, NAME);
    const bytes = await readSmall(join(top, path));
    if (typeof bytes !== 'string') found.push({ path, bytes });
  }
  return found;
}

/** Those of a tree, by verified objects. Throws `Unreadable`. */
export async function readFromTree(
  { objects }: Pick<OpenRepository, 'objects'>,
  tree: Oid,
  folders: readonly string[],
): Promise<readonly AttributesFile[]> {
  const found: AttributesFile[] = [];
  for (const folder of folders) {
    const wanted = [...folder.split('/').filter((part) => part !== ''), NAME];
    let at: Oid | null = tree;
    for (const [index, name] of wanted.entries()) {
      const isLast = index === wanted.length - 1;
      at = at === null ? null : await entryOf(objects, at, name, isLast);
    }
    if (at === null) continue;
    const [bytes] = await objects.readObjects([at], 'blob', LARGEST_FILE);
    if (bytes !== undefined) found.push({ path: join(folder, NAME), bytes });
  }
  return found;
}

async function entryOf(
  objects: OpenRepository['objects'],
  tree: Oid,
  name: string,
  isFile: boolean,
): Promise<Oid | null> {
  const [raw] = await objects.readObjects([tree], 'tree', LARGEST_TREE);
  const checked = checkTree(tree, raw ?? new Uint8Array());
  if (!checked.ok) return null;
  const entry = findEntry(checked.tree, Buffer.from(name));
  const modes = isFile ? ['100644', '100755'] : ['40000'];
  return entry !== null && modes.includes(entry.mode) ? entry.id : null;
}

/** What these files may not ask for (attacks.md 66), each with file and line. */
export function attributeDiagnostics(
  files: readonly AttributesFile[],
  shownAs: (path: string) => string,
): readonly Located[] {
  return files.flatMap(({ path, bytes }) =>
    findRefusedAttributes(bytes).map(({ attribute, line, column }) => ({
      file: shownAs(path),
      severity: 'error' as const,
      code: 'attributes-refused',
      message: `\`${attribute}\` lets git archive or check out something else than was reviewed`,
      remedy: `take \`${attribute}\` out; \`-${attribute}\` is harmless`,
      line,
      column,
      length: attribute.length,
    })),
  );
}
