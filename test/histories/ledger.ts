import type { FileSide } from '../../src/core/facts/change.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { ledgerPaths, readLedgerFile } from '../../src/core/statement/ledger.ts';
import { parseStatements } from '../../src/core/statement/statement.ts';
import { oid } from '../git/scratch.ts';
import type { ObjectStore } from '../verdicts/make/objects.ts';

/** A signed text, and what it is in the declaration of a history. */
export interface Entry {
  readonly kind: 'approved' | 'adopted' | 'ratified' | 'approved merge' | 'repaired' | 'other';
  readonly step: number;
  readonly by: string;
  readonly text: string;
}

export interface LedgerWriter {
  /** Everything that was appended. */
  readonly entries: readonly Entry[];
  /** The tips that it had, oldest first. */
  readonly tips: readonly Oid[];
  /** Grows the branch by a commit with these in it. */
  readonly append: (entries: readonly Entry[]) => Oid;
  /** A commit whose tree holds exactly these entries, on `parent` or on nothing; moves no branch. */
  readonly make: (entries: readonly Entry[], parent: Oid | null) => Oid;
  /** The same of files by path: what somebody with the right to push makes of it. */
  readonly makeOf: (files: ReadonlyMap<string, string>, parent: Oid | null) => Oid;
  /** Makes a commit the tip of the branch; `null` deletes the branch. */
  readonly set: (tip: Oid | null) => void;
}

const BRANCH = 'refs/heads/countersign/ledger';

export function openLedgerWriter(
  store: ObjectStore,
  git: (args: readonly string[], input?: string) => string,
): LedgerWriter {
  const entries: Entry[] = [];
  const tips: Oid[] = [];
  let commits = 0;
  const makeOf = (files: ReadonlyMap<string, string>, parent: Oid | null): Oid => {
    commits += 1;
    const tree = store.tree(
      new Map([...files].map(([path, text]): [string, FileSide] => [path, store.blob(text)])),
    );
    const parents = parent === null ? '' : `parent ${parent}\n`;
    const who = `ledger <ledger@example.org> ${1_700_000_000 + commits} +0000`;
    return store.commit(Buffer.from(`tree ${tree}\n${parents}author ${who}\ncommitter ${who}\n\nledger\n`));
  };
  const make: LedgerWriter['make'] = (wanted, parent) =>
    makeOf(new Map(wanted.flatMap(({ text }) => pathsOf(text).map((path) => [path, text]))), parent);
  const set: LedgerWriter['set'] = (tip) => {
    git(tip === null ? ['update-ref', '-d', BRANCH] : ['update-ref', BRANCH, tip]);
  };
  return {
    entries,
    tips,
    make,
    makeOf,
    set,
    append(more) {
      entries.push(...more);
      const tip = make(entries, tips.at(-1) ?? null);
      tips.push(tip);
      set(tip);
      return oid(tip);
    },
  };
}

/** Where a signed text lies in the ledger. */
export function pathsOf(text: string): readonly string[] {
  const file = Buffer.from(text);
  const [signed] = readLedgerFile(file, 'a test');
  const parsed = signed === undefined ? null : parseStatements(signed.text);
  if (parsed?.ok !== true) throw new Error('no signed statement');
  return ledgerPaths(file, parsed.statements);
}
