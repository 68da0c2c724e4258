import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { placeOf } from './flake-place.ts';
import { refused } from './flake-lock.ts';
import type { Attributes, FlakeLock } from './flake-lock.ts';

/** One input of a flake as its lock file has it. Everything in it is the word of whoever wrote the file. */
export interface LockedInput {
  /** Names from the root, joined by `/` as nix prints them: `home-manager/nixpkgs`. */
  readonly name: string;
  readonly path: readonly string[];
  /** The key of its node; inputs that follow each other share it. */
  readonly node: string;
  /** The names from the root that it follows, where `flake.nix` says so. */
  readonly follows: readonly string[] | null;
  /** `github`, `git`, `gitlab`, `sourcehut`, `tarball`, `path`, `file`, `hg` or what a later nix knows. */
  readonly type: string;
  /**
   * The URL of the git repository that nix fetches from, without branch and revision; `null` for what is no repository, or
   * no plain place of one.
   */
  readonly url: string | null;
  /** For people: what is locked, in the manner of a flake reference, without the revision. */
  readonly shown: string;
  /** The branch (or tag) that was asked for, without `refs/heads/`; `null` for the default branch. */
  readonly ref: string | null;
  readonly rev: Oid | null;
  readonly narHash: string | null;
  /** Seconds since 1970. */
  readonly lastModified: number | null;
  readonly revCount: number | null;
  /** Whether `flake.nix` names the revision itself: nothing but a person moves it then. */
  readonly pinned: boolean;
  /**
   * Where what nix fetches is not what `flake.nix` asked for (a sentence in lower case): another repository, branch or
   * revision. nix would not notice.
   */
  readonly disagrees: string | null;
  /** Whether nix fetches a forge's tarball, which `.gitattributes` may change: see archive-attributes.ts. */
  readonly tarball: boolean;
  /** What makes `narHash` another than the plain tree's: `submodules`, `lfs`, `exportIgnore`. */
  readonly extras: readonly string[];
  readonly flake: boolean;
  /** Names of the inputs that it has itself. */
  readonly inputs: readonly string[];
}

const MAX_FOLLOWS = 64;
const MAX_STEPS = 10_000;
const TARBALLS: readonly string[] = ['github', 'gitlab', 'sourcehut'];
const EXTRAS = ['submodules', 'lfs', 'exportIgnore'] as const;

/**
 * The inputs of the flake itself, by name, those that follow another resolved. An input that follows the flake itself
 * (`follows = ""`) is left out. Throws `Unreadable('file-unreadable')` where following ends nowhere or never.
 */
export function inputsOf(lock: FlakeLock): readonly LockedInput[] {
  const root = lock.nodes.get(lock.root);
  const found: LockedInput[] = [];
  const budget = { steps: 0 };
  for (const [name, target] of [...(root?.inputs ?? [])].toSorted(byName)) {
    const key = typeof target === 'string' ? target : followed(lock, target, budget);
    if (key !== lock.root) {
      found.push(describe(lock, [name], key, typeof target === 'string' ? null : target));
    }
  }
  return found;
}

/**
 * Every input that nix may fetch for the flake: its own, theirs, and so on. Each node once, under the shortest of its
 * names; what no input leads to is left out, as nix does.
 */
export function everyInput(lock: FlakeLock): readonly LockedInput[] {
  const paths = new Map<string, readonly string[]>([[lock.root, []]]);
  for (const [key, path] of paths) {
    for (const [name, target] of [...(lock.nodes.get(key)?.inputs ?? [])].toSorted(byName)) {
      // What is followed is somebody's own input too.
      if (typeof target === 'string' && !paths.has(target)) paths.set(target, [...path, name]);
    }
  }
  paths.delete(lock.root);
  return [...paths].map(([key, path]) => describe(lock, path, key, null));
}

/** The node at the end of a path of names from the root. `budget` counts the steps of all paths of a file. */
function followed(lock: FlakeLock, path: readonly string[], budget: { steps: number }): string {
  const find = (names: readonly string[], depth: number): string => {
    if (depth > MAX_FOLLOWS) throw refused(`\`${path.join('/')}\` follows in a circle, or too far`);
    let key = lock.root;
    for (const name of names) {
      budget.steps += 1;
      if (budget.steps > MAX_STEPS) throw refused(`\`${path.join('/')}\` follows too far`);
      const target = lock.nodes.get(key)?.inputs.get(name);
      if (target === undefined) throw refused(`\`${names.join('/')}\` is followed, but is not there`);
      key = typeof target === 'string' ? target : find(target, depth + 1);
    }
    return key;
  };
  return find(path, 0);
}

function describe(
  lock: FlakeLock,
  path: readonly string[],
  key: string,
  follows: readonly string[] | null,
): LockedInput {
  const node = lock.nodes.get(key);
  if (node?.locked == null || node.original === null) throw refused(`\`${key}\` is not locked`);
  const { locked, original } = node;
  const { url, shown } = placeOf(locked);
  const ref = textOf(original, 'ref') ?? textOf(locked, 'ref');
  const rev = textOf(locked, 'rev');
  const type = textOf(locked, 'type') ?? '';
  return {
    name: path.join('/'),
    path,
    node: key,
    follows,
    type,
    url,
    shown,
    ref: ref === null ? null : ref.replace(/^refs\/heads\//, ''),
    rev: rev === null ? null : parseOid(rev),
    narHash: textOf(locked, 'narHash'),
    lastModified: numberOf(locked, 'lastModified'),
    revCount: numberOf(locked, 'revCount'),
    pinned: original.has('rev'),
    disagrees: disagreement(locked, original),
    tarball: TARBALLS.includes(type),
    extras: EXTRAS.filter((name) => locked.has(name) && locked.get(name) !== false),
    flake: node.flake,
    inputs: [...node.inputs.keys()].toSorted((a, b) => compare(a, b)),
  };
}

/**
 * nix fetches what is `locked` and compares only `original` with `flake.nix`. A registry's name (`indirect`) may lead
 * anywhere, a tarball may name its final place, a folder is a folder.
 */
function disagreement(locked: Attributes, original: Attributes): string | null {
  const asked = placeOf(original);
  const got = placeOf(locked);
  const type = textOf(original, 'type') ?? '';
  if (!['git', ...TARBALLS].includes(type)) return null;
  if (type !== textOf(locked, 'type') || asked.shown !== got.shown) {
    return `\`${asked.shown}\` was asked for, \`${got.shown}\` is locked`;
  }
  for (const name of ['ref', 'rev', 'dir', ...EXTRAS]) {
    const [wanted, found] = [original.get(name), locked.get(name)];
    // A tarball's branch is not locked beside its revision.
    const absent = found === undefined && name === 'ref';
    const unasked = wanted === undefined && (name === 'ref' || name === 'rev');
    if (!absent && !unasked && (wanted ?? false) !== (found ?? false)) {
      return `\`${name}\` is \`${String(wanted ?? false)}\` as asked for, \`${String(found ?? false)}\` as locked`;
    }
  }
  return null;
}

function textOf(attributes: Attributes, name: string): string | null {
  const value = attributes.get(name);
  return typeof value === 'string' ? value : null;
}

function numberOf(attributes: Attributes, name: string): number | null {
  const value = attributes.get(name);
  return typeof value === 'number' ? value : null;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compare(a, b);
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
