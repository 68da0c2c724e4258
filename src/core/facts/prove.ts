import { isRefresh } from '../identity/refresh.ts';
import { KEYS_PATH, type PolicyFolder } from '../policy/folder.ts';
import type { Keyring } from '../identity/keyring.ts';
import type { ParsedCommit } from '../object/commit.ts';
import type { Oid } from '../object/id.ts';
import type { Proof } from '../signature/proof.ts';
import { verifySignature } from '../signature/verify.ts';
import { keyringOf } from './opened.ts';
import type { Reading } from './reading.ts';

/** What cryptography says of every signature among the facts, without people and without policy. */
export interface Proofs {
  readonly keyring: Keyring;
  /** The certificates that the change would leave; `null` where it does not touch them. */
  readonly proposedKeyring: Keyring | null;
  /** In the order of `Reading.commits`; `null` for a commit that could not be parsed. */
  readonly commits: readonly (Proof | null)[];
  /** In the order of `Reading.texts`: a batch has one. */
  readonly statements: readonly Proof[];
  /** Of what foreign heads bring, by the head: in the order of `Reading.carried`. */
  readonly carried: ReadonlyMap<Oid, readonly (Proof | null)[]>;
  /**
   * Changed paths below `.countersign/keys/`, their bytes as Latin-1, that bring nothing but self-signatures which prolong
   * a certificate that is there already: an ordinary change (trust.md B12).
   */
  readonly refreshed: ReadonlySet<string>;
}

/** As many verifications as wait for libuv's pool at a time: enough to keep it busy, few enough to bound memory. */
const IN_FLIGHT = 64;

/** The only asynchronous part of a judgement. Never throws for hostile input: a bad signature is a proof that says so. */
export async function prove(reading: Reading): Promise<Proofs> {
  const { keyring, keys } = await keyringOf(reading.keys);
  const ofCommit = (parsed: ParsedCommit): Promise<Proof | null> => {
    if (!parsed.ok) return Promise.resolve(null);
    const { payload, signature } = parsed.commit;
    const armor = signature?.armor ?? new Uint8Array();
    return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys);
  };
  const commits = await inOrder(reading.commits, ofCommit);
  const statements = await inOrder(reading.texts, ({ signed: { text, armor, form } }) =>
    verifySignature({ payload: text, armor, form, namespace: 'countersign@v1' }, keys),
  );
  const carried = new Map<Oid, readonly (Proof | null)[]>();
  for (const [head, parsed] of reading.carried) carried.set(head, await inOrder(parsed, ofCommit));
  const proposed = reading.proposed && (await keyringOf(reading.proposed.keys));
  return {
    keyring,
    proposedKeyring: proposed?.keyring ?? null,
    commits,
    statements,
    carried,
    refreshed: await refreshedPaths(reading, new Set(proposed?.keyring.unreadable.map(({ path }) => path))),
  };
}

/**
 * Both versions of a file are at hand: the folders of the judging and of the proposed policy are among the facts.
 *
 * @param unreadable files of the proposed keyring that go beyond its bounds or can't be read: nothing is spent on them
 */
async function refreshedPaths(
  { facts, proposed }: Reading,
  unreadable: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const refreshed = new Set<string>();
  if (proposed === null || facts.proposedPolicy === null) return refreshed;
  const { policy, proposedPolicy, change, landing } = facts;
  for (const { path, before, after } of [...change.files, ...(landing?.files ?? [])]) {
    const name = latin1(path);
    if (!name.startsWith(KEYS_PATH) || before?.mode !== '100644' || after?.mode !== '100644') continue;
    if (unreadable.has(name.slice(KEYS_PATH.length))) continue;
    const old = regularFile(policy, name, before.id);
    const young = regularFile(proposedPolicy, name, after.id);
    if (old !== null && young !== null && (await isRefresh(old, young))) refreshed.add(name);
  }
  return refreshed;
}

function regularFile({ entries }: PolicyFolder, name: string, id: Oid): Uint8Array | null {
  const entry = entries.find((one) => one.id === id && latin1(one.path) === name);
  return entry?.mode === '100644' ? entry.bytes : null;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

async function inOrder<T, R>(items: readonly T[], verify: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += IN_FLIGHT) {
    results.push(...(await Promise.all(items.slice(start, start + IN_FLIGHT).map(verify))));
  }
  return results;
}
