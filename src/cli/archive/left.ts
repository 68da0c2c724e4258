import type { Oid } from '../../core/object/id.ts';
import type { StatementSource } from '../../core/statement/extract.ts';
import { openLedger } from '../../git/ledger.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { findProvable, type LedgerStatements, type Provable } from '../../provable.ts';
import { findTip } from './branch-tip.ts';

/** What the ledger does not prove yet of one branch. */
export interface Left extends Provable {
  readonly branch: string;
}

/** Branches to look at: each costs the judging of twenty steps. */
const MOST_BRANCHES = 5;

/**
 * How many of the last merges of these branches the ledger does not prove yet, counting `files` in, which a dry run has
 * not written.
 */
export async function countLeft(
  opened: OpenRepository,
  about: {
    readonly remote: string;
    readonly branches: readonly string[];
    readonly tip: Oid | null;
    readonly files: ReadonlyMap<string, Uint8Array>;
  },
): Promise<readonly Left[]> {
  const ledgers: LedgerStatements[] = [filesAsLedger(about.files)];
  if (about.tip !== null) ledgers.push(await openLedger(opened, about.tip));
  const left: Left[] = [];
  for (const branch of about.branches.slice(0, MOST_BRANCHES)) {
    const tip = await findTip(opened, about.remote, branch);
    if (tip === null) continue;
    const now = Math.floor(Date.now() / 1000);
    left.push({ branch, ...(await findProvable(opened.repository, ledgers, { branch, tip, now })) });
  }
  return left;
}

/** Files by path, read as a ledger's are. */
export function filesAsLedger(files: ReadonlyMap<string, Uint8Array>): LedgerStatements {
  const about = (heads: readonly Oid[]): string[] => {
    const wanted = new Set<string>(heads);
    return [...files.keys()].filter((path) => {
      const [type, key = ''] = path.split('/');
      return type === 'revoke' || wanted.has(key);
    });
  };
  return {
    stateOf: (heads) => about(heads).join(' '),
    read: (heads) =>
      Promise.resolve(
        about(heads).map((path): StatementSource => ({
          from: path,
          text: new TextDecoder().decode(files.get(path)),
        })),
      ),
  };
}
