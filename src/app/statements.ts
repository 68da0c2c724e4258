import { parseCommit } from '../core/object/commit.ts';
import type { Oid } from '../core/object/id.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import { LEDGER_BRANCH } from '../core/statement/names.ts';
import { Unreadable, type Statements } from '../gather/ports.ts';
import { sourcesOfRoster } from '../gather/roster.ts';
import { openLedger, type Ledger } from '../git/ledger.ts';
import type { Mirror } from '../git/mirror.ts';
import { MOST_TEXT, readTexts } from '../github/comments.ts';
import { listPullsWith, type PullRequest } from '../github/pulls.ts';
import { pullAt, subjectKey, type Place } from '../github/subject.ts';
import { REVOKED } from '../store/store.ts';
import { clientOf, projectOf, type Context } from './context.ts';
import { sourceOf } from './verified.ts';

const MOST_KEPT = 10_000;
/** Pull requests that share a commit: more is somebody's attempt to make judging expensive. */
const MOST_PULLS = 50;
/** Heads that the pull requests of one commit have had. */
const MOST_EARLIER = 10_000;

/** What statements are asked for. */
export interface Asked {
  readonly pull: PullRequest | null;
  readonly landed: boolean;
  readonly mirror: Mirror;
  readonly ledger: LedgerOf;
  readonly texts: Texts;
  /** The commit whose policy judges: of a crowded ledger only what its people signed is read. */
  readonly tip: Oid;
}

/**
 * All statements about a head count, wherever they were posted (trust.md E24): on every pull request that has it as its
 * head, in the ledger, and what the store has kept, about any commit of the change and about heads that these pull
 * requests had before. For a landed step those count too that GitHub associates with its commits, open or not. Kept
 * revocations are always among them.
 */
export function statementsFor(context: Context, place: Place, asked: Asked): Statements {
  return {
    async about({ heads, commits }) {
      const client = clientOf(context, place);
      const pulls = new Map<number, PullRequest>();
      if (asked.pull) pulls.set(asked.pull.number, asked.pull);
      for (const head of heads) {
        for (const pull of await listPullsWith(client, place, head)) {
          if (asked.landed || (pull.open && pull.head === head)) pulls.set(pull.number, pull);
        }
      }
      if (pulls.size > MOST_PULLS) {
        throw new Unreadable('list-cut', `more than ${MOST_PULLS} pull requests share this head`);
      }
      // The events of those that share this head may have been lost, or be done by judging this one.
      for (const { number, open, head } of pulls.values()) {
        if (open) context.store.noteHead(subjectKey(pullAt(place, number)), head, context.now());
      }
      const posted = await asked.texts([...pulls.values()]);
      const earlier = earlierHeads(context, place, [...pulls.keys()]);
      const about = [...new Set([...heads, ...commits, ...earlier])];
      const archived = await readLedger(asked, about);
      return { sources: [...posted, ...archived, ...kept(context, place, about)], earlier };
    },
  };
}

/** What people wrote on pull requests. */
export type Texts = (pulls: readonly PullRequest[]) => Promise<readonly StatementSource[]>;

/** Reads each pull request once, for as much as is judged together. Throws `Unreadable`. */
export function openTexts(context: Context, place: Place): Texts {
  const known = new Map<number, readonly StatementSource[]>();
  return async (pulls) => {
    const missing = pulls.filter(({ number }) => !known.has(number));
    let room = MOST_TEXT;
    for (const sources of known.values()) for (const { text } of sources) room -= text.length;
    for (const pull of missing) {
      const sources = await readTexts(clientOf(context, place), place, [pull], room);
      for (const { text } of sources) room -= text.length;
      known.set(pull.number, sources);
    }
    return pulls.flatMap(({ number }) => known.get(number) ?? []);
  };
}

/** A repository's ledger as it was when first asked for; `null` where it has none, which is nothing to report. */
export type LedgerOf = () => Promise<Ledger | null>;

/** Asked for once, for as many steps as are judged together. */
export function ledgerOf(mirror: Mirror): LedgerOf {
  let opening: Promise<Ledger | null> | undefined;
  const { objects } = mirror;
  const fetchBlobs = (ids: readonly Oid[]): Promise<void> => mirror.fetchBlobs(ids);
  return () => {
    opening ??= mirror
      .fetchBranchTip(LEDGER_BRANCH)
      .then((tip) => (tip === null ? null : openLedger({ objects, fetchBlobs }, tip)));
    return opening;
  };
}

async function readLedger(
  { ledger: open, mirror, tip }: Asked,
  heads: readonly Oid[],
): Promise<readonly StatementSource[]> {
  const ledger = await open();
  if (ledger === null) return [];
  return ledger.read(heads, async (sources) => {
    const [raw] = await mirror.repository.readCommits([tip]);
    const parsed = raw ? parseCommit(tip, raw) : null;
    if (parsed?.ok !== true) return sources;
    return sourcesOfRoster(await mirror.repository.readPolicyFolder(parsed.commit.tree), sources);
  });
}

/** The heads that these pull requests ever had, as this app saw them: a signed "no" to one of them still stands. */
function earlierHeads(context: Context, place: Place, numbers: readonly number[]): readonly Oid[] {
  const subjects = numbers.map((number) => subjectKey(pullAt(place, number)));
  const found = context.store.headsOf(subjects, MOST_EARLIER);
  if (found.length <= MOST_EARLIER) return found;
  throw new Unreadable(
    'list-cut',
    `the pull requests of this head have had more than ${MOST_EARLIER} heads`,
    {
      passing: false,
    },
  );
}

function kept(context: Context, place: Place, heads: readonly Oid[]): readonly StatementSource[] {
  return [heads, [REVOKED]].flatMap((about) => {
    const found = context.store.keptStatements(projectOf(context, place), about, MOST_KEPT);
    if (found.length > MOST_KEPT) {
      throw new Unreadable('list-cut', `more than ${MOST_KEPT} kept statements about one head`, {
        passing: false,
      });
    }
    return found.map(sourceOf);
  });
}
