import type { Oid } from '../core/object/id.ts';
import { diffTrees } from './diff.ts';
import { contentsOfFile } from './merge-inputs.ts';
import { collectErrors, exitOf, failed, killGroup, startGit } from './run.ts';
import { recordingTrees } from './trees.ts';
import type { Ground } from './walk.ts';

/** More than anybody reads: a longer difference ends there, and says so. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 200_000;

/** What a reader of a difference has to know besides its text. */
export interface PatchEnd {
  /** Whether the text stops before the difference does. */
  readonly cut: boolean;
}

/**
 * The difference of two trees as git prints it for people, from a repository of ours: its configuration and attributes are
 * ours, so neither a driver nor a filter of the judged repository runs, and submodules are shown. What git reads there has
 * the ids that the change digest is made of (see hashed-store.ts): nobody signs for anything else than what they saw. The
 * bytes are an attacker's: whoever prints them cleans them.
 */
export async function* readPatch(
  { objects, hashed }: Pick<Ground, 'objects' | 'hashed'>,
  before: Oid,
  after: Oid,
): AsyncGenerator<Buffer, PatchEnd> {
  const read = new Set<Oid>();
  const { files } = await diffTrees(recordingTrees(objects, read), before, after, MOST_FILES);
  await hashed.take([before, after, ...read, ...files.flatMap(contentsOfFile)]);
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
  const child = startGit(args, { gitDir: hashed.gitDir });
  const errors = collectErrors(child, []);
  const ended = exitOf(child);
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
