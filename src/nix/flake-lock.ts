import { Unreadable } from '../gather/ports.ts';
import { parseJson } from './json.ts';
import type { Json, JsonObject } from './json.ts';

/** A lock file of nix (`flake.lock`, nix manual "nix flake", section "Lock files"), with its text. */
export interface FlakeLock {
  readonly text: string;
  readonly version: 5 | 6 | 7;
  /** The key of the flake itself in `nodes`. */
  readonly root: string;
  readonly nodes: ReadonlyMap<string, LockNode>;
}

export interface LockNode {
  /** By name: the key of a node, or the path of names from the root that it follows. */
  readonly inputs: ReadonlyMap<string, string | readonly string[]>;
  /** What nix fetches. `null` for the root alone. */
  readonly locked: Attributes | null;
  /** What `flake.nix` asks for. `null` for the root alone. */
  readonly original: Attributes | null;
  readonly flake: boolean;
  /** The text of `locked`, as offsets into the file. */
  readonly lockedAt: { readonly start: number; readonly end: number } | null;
  /** Whether a part of what is locked stands in `info`, as in version 5. */
  readonly info: boolean;
}

export type Attributes = ReadonlyMap<string, string | number | boolean>;

/** What an input is moved to. */
export interface LockChange {
  readonly rev: string;
  readonly narHash: string;
  /** Seconds since 1970: the commit's own date (of its committer). */
  readonly lastModified: number;
  /** How many commits are reachable from it; left out where it was not counted. */
  readonly revCount?: number;
}

/** The largest of nixpkgs's users have some hundred kilobytes. */
export const MAX_LOCK_BYTES = 4 * 1024 * 1024;
const MAX_NAME = 1024;

/** Said of the commit that was locked before; nix compares them with what it fetches. */
const STALE: readonly string[] = ['revCount', 'treeHash', 'dirtyRev', 'dirtyShortRev'];

/**
 * Reads a lock file. Strict in what it uses (nodes, inputs, `locked`, `original`) and bounded in all; what it does not know
 * it keeps. Throws `Unreadable('file-unreadable')`: not UTF-8, not JSON, a name twice, another version than 5 to 7, inputs
 * that lead nowhere, attributes that are neither text nor whole number nor yes or no.
 */
export function parseLock(bytes: Uint8Array): FlakeLock {
  if (bytes.length > MAX_LOCK_BYTES) throw refused(`it is larger than ${MAX_LOCK_BYTES} bytes`);
  const text = decode(bytes);
  const file = objectOf(parseJson(text), 'the whole file');
  const version = numberOf(file.members.get('version'));
  if (version !== 5 && version !== 6 && version !== 7) throw refused('its version is not 5, 6 or 7');
  const root = stringOf(file.members.get('root'), '`root`');
  const nodes = new Map<string, LockNode>();
  for (const [key, value] of objectOf(file.members.get('nodes'), '`nodes`').members) {
    nodes.set(key, nodeOf(value, key, key === root));
  }
  if (!nodes.has(root)) throw refused(`there is no node \`${root}\``);
  for (const [key, { inputs }] of nodes) {
    for (const [name, target] of inputs) {
      if (typeof target !== 'string') continue;
      // nix itself refuses a cycle to the root here.
      if (target === root || !nodes.has(target)) {
        throw refused(`input \`${name}\` of \`${key}\` leads to \`${target}\`, which is no locked node`);
      }
    }
  }
  return { text, version, root, nodes };
}

/** The bytes of the file: those that were read, but for what `updateInput` changed. */
export function encodeLock(lock: FlakeLock): Uint8Array {
  return new TextEncoder().encode(lock.text);
}

/**
 * The lock file with one input moved: its `locked` alone is written anew, as nix writes it; every other byte stays. What
 * the input itself locks stays as well: where it has inputs of its own, `nix flake lock` must look at it afterwards.
 *
 * Throws `Unreadable('file-unreadable')` for an input whose place names its revision in another way than `rev`, and for
 * version 5, whose `info` would overrule what is written.
 */
