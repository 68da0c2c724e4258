import type { Oid } from '../core/object/id.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Place } from '../github/subject.ts';
import { findProvable, type ProvableMemory } from '../provable.ts';
import type { Store } from '../store/store.ts';
import { projectOf, type Context } from './context.ts';
import { reasonOf } from './log.ts';
import type { LedgerOf } from './statements.ts';

/** Steps and branches that one process remembers; what it forgets, it finds out again. */
const MOST_STEPS = 10_000;
const MOST_BRANCHES = 1_000;

interface Book {
  readonly steps: Map<string, boolean>;
  /** By project and branch, what was counted last. */
  readonly branches: Map<string, { readonly tip: Oid; readonly unprovable: number }>;
}

/** One for each running app. */
const books = new WeakMap<Store, Book>();

/**
 * How many of a branch's last merges the ledger did not prove when they were last counted; nothing where nobody has. It
 * is shown beside the verdict and is no part of it.
 */
export function lastUnprovable(
  context: Context,
  place: Place,
  branch: string,
): { readonly unprovable?: number } {
  const found = bookOf(context).branches.get(nameOf(context, place, branch));
  return found === undefined ? {} : { unprovable: found.unprovable };
}

/** Whether they were counted for this tip already. */
export function isCounted(context: Context, place: Place, branch: string, tip: Oid): boolean {
  return bookOf(context).branches.get(nameOf(context, place, branch))?.tip === tip;
}

/**
 * Counts them anew, after all that people wait for is published: at first it takes as long as judging twenty steps, later
 * only steps are judged of which the ledger says something new. Never throws: a count that fails is only left out.
 */
export async function countUnprovable(
  context: Context,
  place: Place,
  mirror: Mirror,
  about: { readonly branch: string; readonly tip: Oid; readonly ledger: LedgerOf },
  signal: AbortSignal,
): Promise<void> {
  const { branch, tip, ledger: open } = about;
  const book = bookOf(context);
  try {
    const ledger = await open();
    const now = Math.floor(context.now() / 1000);
    const memory = memoryOf(book);
    const options = { branch, tip, now, memory, signal };
    const { missing } = await findProvable(mirror.repository, ledger === null ? [] : [ledger], options);
    if (signal.aborted) return;
    keep(book.branches, nameOf(context, place, branch), { tip, unprovable: missing.length }, MOST_BRANCHES);
  } catch (error) {
    context.log.warn({ branch, reason: reasonOf(error) }, 'merges not yet provable could not be counted');
  }
}

/** Counts again for the branches that were counted before: the ledger has changed. */
export async function recountUnprovable(
  context: Context,
  place: Place,
  mirror: Mirror,
  ledger: LedgerOf,
  signal: AbortSignal,
): Promise<void> {
  const prefix = nameOf(context, place, '');
  for (const [name, { tip }] of [...bookOf(context).branches]) {
    if (!name.startsWith(prefix) || signal.aborted) continue;
    const branch = name.slice(prefix.length);
    await countUnprovable(context, place, mirror, { branch, tip, ledger }, signal);
  }
}

function bookOf({ store }: Context): Book {
  const known = books.get(store);
  if (known !== undefined) return known;
  const book: Book = { steps: new Map(), branches: new Map() };
  books.set(store, book);
  return book;
}

function nameOf(context: Context, place: Place, branch: string): string {
  return `${projectOf(context, place).toLowerCase()} ${branch}`;
}

function memoryOf({ steps }: Book): ProvableMemory {
  return {
    get: (key) => steps.get(key),
    set: (key, passes) => {
      keep(steps, key, passes, MOST_STEPS);
    },
  };
}

/** A map is in the order in which its keys came: the oldest goes. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
