import type { Oid } from '../../core/object/id.ts';
import { counted } from '../../core/policy/words.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { worst } from '../../core/verdict/outcome.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { checkUnreplaced } from '../../git/replaced.ts';
import { mergeForward, readCheckout, readUpstream } from '../../git/worktree.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { answering } from './answering.ts';
import { bring } from './bring.ts';
import type { Brought, BroughtBranch } from './brought.ts';
import { fetchJson, outcomeOf } from './fetch.ts';
import { readRef } from './ledgers.ts';
import { chooseEntries, findPlace, type PullOptions } from './place.ts';
import { short } from '../history/words.ts';
import { fetchText } from './words.ts';

/** What came of the checked out branch. */
interface Pulled {
  readonly kind: 'moved' | 'same' | 'ahead' | 'unproven' | 'diverged' | 'refused' | 'not-proven';
  readonly from: Oid | null;
  readonly to: Oid | null;
  readonly message: string;
  /** What git said where it refused, line by line. */
  readonly said: readonly string[];
  /** What to do, a sentence each. */
  readonly remedy: readonly string[];
}

/** `countersign pull`: the same as `fetch` for the upstream of the checked out branch, which is then moved forward to it. */
export async function pull(remote: string | undefined, options: PullOptions, io: Io): Promise<number> {
  return answering('pull', io, async () => {
    const directory = io.path(options.repository);
    const checkout = await readCheckout(directory);
    // Before anything is fetched: nothing that comes could be checked out.
    if (checkout.top !== null) await checkUnreplaced(directory);
    if (checkout.top === null) {
      throw new UsageError(
        'this repository has no work tree: `countersign fetch` updates its remote-tracking branches',
      );
    }
    const local = checkout.branch;
    if (local === null) {
      throw new UsageError(
        'no branch is checked out (HEAD is detached): switch to one first, or use `countersign fetch`, which moves remote-tracking branches alone',
      );
    }
    const place = await findPlace(remote, options, checkout, io);
    const upstream = await readUpstream(directory, local);
    const branch = (upstream.remote === place.remote ? upstream.branch : null) ?? local;
    const entries = chooseEntries(place, [branch]);
    const { brought, pulled } = await bring(place, entries, options, io, async (opened, result) => ({
      brought: result,
      pulled: await moveForward(opened, directory, local, result),
    }));
    if (options.json === true) {
      io.out(`${jsonText({ ...fetchJson(place, brought), local: { branch: local, ...pulled } })}\n`);
    } else {
      const more = [
        ...pulled.said.map((line) => `  ${line}`),
        ...pulled.remedy.map((line) => `    → ${line}`),
      ];
      const lines = [pulled.message, ...more].map((line) => `${cleanSentence(line)}\n`);
      io.out(`${fetchText(brought, io.paint)}${lines.join('')}`);
    }
    const failed = ['unproven', 'diverged', 'refused'].includes(pulled.kind);
    return failed ? EXIT.fail : EXIT[worst(brought.branches.map(outcomeOf))];
  });
}

async function moveForward(
  opened: OpenRepository,
  directory: string,
  local: string,
  { branches }: Brought,
): Promise<Pulled> {
  const [proven] = branches;
  const to = proven?.accepted ?? null;
  const ref = `refs/heads/${local}`;
  const from = await readRef(opened.refs, ref);
  const so: Say = (kind, message, remedy = [], said = []) => ({ kind, from, to, message, said, remedy });
  if (to === null || proven === undefined) return so('not-proven', `\`${local}\` stays where it is`);
  if (from === to) return so('same', `\`${local}\` is up to date`);
  if (from !== null && (await opened.repository.isReachable(to, from))) {
    return wordsOfMore(opened, local, from, proven, so);
  }
  if (from !== null && !(await opened.repository.isReachable(from, to))) {
    return so('diverged', `\`${local}\` at ${short(from)} and what is proven have both gone on`, [
      `\`git rebase ${proven.ref}\` puts yours on top`,
    ]);
  }
  const now = await readCheckout(directory);
  if (now.branch !== local || now.commit !== from) {
    return so('refused', `\`${local}\` was left or moved by another program meanwhile`, [
      'run the command again',
    ]);
  }
  const said = await mergeForward(directory, ref, from, to);
  if (said === null && (await readCheckout(directory)).commit === to) {
    const steps = from === null ? null : await opened.repository.firstParents(from, to, 100_000);
    const many = steps === null ? '' : `, ${counted(steps.length, 'step')}`;
    return so('moved', `\`${local}\`: ${from === null ? '(new)' : short(from)} → ${short(to)}${many}`);
  }
  return so(
    'refused',
    `\`${local}\` stays where it is, because git refuses to move it`,
    [
      `put away what is in the way, such as with \`git stash\`, then \`git merge --ff-only ${proven.ref}\`: what is proven is there`,
    ],
    said === null ? [] : linesOf(said),
  );
}

/** What git said comes in one line, with every end of a line as `; ` and every other control character as `?`. */
function linesOf(said: string): readonly string[] {
  return said
    .split('; ')
    .map((line) => line.replace(/^\?/, '  '))
    .filter((line) => line !== 'Aborting' && !line.startsWith('Please '));
}

type Say = (
  kind: Pulled['kind'],
  message: string,
  remedy?: readonly string[],
  said?: readonly string[],
) => Pulled;

/** More on the branch than is proven may be the person's own, or what came here unproven. */
async function wordsOfMore(
  { repository }: OpenRepository,
  local: string,
  from: Oid,
  { accepted, head, ref }: BroughtBranch,
  so: Say,
): Promise<Pulled> {
  const published = head !== null && head !== accepted && (await repository.isReachable(from, head));
  const beyond = `\`${local}\` at ${short(from)} has commits beyond what is proven`;
  return published
    ? so('unproven', `${beyond}, which came from there`, [
        `\`git reset --keep ${ref}\` takes the branch back to what is proven`,
      ])
    : so('ahead', `${beyond}: they are your own, or not published there`);
}
