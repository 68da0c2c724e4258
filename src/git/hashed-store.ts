import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { idOf, objectId, roomFor } from '../core/object/hash.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { collectErrors, exitOf, failed, killGroup, runGit, startGit, startGitAfter } from './run.ts';
import type { Workspace } from './workspace.ts';

/**
 * A repository of ours in which every object has the id of its bytes, because git computed it when they came. What git
 * itself is to make of objects, a merge or a patch, it makes here: a judged store may give one process other bytes under an
 * id than it gave the one that hashed them, and git hashes nothing that it reads (attacks 20, 57).
 */
export interface HashedStore {
  readonly gitDir: string;
  /** Brings objects from the judged store. Throws `object-forged` for one that the store has other bytes for. */
  take(ids: readonly Oid[]): Promise<void>;
  /** Writes a commit of ours: its bytes as git writes them. */
  writeCommit(raw: Uint8Array): Oid;
}

const COPY_MS = 600_000;

export function openHashedStore(workspace: Omit<Workspace, 'dispose'>): HashedStore {
  const { gitDir: from, hashedDir: gitDir, format } = workspace;
  // git knows the empty tree without having it.
  const here = new Set<Oid>([objectId('tree', new Uint8Array(), format)]);
  return {
    gitDir,
    async take(ids) {
      const wanted = [...new Set(ids)].filter((id) => !here.has(id));
      if (wanted.length === 0) return;
      await copy(from, gitDir, wanted);
      await mustBeThere(gitDir, wanted);
      for (const id of wanted) here.add(id);
    },
    writeCommit(raw) {
      const room = roomFor('commit', raw.length);
      room.bytes.set(raw);
      const id = idOf(room, format);
      const folder = join(gitDir, 'objects', id.slice(0, 2));
      mkdirSync(folder, { recursive: true });
      // Aside first: another git may be reading what an equal merge has written (gitformat-loose).
      const aside = join(folder, `aside-${randomUUID()}`);
      writeFileSync(aside, deflateSync(room.whole));
      renameSync(aside, join(folder, id.slice(2)));
      return id;
    },
  };
}

/** `git index-pack` computes the id of everything in a pack from its bytes (git-index-pack(1)). */
async function copy(from: string, to: string, ids: readonly Oid[]): Promise<void> {
  const packArgs = ['pack-objects', '--stdout', '--quiet', '--window=0', '--threads=1'];
  const pack = startGit(packArgs, { gitDir: from });
  const index = startGitAfter(pack, ['index-pack', '--stdin', '--threads=1'], { gitDir: to });
  const stop = (): void => {
    killGroup(pack);
    killGroup(index);
  };
  const timer = setTimeout(stop, COPY_MS);
  try {
    const packErrors = collectErrors(pack, []);
    const indexErrors = collectErrors(index, []);
    const ended = Promise.all([exitOf(pack), exitOf(index)]);
    index.stdout.resume();
    pack.stdin.on('error', () => undefined);
    pack.stdin.end(ids.map((id) => `${id}\n`).join(''));
    const [packCode, indexCode] = await ended;
    const stdout = new Uint8Array();
    // Of a git that could not write on, the one that reads knows why.
    const isCut = packCode === null && indexCode !== 0 && indexCode !== null;
    if (packCode !== 0 && !isCut)
      throw failed(packArgs, { code: packCode ?? -1, stdout, stderr: packErrors() });
    if (indexCode !== 0)
      throw failed(['index-pack'], { code: indexCode ?? -1, stdout, stderr: indexErrors() });
  } finally {
    clearTimeout(timer);
    stop();
  }
}

async function mustBeThere(gitDir: string, ids: readonly Oid[]): Promise<void> {
  const args = ['cat-file', '--batch-check=%(objectname)', '--buffer'];
  const result = await runGit(args, { gitDir, input: ids.map((id) => `${id}\n`).join('') });
  if (result.code !== 0) throw failed(args, result);
  const lines = Buffer.from(result.stdout).toString('latin1').trimEnd().split('\n');
  ids.forEach((id, index) => {
    if (lines[index] === id) return;
    throw new Unreadable('object-forged', `the bytes stored as object \`${id}\` do not have that id`, {
      passing: false,
    });
  });
}
