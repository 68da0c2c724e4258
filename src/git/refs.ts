import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { failed, runGit } from './run.ts';

/** The names that a user's repository has for things: the only questions that its own git answers. */
export interface Refs {
  /** The checked out branch without `refs/heads/`; `null` for a detached HEAD. It need not have a commit yet. */
  currentBranch(): Promise<string | null>;
  /** The branch that `origin` calls its default, as the last clone or `git remote set-head` saw it. */
  defaultBranch(): Promise<string | null>;
  /** A branch by its name: the user's own, or where there is none, `origin`'s. */
  findBranch(name: string): Promise<Branch | null>;
  /** Every ref that this name may stand for where git looks for one (gitrevisions(7)): branches, tags, remote branches. */
  findAll(name: string): Promise<readonly Branch[]>;
  /** Those of these refs that exist, by their whole names. */
  findThese(refs: readonly string[]): Promise<readonly Branch[]>;
  /** What every ref points to, HEAD included where it has a commit: commits, tags, and whatever else there is. */
  readAll(): Promise<readonly Branch[]>;
}

export interface Branch {
  readonly ref: string;
  readonly id: Oid;
}

export function refsOf(directory: string): Refs {
  return {
    currentBranch: () => readSymbolicRef(directory, 'HEAD', 'refs/heads/'),
    defaultBranch: () => readSymbolicRef(directory, 'refs/remotes/origin/HEAD', 'refs/remotes/origin/'),
    async findBranch(name) {
      if (!isBranchName(name)) return null;
      return (
        (await readRef(directory, `refs/heads/${name}`)) ??
        (await readRef(directory, `refs/remotes/origin/${name}`))
      );
    },
    findAll: (name) => findThese(directory, spellings(name)),
    findThese: (refs) => findThese(directory, refs),
    readAll: () => readAll(directory),
  };
}

/** As `refsOf`, but asks git now, and once, for what these names may stand for and for these refs. */
export function foreseenRefs(directory: string, names: readonly string[], whole: readonly string[]): Refs {
  const refs = refsOf(directory);
  const asked = new Set([...names.flatMap(spellings), ...whole]);
  if (asked.size === 0) return refs;
  const listing = findThese(directory, [...asked]);
  // Whoever asks for one of them hears of the failure.
  listing.catch(() => undefined);
  const find = async (wanted: readonly string[]): Promise<readonly Branch[]> => {
    if (!wanted.every((ref) => asked.has(ref))) return refs.findThese(wanted);
    const found = await listing;
    return wanted.flatMap((ref) => found.find((one) => one.ref === ref) ?? []);
  };
  return { ...refs, findAll: (name) => find(spellings(name)), findThese: find };
}

/** Every ref that a name may stand for, in git's order of preference (gitrevisions(7)). */
function spellings(name: string): readonly string[] {
  return ['', 'refs/', 'refs/heads/', 'refs/tags/', 'refs/remotes/']
    .map((prefix) => `${prefix}${name}`)
    .concat(`refs/remotes/${name}/HEAD`)
    .filter((ref) => ref.startsWith('refs/') && isBranchName(ref));
}

async function findThese(directory: string, wanted: readonly string[]): Promise<readonly Branch[]> {
  const refs = wanted.filter(isBranchName);
  if (refs.length === 0) return [];
  const found = await listRefs(directory, refs);
  return refs.flatMap((ref) => found.find((one) => one.ref === ref) ?? []);
}

/**
 * Whether git would take this as a branch's name (`git check-ref-format --branch`), or as a whole ref. Refs are matched as
 * patterns in places, and no character that a pattern knows is left.
 */
export function isBranchName(name: string): boolean {
  if (name === '' || name.length > 1000 || name.startsWith('-') || name === '@' || name === 'HEAD')
    return false;
  for (const character of name) if (character < ' ' || character === '\x7f') return false;
  if (/[ ~^:?*[\\]|\.\.|@\{/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !/\.(?:lock)?$/.test(part));
}

async function readSymbolicRef(directory: string, ref: string, prefix: string): Promise<string | null> {
  const args = ['symbolic-ref', '--quiet', '--end-of-options', ref];
  const result = await runGit(args, { gitDir: null, cwd: directory });
  if (result.code === 1) return null;
  if (result.code !== 0) throw failed(args, result);
  const target = Buffer.from(result.stdout).toString('utf8').trimEnd();
  return target.startsWith(prefix) ? target.slice(prefix.length) : null;
}

async function readRef(directory: string, ref: string): Promise<Branch | null> {
  if (!isBranchName(ref)) return null;
  const found = await listRefs(directory, [ref]);
  return found.find((one) => one.ref === ref) ?? null;
}

async function readAll(directory: string): Promise<readonly Branch[]> {
  const [refs, head] = await Promise.all([listRefs(directory, []), lookUp(directory, 'HEAD')]);
  return head === null ? refs : [...refs, { ref: 'HEAD', id: head }];
}

async function listRefs(directory: string, patterns: readonly string[]): Promise<readonly Branch[]> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', '--end-of-options', ...patterns];
  const result = await runGit(args, { gitDir: null, cwd: directory });
  if (result.code !== 0) throw failed(args, result);
  const lines = Buffer.from(result.stdout).toString('utf8').split('\n');
  return lines.flatMap((line) => {
    const space = line.indexOf(' ');
    const id = parseOid(line.slice(0, Math.max(space, 0)));
    return id === null ? [] : [{ ref: line.slice(space + 1), id }];
  });
}

/** Whether a name is one that refs may bear: neither a whole id nor what git calls HEAD. */
export function mayBeRef(name: string): boolean {
  return name !== '' && name !== 'HEAD' && name !== '@' && parseOid(name) === null;
}

/** The object that a revision (gitrevisions(7)) names in a user's repository, whatever its type; `null`: none. */
export async function lookUp(directory: string, revision: string): Promise<Oid | null> {
  if (revision === '' || revision.includes('\0')) return null;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', revision];
  const result = await runGit(args, { gitDir: null, cwd: directory });
  return result.code === 0 ? parseOid(Buffer.from(result.stdout).toString('latin1').trimEnd()) : null;
}

/**
 * The commit that a revision names; `null` for what names none, and for what git would first have to peel: tags are peeled
 * by us. One question instead of two, since nearly every command begins with it.
 */
export async function lookUpCommit(directory: string, revision: string): Promise<Oid | null> {
  if (revision === '' || /\0|^[-^]|\.\./.test(revision)) return null;
  const args = ['rev-parse', '--quiet', '--revs-only', revision, `${revision}^{commit}`];
  const result = await runGit(args, { gitDir: null, cwd: directory });
  if (result.code !== 0) return null;
  const [id = '', peeled, ...more] = Buffer.from(result.stdout).toString('latin1').trimEnd().split('\n');
  return id === peeled && more.length === 0 ? parseOid(id) : null;
}
