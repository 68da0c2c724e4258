import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { formatOf, parseOid } from '../core/object/id.ts';
import type { ObjectFormat, Oid } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { findStores } from './borrowed.ts';
import { isBranchName } from './refs.ts';
import { failed, runGit, runGitOk } from './run.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** What stands at the beginning of a bundle (gitformat-bundle(5)). All of it is the word of whoever made the file. */
export interface BundleHeader {
  readonly format: ObjectFormat;
  /** Commits that a repository must have before the bundle is of use to it. */
  readonly needs: readonly Oid[];
  readonly refs: ReadonlyMap<string, Oid>;
  /** Of the whole file. */
  readonly bytes: number;
}

const MOST_HEADER = 1024 * 1024;
const HOURS = 60 * 60_000;

/** Reads a bundle's header. Throws `Unreadable('file-unreadable')` for what is none, or one that we cannot use. */
export async function readBundle(path: string): Promise<BundleHeader> {
  // A pipe would keep its reader waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new Unreadable('file-unreadable', `the bundle \`${path}\` cannot be opened`, {
      passing: false,
      cause,
    });
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw unusable(path, 'it is not a regular file');
    const buffer = Buffer.alloc(Math.min(info.size, MOST_HEADER));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return { ...parseBundleHeader(buffer.subarray(0, bytesRead), path), bytes: info.size };
  } finally {
    await file.close();
  }
}

/** @param start the file's beginning, with the whole header in it */
export function parseBundleHeader(start: Uint8Array, path: string): Omit<BundleHeader, 'bytes'> {
  const buffer = Buffer.from(start.buffer, start.byteOffset, start.length);
  const end = buffer.indexOf('\n\n');
  const [signature, ...lines] = buffer.subarray(0, Math.max(end, 0)).toString('utf8').split('\n');
  if (signature !== '# v2 git bundle' && signature !== '# v3 git bundle') {
    throw unusable(path, 'it is no bundle that git makes, or its list of refs is too long');
  }
  let format: ObjectFormat = 'sha1';
  const needs: Oid[] = [];
  const refs = new Map<string, Oid>();
  for (const line of lines) {
    if (line === '@object-format=sha1') continue;
    if (line === '@object-format=sha256') format = 'sha256';
    else if (line.startsWith('@')) throw unusable(path, `it was made with \`${line.slice(1)}\``);
    else if (line.startsWith('-')) needs.push(idOf(line.slice(1), format, path));
    else {
      const space = line.indexOf(' ');
      const ref = line.slice(space + 1);
      // `git bundle create --all` lists HEAD among them.
      if (space < 0 || (ref !== 'HEAD' && !isBranchName(ref)) || refs.has(ref))
        throw unusable(path, 'its list of refs is damaged');
      refs.set(ref, idOf(line, format, path));
    }
  }
  return { format, needs, refs };
}

function idOf(text: string, format: ObjectFormat, path: string): Oid {
  const [word = ''] = text.split(' ', 1);
  const id = parseOid(word);
  if (id !== null && formatOf(id) === format) return id;
  throw unusable(path, 'its list of refs is damaged');
}

/** What is to go into a bundle. */
export interface BundleContents {
  /** Whole names as the receiver will see them. */
  readonly refs: ReadonlyMap<string, Oid>;
  /** Commits that the receiver has already, with all that is reachable from them. */
  readonly without: readonly Oid[];
}

/**
 * Writes a bundle, whole or not at all. It is made in an empty repository of ours that borrows the objects, so that refs
 * can bear other names than here and no configuration has a say. Gives its size in bytes.
 *
 * @param objects the object directory of the repository
 */
export async function writeBundle(
  path: string,
  objects: string,
  format: ObjectFormat,
  { refs, without }: BundleContents,
): Promise<number> {
  const workspace = await openWorkspace(format, await findStores(objects));
  const aside = `${path}.${randomUUID()}`;
  try {
    const { gitDir } = workspace;
    const updates = [...refs].map(([ref, id]) => `create ${ref}\0${id}\0`).join('');
    await runGitOk(['update-ref', '--stdin', '-z'], { gitDir, input: updates });
    const version = format === 'sha256' ? '3' : '2';
    const args = ['bundle', 'create', '--quiet', `--version=${version}`, aside, '--stdin'];
    const input = [...refs.keys(), ...without.map((id) => `^${id}`)].map((line) => `${line}\n`).join('');
    const result = await runGit(args, { gitDir, input, timeoutMs: 6 * HOURS });
    if (/empty bundle/.test(result.stderr)) {
      throw new Unreadable('git-failed', 'there is nothing to put into a bundle', { passing: false });
    }
    if (result.code !== 0) throw failed(args, result);
    await rename(aside, path);
    return (await readBundle(path)).bytes;
  } finally {
    await rm(aside, { force: true });
    await rm(`${aside}.lock`, { force: true });
    await workspace.dispose();
  }
}

/**
 * Unpacks a bundle into an empty repository of ours, which borrows from another what the bundle itself leaves out. git
 * computes the ids of all that it unpacks; the other repository does not change. Throws `Unreadable`.
 *
 * @param path the whole path
 * @param objects an object directory to borrow from; `null`: the bundle has to be complete
 */
export async function unpackBundle(
  path: string,
  header: BundleHeader,
  objects: string | null,
): Promise<Workspace> {
  const stores = objects === null ? [] : await findStores(objects);
  const workspace = await openWorkspace(header.format, stores);
  try {
    // Newer git asks whether what a bundle builds on hangs together, which refs answer at once.
    const known = header.needs.map((id) => `create refs/countersign/needs/${id}\0${id}\0`).join('');
    await runGit(['update-ref', '--stdin', '-z'], { gitDir: workspace.gitDir, input: known });
    const result = await runGit(['bundle', 'unbundle', path], {
      gitDir: workspace.gitDir,
      timeoutMs: 12 * HOURS,
    });
    if (result.code === 0) return workspace;
    if (/lacks these prerequisite/.test(result.stderr)) {
      throw new Unreadable(
        'object-missing',
        `the bundle \`${path}\` builds on commits that are not here, such as ${header.needs[0] ?? ''}: give the repository that has them with --repository, or ask for a bundle made without --since`,
        { passing: false },
      );
    }
    throw new Unreadable('object-forged', `the bundle \`${path}\` cannot be unpacked: ${result.stderr}`, {
      passing: false,
    });
  } catch (error) {
    await workspace.dispose();
    throw error;
  }
}

/** The whole path of the object directory of the repository around a folder; `null` where there is none. */
export async function findObjectFolder(directory: string): Promise<string | null> {
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'objects'];
  const result = await runGit(args, { gitDir: null, cwd: directory });
  const path = Buffer.from(result.stdout).toString('utf8').replace(/\n$/, '');
  return result.code === 0 && path !== '' ? path : null;
}

function unusable(path: string, why: string): Unreadable {
  return new Unreadable('file-unreadable', `\`${path}\` cannot be used as a bundle: ${why}`, {
    passing: false,
  });
}
