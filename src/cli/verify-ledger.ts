import type { Proposal } from '../core/facts/target.ts';
import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import { openFolder, type PolicyFolder } from '../core/policy/folder.ts';
import { parsePolicy } from '../core/policy/parse.ts';
import { extractStatements, type StatementSource } from '../core/statement/extract.ts';
import { parseStatements } from '../core/statement/statement.ts';
import { Unreadable } from '../gather/ports.ts';
import { sourcesOfRoster } from '../gather/roster.ts';
import { findLedgers, openLedger, type Ledger } from '../git/ledger.ts';
import { findRemoteUrl } from '../git/ledger-remote.ts';
import { stateOfLedger } from '../git/ledger-rewrite.ts';
import { readSeen, updateSeen, type LedgerMemory } from '../git/ledger-seen.ts';
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
/** What `countersign archive` keeps from being collected as garbage. */
const REMEMBERED = `refs/countersign/ledger/${REMOTE}`;

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

/**
 * Opens the ledgers, and compares `origin`'s with the state that was last seen of it. Of what was seen there before and is
 * gone, what speaks against a change or a key is read as well where it is still here: what is gone is missing, and whoever
 * takes a "no" away gains nothing.
 */
async function findKnown(opened: OpenRepository, base: Oid, io: Io): Promise<KnownLedgers> {
  const folder = await readFolder(opened, base);
  const found = await findLedgers(opened.refs, REMOTE);
  const tracked = found.find(({ ref }) => ref.startsWith(`refs/remotes/${REMOTE}/`))?.id ?? null;
  const { notes, lost } = await compare(opened, tracked, folder, io);
  const ledgers: Ledger[] = [];
  for (const id of new Set(found.map((one) => one.id))) ledgers.push(await openLedger(opened, id));
  for (const { id } of lost) {
    if (!found.some((one) => one.id === id)) ledgers.push(onlyAgainst(await openLedger(opened, id)));
  }
  return { refs: [...found, ...lost], ledgers, folder, notes };
}

/** Of a ledger only the texts in which somebody says no, takes something back or revokes a key. */
function onlyAgainst(ledger: Ledger): Ledger {
  return {
    ...ledger,
    read: async (heads, keep) => (await ledger.read(heads, keep)).filter(speaksAgainst),
  };
}

function speaksAgainst(source: StatementSource): boolean {
  return extractStatements(source).signed.some(({ text }) => {
    const parsed = parseStatements(text);
    return (
      parsed.ok &&
      parsed.statements.some(
        (one) => one.type === 'revoke' || (one.type === 'review' && one.decision !== 'approve'),
      )
    );
  });
}

async function readFolder({ repository }: OpenRepository, commit: Oid): Promise<PolicyFolder> {
  const [raw] = await repository.readCommits([commit]);
  const parsed = parseCommit(commit, raw ?? new Uint8Array());
  return parsed.ok ? repository.readPolicyFolder(parsed.commit.tree) : { entries: [] };
}

interface Compared {
  readonly notes: readonly LedgerNote[];
  /** States of `origin`'s ledger that were seen here and that it does not contain any more. */
  readonly lost: readonly { readonly ref: string; readonly id: Oid }[];
}

async function compare(
  opened: OpenRepository,
  tip: Oid | null,
  folder: PolicyFolder,
  io: Io,
): Promise<Compared> {
  const { policy } = openFolder(folder);
  const parsed = policy.state === 'present' ? parsePolicy(policy.bytes) : null;
  const directory = stateFolder(io.environment);
  const kept = (await opened.refs.findAll(REMEMBERED.slice('refs/'.length))).find(
    ({ ref }) => ref === REMEMBERED,
  );
  const before: { readonly ref: string; readonly id: Oid }[] = kept === undefined ? [] : [kept];
  const notes: LedgerNote[] = [];
  let memory: LedgerMemory | null = null;
  let seen: Oid | null = null;
  try {
    if (parsed?.ok === true && directory !== null) {
      const url = await findRemoteUrl(opened.gitDir, REMOTE);
      memory = { directory, url, project: parsed.policy.project };
      seen = await readSeen(memory, opened.format);
      if (seen !== null) before.push({ ref: 'last seen', id: seen });
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    // A repository without such a remote was never seen.
    if (error.code === 'file-unreadable') {
      memory = null;
      notes.push({ code: 'ledger-memory-unreadable', message: error.message });
    }
  }
  const lost = await keptBehind(opened, before, tip);
  const [newest] = lost.toReversed();
  if (newest !== undefined) notes.push(await rewritten(opened, newest.id, tip));
  else if (memory !== null && tip !== null && tip !== seen && !(await isForeign(opened, before)))
    await remember(opened, memory, seen, tip);
  return { notes, lost };
}

/** What another process has seen since stays, unless this tip contains it too. */
async function remember(
  opened: OpenRepository,
  memory: LedgerMemory,
  seen: Oid | null,
  tip: Oid,
): Promise<void> {
  try {
    await updateSeen(memory, opened.format, async (last) => {
      if (last === null || last === seen) return tip;
      return (await stateOfLedger(opened, last, tip)) === 'contained' ? tip : null;
    });
  } catch (error) {
    // A state that cannot be kept is no reason not to judge.
    if (!(error instanceof Unreadable)) throw error;
  }
}

/** Of what was seen before and is still here, all that the tip does not contain. */
async function keptBehind(
  opened: OpenRepository,
  before: readonly { readonly ref: string; readonly id: Oid }[],
  tip: Oid | null,
): Promise<Compared['lost']> {
  const lost = new Map<Oid, { readonly ref: string; readonly id: Oid }>();
  for (const one of before) {
    const [info] = await opened.objects.readInfo([one.id]);
    if (info?.type !== 'commit' || lost.has(one.id)) continue;
    const isKept = tip !== null && (await stateOfLedger(opened, one.id, tip)) === 'contained';
    if (!isKept) lost.set(one.id, one);
  }
  return [...lost.values()];
}

/** A state that another clone saw: this one was not fetched since, and must not put the memory back. */
async function isForeign(opened: OpenRepository, before: readonly { readonly id: Oid }[]): Promise<boolean> {
  const infos = await opened.objects.readInfo(before.map(({ id }) => id));
  return infos.some((info) => info?.type !== 'commit');
}

async function rewritten(opened: OpenRepository, seen: Oid, tip: Oid | null): Promise<LedgerNote> {
  const code = 'ledger-rewritten';
  const remedy = '`countersign archive` says what is gone';
  if (tip === null) {
    return { code, message: `the ledger of \`${REMOTE}\` is gone; it was at ${seen} before; ${remedy}` };
  }
  const { repository } = opened;
  const before = 'which you saw there before';
  const how = (await repository.isReachable(tip, seen))
    ? `went back to ${tip} from ${seen}, ${before}`
    : (await repository.isReachable(seen, tip))
      ? `was rewritten: ${tip} lacks statements that it held at ${seen}, ${before}`
      : `was rewritten: ${tip} does not contain ${seen}, ${before}`;
  return { code, message: `the ledger of \`${REMOTE}\` ${how}; ${remedy}` };
}
