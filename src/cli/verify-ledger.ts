import type { Proposal } from '../core/facts/target.ts';
import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { openFolder, type PolicyFolder } from '../core/policy/folder.ts';
import { parsePolicy } from '../core/policy/parse.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import { Unreadable } from '../gather/ports.ts';
import { sourcesOfRoster } from '../gather/roster.ts';
import { findLedgers, openLedger, type Ledger } from '../git/ledger.ts';
import { findRemoteUrl } from '../git/ledger-remote.ts';
import { stateOfLedger } from '../git/ledger-rewrite.ts';
import { readSeen, writeSeen } from '../git/ledger-seen.ts';
import type { OpenRepository } from '../git/reader.ts';
import { findProvable, type Provable } from '../provable.ts';
import type { Io } from './io.ts';
import { openProvableMemory } from './provable-memory.ts';
import { cacheFolder, stateFolder } from './state-folder.ts';

/** Something about the ledger itself, beside the verdict. */
export interface LedgerNote {
  readonly code: 'ledger-rewritten' | 'ledger-memory-unreadable';
  readonly message: string;
}

/** The ledgers of a repository: the person's own branch and the one last fetched from `origin`; opened when first asked. */
export interface Ledgers {
  /** Statements about a proposal; in a crowd only those of the roster. Throws `Unreadable`. */
  about(proposal: Proposal): Promise<readonly StatementSource[]>;
  /** How much of a branch they prove; `null` where that cannot be told here. */
  provable(branch: string, tip: Oid): Promise<Provable | null>;
  /** What was opened so far. */
  refs(): readonly { readonly ref: string; readonly id: Oid }[];
  notes(): readonly LedgerNote[];
}

const REMOTE = 'origin';

/** @param base the commit whose policy says whose statements are kept in a crowd, and what the project is called */
export function openLedgers(opened: OpenRepository, base: Oid, io: Io): Ledgers {
  let known: Promise<KnownLedgers> | null = null;
  let refs: KnownLedgers['refs'] = [];
  let notes: readonly LedgerNote[] = [];
  const open = async (): Promise<KnownLedgers> => {
    const found = await (known ??= findKnown(opened, base, io));
    ({ refs, notes } = found);
    return found;
  };
  return {
    refs: () => refs,
    notes: () => notes,
    async about({ heads, commits, earlier }) {
      const asked = [...new Set([...heads, ...commits, ...earlier])];
      try {
        const { ledgers, folder } = await open();
        const found: StatementSource[] = [];
        for (const ledger of ledgers) {
          found.push(...(await ledger.read(asked, (sources) => sourcesOfRoster(folder, sources))));
        }
        return found;
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        const message = `the ledger cannot be read (\`--no-ledger\` leaves it out): ${error.message}`;
        throw new Unreadable(error.code, message, { passing: error.passing, cause: error });
      }
    },
    async provable(branch, tip) {
      const memory = await openProvableMemory(cacheFolder(io.environment));
      const now = Math.floor(Date.now() / 1000);
      try {
        const { ledgers } = await open();
        return await findProvable(opened.repository, ledgers, { branch, tip, now, memory });
      } catch (error) {
        if (error instanceof Unreadable) return null;
        throw error;
      } finally {
        await memory.save();
      }
    },
  };
}

interface KnownLedgers {
  readonly refs: readonly { readonly ref: string; readonly id: Oid }[];
  readonly ledgers: readonly Ledger[];
  readonly folder: PolicyFolder;
  readonly notes: readonly LedgerNote[];
}

/** Opens the ledgers, and compares `origin`'s with the state that was last seen of it. */
async function findKnown(opened: OpenRepository, base: Oid, io: Io): Promise<KnownLedgers> {
  const folder = await readFolder(opened, base);
  const refs = await findLedgers(opened.refs, REMOTE);
  const ledgers: Ledger[] = [];
  for (const id of new Set(refs.map((one) => one.id))) ledgers.push(await openLedger(opened, id));
  const tracked = refs.find(({ ref }) => ref.startsWith(`refs/remotes/${REMOTE}/`));
  const notes = tracked === undefined ? [] : await compare(opened, tracked.id, folder, io);
  return { refs, ledgers, folder, notes };
}

async function readFolder({ repository }: OpenRepository, commit: Oid): Promise<PolicyFolder> {
  const [raw] = await repository.readCommits([commit]);
  const parsed = parseCommit(commit, raw ?? new Uint8Array());
  return parsed.ok ? repository.readPolicyFolder(parsed.commit.tree) : { entries: [] };
}

async function compare(
  opened: OpenRepository,
  tip: Oid,
  folder: PolicyFolder,
  io: Io,
): Promise<readonly LedgerNote[]> {
  const { policy } = openFolder(folder);
  const parsed = policy.state === 'present' ? parsePolicy(policy.bytes) : null;
  const directory = stateFolder(io.environment);
  if (parsed?.ok !== true || directory === null) return [];
  try {
    const url = await findRemoteUrl(opened.gitDir, REMOTE);
    const memory = { directory, url, project: parsed.policy.project };
    const seen = await readSeen(memory, opened.format);
    const state = await stateOfLedger(opened, seen, tip);
    if (state === 'rewritten') {
      const message = `the ledger of \`${REMOTE}\` was rewritten: ${tip} does not contain ${seen ?? ''}, which you saw there before; \`countersign archive\` says what is gone`;
      return [{ code: 'ledger-rewritten', message }];
    }
    // A state that cannot be kept is no reason not to judge.
    if (state === 'first' || state === 'contained') await writeSeen(memory, tip).catch(() => undefined);
    return [];
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    // A repository without such a remote was never seen.
    return error.code === 'file-unreadable'
      ? [{ code: 'ledger-memory-unreadable', message: error.message }]
      : [];
  }
}
