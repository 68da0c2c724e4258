import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { collectErrors, failed, killGroup, startGit } from './run.ts';

/** More than anybody reads: a longer difference ends there, and says so. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What a reader of a difference has to know besides its text. */
export interface PatchEnd {
  /** Whether the text stops before the difference does. */
  readonly cut: boolean;
}

/**
 * The difference of two trees (or commits) as git prints it for people, from a repository of ours: its configuration and
 * attributes are ours, so neither a driver nor a filter of the judged repository runs, and submodules are shown. The
 * bytes are an attacker's: whoever prints them cleans them.
 *
 * What lies in the store was hashed before, where the change digest was made from it; this is the same store, shown.
 */
export async function* readPatch(gitDir: string, before: Oid, after: Oid): AsyncGenerator<Buffer, PatchEnd> {
  const args = [
    'diff-tree',
    '-r',
    '--patch-with-stat',
    '--summary',
    '--find-renames',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--ignore-submodules=none',
    '--submodule=short',
    '--full-index',
    '--end-of-options',
    before,
    after,
  ];
  const child = startGit(args, { gitDir });
  const errors = collectErrors(child, []);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', (cause) => {
      reject(new Unreadable('git-failed', 'git could not be started; is it installed?', { cause }));
    });
  });
  ended.catch(() => undefined);
  child.stdin.end();
  let bytes = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return { cut: true };
      yield chunk;
    }
    const code = await ended;
    if (code !== 0) throw failed(args, { code: code ?? -1, stdout: new Uint8Array(), stderr: errors() });
    return { cut: false };
  } finally {
    killGroup(child);
  }
}
