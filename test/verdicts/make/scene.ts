import { changeDigest } from '../../../src/core/facts/digest.ts';
import type { FileSide } from '../../../src/core/facts/change.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import type { Oid } from '../../../src/core/object/id.ts';
import { encodeStatement } from '../../../src/core/statement/statement.ts';
import type { Statement } from '../../../src/core/statement/statement.ts';
import { policyFiles, type PolicyOptions } from '../../fork/policy.ts';
import { withSignature } from '../../core/object/made.ts';
import { changesBetween, type Content, type Files, type ObjectStore } from './objects.ts';
import type { Signer } from './signers.ts';
import { openpgpSigner, sshSigner } from './signers.ts';

export const PROJECT = 'github.com/acme/nixpkgs';
/** Commits are of 2023, and judged in 2026. */
const MADE = 1_700_000_000;
export const NOW = 1_780_000_000;

export interface CommitOptions {
  /** Parents, the first one first; none: a root commit. */
  readonly on?: Oid | readonly Oid[];
  readonly files?: Readonly<Record<string, Content | null>>;
  /** Who signs; left out: nobody. */
  readonly as?: string;
  readonly message?: string;
  /** What the commit says of its author; left out: somebody. */
  readonly author?: string;
  /** When it says that it was made, in seconds since the epoch. */
  readonly at?: number;
}

/** What every statement about a change has in common. */
export interface About {
  readonly as: string;
  readonly base: Oid;
  readonly head: Oid;
  readonly serial?: number;
  readonly note?: string;
  readonly branch?: string;
  readonly project?: string;
  /** Instead of the right change digest. */
  readonly change?: string;
  /** Whose key signs, where it is not that of `as`. */
  readonly key?: string;
}

/** A small history with signatures in it, made in memory: commits, merges and statements of people with keys. */
export interface Scene {
  readonly signers: Map<string, Signer>;
  /** A root commit with a policy that lists `people`; everybody is in every group unless the options say otherwise. */
  policy(options?: PolicyOptions, files?: CommitOptions['files']): Oid;
  /** The policy's files, to bring a change of it. */
  policyFiles(options?: PolicyOptions, people?: readonly string[]): Record<string, string>;
  commit(options: CommitOptions): Oid;
  /** A merge of disjoint changes, and what `files` adds to it. */
  merge(first: Oid, second: Oid, options?: Omit<CommitOptions, 'on'>): Oid;
  /** Takes what `commit` does to its parent and does it to `onto`. */
  rebase(commit: Oid, onto: Oid, options?: Omit<CommitOptions, 'on' | 'files'>): Oid;
  treeOf(commit: Oid): Oid;
  review(about: About & { readonly decision?: 'approve' | 'reject' | 'withdraw' }): string;
  adopt(about: About): string;
  ratify(step: { as: string; parent: Oid; commit: Oid; tree?: Oid; key?: string; reason?: string }): string;
  revoke(key: { as: string; of: string; key?: string; reason?: string }): string;
  overrule(no: { as: string; of: string; head: Oid; serial?: number; reason?: string }): string;
  /** Any statements under one signature. */
  sign(statements: readonly Statement[], as: string): string;
  reviewOf(about: About & { readonly decision?: 'approve' | 'reject' | 'withdraw' }): Statement;
  adoptionOf(about: About): Statement;
}

interface Made {
  readonly parents: readonly Oid[];
  readonly files: Files;
  readonly tree: Oid;
}

