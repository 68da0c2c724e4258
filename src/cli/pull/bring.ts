import type { Oid } from '../../core/object/id.ts';
import { Unreadable } from '../../gather/ports.ts';
import { isPartial } from '../../git/incoming.ts';
import { moveRefs, type RefMove } from '../../git/move-refs.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { openBar } from '../history/bar.ts';
import { proveTrusted } from '../history/trusted.ts';
import type { Io } from '../io.ts';
import type { Brought, BroughtBranch, BroughtTags } from './brought.ts';
import { download } from './download.ts';
import { goesForward, keep } from '../keep.ts';
import { findLedgers, readRef } from './ledgers.ts';
import type { Place, PullOptions } from './place.ts';
import { trustedOptions } from './proof.ts';
import { bringTags } from './tags.ts';

/** For the reflog. */
const REASON = 'countersign fetch: proven';
const IS_CUT =
  'this clone lacks objects (it is shallow or partial): `countersign fetch --complete` brings them';

const NOT_FORWARD =
  'what is proven does not go on, along first parents, from where the branch was before; without a memory of what was proven, it goes nowhere else: `--allow-downgrade` takes it there';

/**
 * Downloads what the other side has of these branches and its ledger, proves it, and only then moves remote-tracking
 * branches, each to the newest commit that is proven. `use` is called while the repository is open. Throws `Unreadable`.
 */
export async function bring<T>(
  place: Place,
  entries: readonly TrustEntry[],
  options: PullOptions,
  io: Io,
  use: (opened: OpenRepository, brought: Brought) => Promise<T>,
): Promise<T> {
  const opened = await openRepository(place.directory);
  try {
    const there = await download(opened, place, entries, options, io);
    const { remote, directory } = place;
    const found = await findLedgers(opened, place, there.heads, options.allowDowngrade === true);
    const { ledgers } = found;
    const branches: BroughtBranch[] = [];
    for (const entry of entries) {
      const before = there.before.get(entry.branch) ?? null;
      const proven = await proveBranch(opened, place, entry, there.heads, before, { ledgers, options, io });
      // What was served and proven is the highest state seen, whatever becomes of the refs.
      branches.push(await kept(opened, proven, options, io));
    }
    const notes: string[] = [];
    const moves = branches.flatMap(({ ref, before, accepted }): RefMove[] =>
      accepted === null || accepted === before ? [] : [{ ref, from: before, to: accepted }],
    );
    const proven = branches.filter(({ accepted }) => accepted !== null);
    if (proven.length > 0 && found.move !== null) moves.push(found.move);
    if (found.state === 'rewritten' && found.move === null) {
      notes.push(
        `the ledger of \`${remote}\` lacks what you saw there before, so \`${found.ref}\` stays where it is: ask a maintainer, by another way than the forge, whether they rewrote it`,
      );
    }
    if (!(await moveRefs(directory, moves, REASON)) && !(await areThere(opened, moves))) {
      throw new Unreadable(
        'git-failed',
        'another program moved the same branches meanwhile, and nothing was changed: run the command again',
      );
    }
    const tags = options.tags === true ? await tagsOf(opened, place, { entries, branches, notes, io }) : null;
    return await use(opened, { branches, tags, notes });
  } finally {
    await opened.dispose();
  }
}

/** Branches have moved by now: what is wrong with tags is said, and undoes and hides nothing of that. */
async function tagsOf(
  opened: OpenRepository,
  place: Place,
  {
    entries,
    branches,
    notes,
    io,
  }: {
    readonly entries: readonly TrustEntry[];
    readonly branches: readonly BroughtBranch[];
    readonly notes: string[];
    readonly io: Io;
  },
): Promise<BroughtTags | null> {
  try {
    return await bringTags(opened, place, entries, branches, io);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    notes.push(`no tags were brought: ${error.message}`);
    return null;
  }
}

/**
 * The same once it is remembered. Where nothing was remembered before, or this cannot be, nothing but the branch itself keeps
 * it from going back.
 */
async function kept(
  opened: OpenRepository,
  one: BroughtBranch,
  { allowDowngrade }: PullOptions,
  io: Io,
): Promise<BroughtBranch> {
  const { accepted, before, trusted } = one;
  if (accepted === null || trusted === null) return one;
  const refused = { ...one, accepted: null, outcome: 'undetermined', problem: NOT_FORWARD } as const;
  const free = allowDowngrade === true;
  // What is refused is not remembered either: it would stand in the way of what the user has.
  if (!free && trusted.seen === null && !(await startsWell(opened, one, accepted))) return refused;
  const unkept = await keep(trusted, io);
  const moves = unkept === null || free || (await goesForward(opened, before, accepted));
  return { ...(moves ? one : refused), unkept };
}

/**
 * Whether a branch that nobody remembers anything of may be moved. What plain git fetched before may be ahead of what is
 * proven: then it goes back to that, so long as what is served goes on from what was there.
 */
async function startsWell(
  opened: OpenRepository,
  { before, head }: BroughtBranch,
  accepted: Oid,
): Promise<boolean> {
  if (await goesForward(opened, before, accepted)) return true;
  return head !== null && head !== accepted && (await goesForward(opened, before, head));
}

/** Whether another process of the same person has come to the same result meanwhile. */
async function areThere({ refs }: OpenRepository, moves: readonly RefMove[]): Promise<boolean> {
  for (const { ref, to } of moves) if ((await readRef(refs, ref)) !== to) return false;
  return true;
}

async function proveBranch(
  opened: OpenRepository,
  { directory, remote }: Place,
  entry: TrustEntry,
  heads: ReadonlyMap<string, Oid>,
  before: Oid | null,
  {
    ledgers,
    options,
    io,
  }: { readonly ledgers: readonly Oid[]; readonly options: PullOptions; readonly io: Io },
): Promise<BroughtBranch> {
  const { branch } = entry;
  const ref = `refs/remotes/${remote}/${branch}`;
  const head = heads.get(`refs/heads/${branch}`) ?? null;
  const nothing = { branch, ref, head, before, accepted: null, trusted: null, unkept: null };
  if (head === null) {
    return { ...nothing, outcome: 'undetermined', problem: `there is no branch \`${branch}\` any more` };
  }
  const isCut = async (): Promise<boolean> =>
    options.complete !== true && (opened.shallow || (await isPartial(directory, remote)));
  const bar = openBar(io);
  try {
    const question = {
      to: head,
      ledgers,
      allowDowngrade: options.allowDowngrade === true,
      newestProven: options.strict !== true,
      onProgress: bar.show,
    };
    const trusted = await proveTrusted(trustedOptions(opened, entry, question), io);
    const { accepted, outcome } = trusted;
    const problem = accepted === null && (await isCut()) ? IS_CUT : null;
    return { branch, ref, head, before, accepted, outcome, trusted, problem, unkept: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const remedy = (await isCut()) ? `; ${IS_CUT}` : '';
    return { ...nothing, outcome: 'undetermined', problem: `${error.message}${remedy}` };
  } finally {
    bar.clear();
  }
}
