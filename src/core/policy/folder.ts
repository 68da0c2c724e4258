import { foldName } from '../object/fold.ts';
import type { Oid } from '../object/id.ts';
import { splitPath } from '../object/path.ts';
import type { KeyFile } from '../identity/keyring.ts';

/** Everything of a tree whose path folds to `.countersign` or below it, as it lies there. */
export interface PolicyFolder {
  readonly entries: readonly PolicyEntry[];
}

export interface PolicyEntry {
  readonly path: Uint8Array;
  /** As the tree has it: `100644`, `120000`, … */
  readonly mode: string;
  readonly id: Oid;
  /** `null` where the entry is no regular file of mode 100644, or larger than the bound. */
  readonly bytes: Uint8Array | null;
}

export const POLICY_PATH = '.countersign/policy.yaml';
export const KEYS_PATH = '.countersign/keys/';

export interface OpenedFolder {
  readonly policy:
    | { readonly state: 'present'; readonly bytes: Uint8Array }
    | { readonly state: 'missing' }
    | { readonly state: 'refused'; readonly path: string; readonly mode: string };
  readonly keys: readonly KeyFile[];
  /** Key files that are links, executables, too large or under another letter case: never read. */
  readonly refused: readonly { readonly path: string; readonly mode: string }[];
}

/**
 * Finds policy and keys in a folder. Both are regular files of mode 100644 under exactly their names (trust.md B11): a
 * link, or a second spelling that a case-insensitive disk would take for the same file, is refused, not followed.
 */
export function openFolder(folder: PolicyFolder): OpenedFolder {
  const keys: KeyFile[] = [];
  const refused: { path: string; mode: string }[] = [];
  let policy: OpenedFolder['policy'] = { state: 'missing' };
  for (const entry of folder.entries) {
    const path = new TextDecoder('utf-8').decode(entry.path);
    const folded = splitPath(entry.path).map(foldName).join('/');
    const regular = entry.mode === '100644' ? entry.bytes : null;
    if (folded === POLICY_PATH || folded === '.countersign') {
      if (policy.state === 'refused') continue;
      policy =
        path === POLICY_PATH && regular
          ? { state: 'present', bytes: regular }
          : { state: 'refused', path, mode: entry.mode };
    } else if (path.startsWith(KEYS_PATH) && regular) {
      keys.push({ path: path.slice(KEYS_PATH.length), bytes: regular });
    } else if (folded.startsWith(KEYS_PATH) || folded === KEYS_PATH.slice(0, -1)) {
      refused.push({ path, mode: entry.mode });
    }
  }
  return { policy, keys, refused };
}