/** Alice and carol sign with SSH, bob and dave with OpenPGP; mallory's key and the bot's are on nobody's list. */
export function openScene(
  store: ObjectStore,
  people: readonly string[] = ['alice', 'bob', 'carol', 'dave'],
): Scene {
  const made = new Map<Oid, Made>();
  const signers = new Map<string, Signer>(
    ['alice', 'carol', 'erin', 'mallory', 'updater'].map((name) => [name, sshSigner(name)]),
  );
  for (const name of ['bob', 'dave', 'frank', 'web-flow']) signers.set(name, openpgpSigner(name));
  let roots = 0;
  const signerOf = (name: string): Signer => {
    const signer = signers.get(name);
    if (!signer) throw new Error(`nobody is called ${name}`);
    return signer;
  };
  const madeOf = (id: Oid): Made => {
    const found = made.get(id);
    if (!found) throw new Error(`no commit of this scene: ${id}`);
    return found;
  };
  const ancestors = (id: Oid): Set<Oid> => {
    const found = new Set<Oid>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...madeOf(next).parents);
    }
    return found;
  };
  const mergeBase = (a: Oid, b: Oid): Oid => {
    const shared = ancestors(a);
    const common = [...ancestors(b)].filter((id) => shared.has(id));
    const best = common.filter((id) => !common.some((other) => other !== id && ancestors(other).has(id)));
    const [only, ...others] = best;
    if (only === undefined || others.length > 0) throw new Error('no single merge base');
    return only;
  };
  const digest = (base: Oid, head: Oid): string => {
    const before = madeOf(mergeBase(base, head)).files;
    const hex = changeDigest(changesBetween(before, madeOf(head).files), store.contents);
    if (hex === null) throw new Error('no digest');
    return hex;
  };
  const with_ = (before: Files, changes: CommitOptions['files'] = {}): Map<string, FileSide> => {
    const files = new Map(before);
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) files.delete(path);
      else files.set(path, store.blob(content));
    }
    return files;
  };
  const write = (
    parents: readonly Oid[],
    files: Files,
    { as, message = 'a change', author = 'Somebody <somebody@example.org>', at = MADE }: CommitOptions,
  ): Oid => {
    const tree = store.tree(files);
    const who = `${author} ${at} +0000`;
    const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)].join('\n');
    const payload = Buffer.from(`${head}\nauthor ${who}\ncommitter ${who}\n\n${message}\n`);
    const header = store.format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
    const raw =
      as === undefined ? payload : withSignature(payload, signerOf(as).sign(payload, 'git'), header);
    const id = store.commit(raw);
    made.set(id, { parents, files, tree });
    return id;
  };
  const statement = (text: string, as: string): string =>
    `${text}${signerOf(as).sign(Buffer.from(text), 'countersign@v1')}`;
  const common = ({ base, head, serial = 1, note, branch = 'master', project = PROJECT, change }: About) => ({
    project,
    branch,
    base,
    head,
    change: change ?? digest(base, head),
    serial,
    notes: note === undefined ? [] : [note],
  });

  const scene: Scene = {
    signers,
    policyFiles(options = {}, of = people) {
      return policyFiles(new Map(of.map((name) => [name, signerOf(name).key])), options);
    },
    policy(options = {}, files = {}) {
      roots += 1;
      const all = { ...scene.policyFiles(options), README: 'a fork\n', ...files };
      return write([], with_(new Map(), all), { as: 'alice', message: `policy ${roots}` });
    },
    commit(options) {
      const parents =
        options.on === undefined ? [] : typeof options.on === 'string' ? [options.on] : options.on;
      const [first] = parents;
      const before = first === undefined ? new Map<string, FileSide>() : madeOf(first).files;
      return write(parents, with_(before, options.files), options);
    },
    merge(first, second, options = {}) {
      const base = madeOf(mergeBase(first, second)).files;
      const files = new Map(madeOf(first).files);
      for (const { path, after } of changesBetween(base, madeOf(second).files)) {
        const name = Buffer.from(path).toString();
        if (after === null) files.delete(name);
        else files.set(name, after);
      }
      return write([first, second], with_(files, options.files), { message: 'a merge', ...options });
    },
    rebase(commit, onto, options = {}) {
      const { parents, files: young } = madeOf(commit);
      const [parent] = parents;
      const files = new Map(madeOf(onto).files);
      const old = parent === undefined ? new Map<string, FileSide>() : madeOf(parent).files;
      for (const { path, after } of changesBetween(old, young)) {
        const name = Buffer.from(path).toString();
        if (after === null) files.delete(name);
        else files.set(name, after);
      }
      return write([onto], files, { message: 'rebased', ...options });
    },
    treeOf: (commit) => madeOf(commit).tree,
    reviewOf: (about) => ({
      type: 'review',
      ...common(about),
      decision: about.decision ?? 'approve',
      reviewer: about.as,
    }),
    adoptionOf: (about) => ({ type: 'adopt', ...common(about), adopter: about.as }),
    review: (about) => statement(encodeStatement(scene.reviewOf(about)), about.key ?? about.as),
    adopt: (about) => statement(encodeStatement(scene.adoptionOf(about)), about.key ?? about.as),
    ratify({
      as,
      parent,
      commit,
      tree = madeOf(commit).tree,
      key = as,
      reason = 'it was merged in a hurry',
    }) {
      const step = { project: PROJECT, branch: 'master', parent, commit, tree };
      return statement(encodeStatement({ type: 'ratify', ...step, ratifier: as, reason }), key);
    },
    revoke({ as, of, key = as, reason = 'the laptop was stolen' }) {
      const about = { project: PROJECT, person: of, key: keyText(signerOf(of)) };
      return statement(encodeStatement({ type: 'revoke', ...about, revoker: as, reason }), key);
    },
    overrule({ as, of, head, serial = 1, reason = 'settled in the meeting' }) {
      const about = { project: PROJECT, branch: 'master', head, objector: of, serial };
      return statement(encodeStatement({ type: 'overrule', ...about, overruler: as, reason }), as);
    },
    sign: (statements, as) => statement(statements.map(encodeStatement).join(''), as),
  };
  return scene;
}

function keyText({ key }: Signer): string {
  if (key.kind === 'openpgp') return `openpgp:${key.fingerprint}`;
  const parsed = parseSshPublicKey(key.publicKey);
  if (!parsed.ok) throw new Error(parsed.reason);
  return `ssh:${parsed.key.fingerprint}`;
}
