import { isZero, parseOid, type Oid } from '../../core/object/id.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { checkUnreplaced } from '../../git/replaced.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { readUpstream } from '../../git/worktree.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { EXIT, type Io } from '../io.ts';
import { findingLines } from '../finding-lines.ts';
import { goesForward, keep } from '../keep.ts';
import { readRef } from '../pull/ledgers.ts';
import { openHookTrust } from './guard.ts';
import { bringLedger, judgeRef, reasons, trustedRemotes, type TrustedRemote } from './judge-ref.ts';
import type { HookCall } from './run.ts';
import { afterFetch, afterMove } from './way-out.ts';

/** One line of githooks(5), "reference-transaction". */
interface Line {
  readonly ref: string;
  /** `null` for a symbolic ref. */
  readonly to: Oid | null;
}

/** By whose words a ref may move, and whether it is the person's own branch. */
interface Concern {
  readonly line: Line;
  readonly own: boolean;
  readonly candidates: readonly { readonly entry: TrustEntry; readonly remote: string }[];
}

/**
 * Refuses to move a remote-tracking branch of a trusted branch, or the person's own branch of that name, to what is not
 * proven. A branch of one's own may go back; what a server serves may not. Nor does either move where git would show other
 * content than what is proven.
 */
export async function referenceTransaction({ directory, args, input }: HookCall, io: Io): Promise<number> {
  if (args[0] !== 'prepared') return EXIT.pass;
  const lines = parseLines(await input());
  const trust = await openHookTrust(io);
  const remotes = await trustedRemotes(directory, trust, io.path('.'));
  const concerns: Concern[] = [];
  for (const line of lines) {
    const concern = await concernOf(directory, line, remotes);
    if (concern.candidates.length > 0) concerns.push(concern);
  }
  if (concerns.length === 0) return EXIT.pass;
  // What `git --no-replace-objects` tells the hooks that it runs.
  if (process.env['GIT_NO_REPLACE_OBJECTS'] === undefined) await checkUnreplaced(directory);
  const opened = await openRepository(directory);
  try {
    const refused: string[] = [];
    for (const concern of concerns)
      refused.push(...(await judgeConcern(directory, opened, concern, lines, io)));
    if (refused.length === 0) return EXIT.pass;
    io.err(refused.map((line) => `${line}\n`).join(''));
    return EXIT.fail;
  } finally {
    await opened.dispose();
  }
}

async function concernOf(directory: string, line: Line, remotes: readonly TrustedRemote[]): Promise<Concern> {
  const { ref } = line;
  if (!ref.startsWith('refs/heads/')) {
    const candidates = remotes.flatMap(({ name, entries }) =>
      entries
        .filter(({ branch }) => ref === `refs/remotes/${name}/${branch}`)
        .map((entry) => ({ entry, remote: name })),
    );
    return { line, own: false, candidates };
  }
  const branch = ref.slice('refs/heads/'.length);
  const candidates = remotes.flatMap(({ name, entries }) =>
    entries.filter((entry) => entry.branch === branch).map((entry) => ({ entry, remote: name })),
  );
  const { remote } = await readUpstream(directory, branch);
  const chosen = candidates.filter((one) => one.remote === remote);
  return { line, own: true, candidates: chosen.length > 0 ? chosen : candidates };
}

/** Why it is refused; empty: it is not. Where several remotes have the branch, one of them has to prove it. */
async function judgeConcern(
  directory: string,
  opened: OpenRepository,
  { line, own, candidates }: Concern,
  lines: readonly Line[],
  io: Io,
): Promise<readonly string[]> {
  const { ref, to } = line;
  const now = await readRef(opened.refs, ref);
  // Ending a merge sets the branch to where it is: nothing moves.
  if (to !== null && now === to) return [];
  let why: readonly string[] = ['it would become a symbolic ref'];
  for (const { entry, remote } of to === null ? [] : candidates) {
    // Of a fetch that moves everything at once, the new ledger is not in place yet.
    const coming = lines.find((one) => one.ref === `refs/remotes/${remote}/${LEDGER_BRANCH}`)?.to;
    const known = [...(coming ? [coming] : []), ...(await tipsOfLedgers(opened.refs, remote))];
    const question = { entry, to: to ?? entry.introduction, own };
    let judged = await judgeRef(opened, { ...question, ledgers: known }, io);
    if (!judged.passes) {
      const newest = await bringLedger(directory, remote);
      const ledgers = newest === null || known.includes(newest) ? null : [newest, ...known];
      if (ledgers !== null) judged = await judgeRef(opened, { ...question, ledgers }, io);
    }
    if (judged.passes) {
      if (own) return [];
      // What is refused is not remembered either: a merge made backwards has what is here, on another line.
      if (judged.trusted.seen === null && !(await goesForward(opened, now, question.to))) {
        why = [FORWARD_ALONE];
        break;
      }
      // What was served and proven is the highest state seen, whatever becomes of the transaction.
      const unkept = await keep(judged.trusted, io);
      if (unkept === null && judged.trusted.accepted !== null) return [];
      if (unkept !== null) {
        io.err(
          findingLines(unkept)
            .map((text) => `countersign: ${text.trim()}\n`)
            .join(''),
        );
      }
      if (await goesForward(opened, now, question.to)) return [];
      why = [FORWARD_ALONE];
      break;
    }
    why = reasons(judged.trusted, 'countersign fetch');
  }
  const [first] = candidates;
  const out =
    own || first === undefined
      ? await afterMove(directory, ref, to, io.environment)
      : afterFetch(first.remote, first.entry.branch);
  return [
    `countersign: ${clean(ref)} is a trusted branch, and does not move to what is not proven:`,
    ...why.map((text) => `  ${text}`),
    ...out.map((text) => `  → ${cleanSentence(text)}`),
  ];
}

const FORWARD_ALONE =
  'nothing is remembered of it, so that it goes forward alone, and this goes back or elsewhere';

function parseLines(input: string): readonly Line[] {
  return input.split('\n').flatMap((text) => {
    const [, to = '', ref = ''] = text.split(' ');
    if (ref === '' || isZero(to)) return [];
    return [{ ref, to: parseOid(to) }];
  });
}