export function updateInput(
  lock: FlakeLock,
  input: { readonly name: string; readonly node: string },
  change: LockChange,
): FlakeLock {
  const node = lock.nodes.get(input.node);
  const place = node?.lockedAt;
  if (node?.locked == null || place == null) throw refused(`it locks no input \`${input.name}\``);
  if (node.info) {
    throw refused(
      `input \`${input.name}\` is locked in the form of 2020; let nix write it anew: \`nix flake lock\``,
    );
  }
  const type = node.locked.get('type');
  if (typeof type !== 'string' || !BY_REVISION.includes(type)) {
    throw refused(`input \`${input.name}\` is of type \`${String(type)}\`, which has no revision to move`);
  }
  const attributes = new Map(node.locked);
  for (const name of STALE) attributes.delete(name);
  attributes.set('rev', change.rev);
  attributes.set('narHash', change.narHash);
  attributes.set('lastModified', change.lastModified);
  if (change.revCount !== undefined && type === 'git') attributes.set('revCount', change.revCount);
  const text = `${lock.text.slice(0, place.start)}${encodeAttributes(attributes)}${lock.text.slice(place.end)}`;
  return parseLock(new TextEncoder().encode(text));
}

const BY_REVISION: readonly string[] = ['git', 'github', 'gitlab', 'sourcehut'];

/** As nlohmann's `dump(2)` writes an object on the third level: names in byte order, two blanks a level. */
function encodeAttributes(attributes: Attributes): string {
  const lines = [...attributes]
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `        ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(',\n')}\n      }`;
}

function nodeOf(value: Json, key: string, isRoot: boolean): LockNode {
  const node = objectOf(value, `node \`${key}\``);
  const locked = node.members.get('locked');
  const original = node.members.get('original');
  const info = node.members.get('info');
  const flake = node.members.get('flake');
  if (flake !== undefined && flake.kind !== 'boolean')
    throw refused(`\`flake\` of \`${key}\` is not yes or no`);
  return {
    inputs: inputsIn(node, key),
    locked: isRoot
      ? null
      : new Map([...attributesOf(locked, key), ...(info === undefined ? [] : attributesOf(info, key))]),
    original: isRoot ? null : attributesOf(original, key),
    flake: flake?.value ?? true,
    lockedAt: isRoot || locked === undefined ? null : { start: locked.start, end: locked.end },
    info: info !== undefined,
  };
}

function inputsIn(node: JsonObject, key: string): LockNode['inputs'] {
  const inputs = node.members.get('inputs');
  if (inputs === undefined) return new Map();
  const what = `the inputs of \`${key}\``;
  return new Map(
    [...objectOf(inputs, what).members].map(([name, target]) => [
      name,
      target.kind === 'array' ? target.items.map((item) => stringOf(item, what)) : stringOf(target, what),
    ]),
  );
}

function attributesOf(value: Json | undefined, key: string): Attributes {
  const found = new Map<string, string | number | boolean>();
  for (const [name, attribute] of objectOf(value, `what locks \`${key}\``).members) {
    if (attribute.kind === 'string' || attribute.kind === 'boolean') found.set(name, attribute.value);
    else {
      const number = numberOf(attribute);
      if (number === null)
        throw refused(`\`${name}\` of \`${key}\` is neither text nor whole number nor yes or no`);
      found.set(name, number);
    }
  }
  return found;
}

function objectOf(value: Json | undefined, what: string): JsonObject {
  if (value?.kind === 'object') return value;
  throw refused(`${what} is not an object`);
}

function stringOf(value: Json | undefined, what: string): string {
  if (value?.kind === 'string' && value.value.length <= MAX_NAME) return value.value;
  throw refused(`${what} is not a name`);
}

/** A whole number that JavaScript holds exactly. */
function numberOf(value: Json | undefined): number | null {
  if (value?.kind !== 'number' || !/^(?:0|[1-9][0-9]{0,15})$/.test(value.value)) return null;
  const number = Number(value.value);
  return Number.isSafeInteger(number) ? number : null;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('it is not UTF-8');
  }
}

export function refused(what: string): Unreadable {
  return new Unreadable('file-unreadable', `the lock file cannot be used: ${what}`, { passing: false });
}
