import { parseOid, type Oid } from '../../core/object/id.ts';
import { clean, cleanSentence, shellWord } from '../../core/report/clean.ts';
import { Unreadable } from '../../gather/ports.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import { EXIT, type Io } from '../io.ts';
import { allRemotes, wholeUrl } from '../pull/remote-url.ts';
import { short } from '../history/words.ts';
import { openHookTrust } from './guard.ts';
import { bringLedger, judgeRef, reasons } from './judge-ref.ts';
import type { HookCall } from './run.ts';

/** One line of githooks(5), "pre-push". */
interface Push {
  readonly branch: string;
  /** What is pushed; `null`: the branch is to be deleted. */
  readonly to: Oid | null;
  /** Where the branch is on the other side; `null`: it does not exist there yet. */
  readonly from: Oid | null;
}

const MOST_STEPS = 1_000_000;

/** Refuses to push to a trusted branch what nobody could prove afterwards. */
export async function prePush({ directory, args, input }: HookCall, io: Io): Promise<number> {
  const [name = '', url = ''] = args;
  const pushes = parsePushes(await input());
  const top = io.path('.');
  const remote = (await allRemotes(directory, top)).find((one) => one.name === name);
  const trust = await openHookTrust(io);
  const urls = [wholeUrl(url, top), ...(remote === undefined ? [] : [remote.url])];
  const entries = urls.flatMap((one) => findEntries(trust, one));
  const concerned = pushes.flatMap((push) => {
    const entry = entries.find(({ branch }) => branch === push.branch);
    return entry === undefined ? [] : [{ push, entry }];
  });
  if (concerned.length === 0) return EXIT.pass;
  const published = remote === undefined ? null : await bringLedger(directory, name);
  const opened = await openRepository(directory);
  try {
    const known = await tipsOfLedgers(opened.refs, remote?.name ?? null);
    const ledgers = published === null ? known : [published, ...known];
    const there = { remote: shellWord(clean(conceal(remote?.name ?? url))), ledgers };
    const refused: string[] = [];
    for (const { push, entry } of concerned) {
      const why = await judgePush(opened, push, entry, there, io);
      if (why.length === 0) continue;
      refused.push(
        `countersign: ${clean(push.branch)} on ${clean(conceal(name))} would not be provable any more:`,
      );
      refused.push(...why.map((line) => `  ${line}`));
    }
    if (refused.length === 0) return EXIT.pass;
    const last = 'countersign: nothing was pushed; `git push --no-verify` pushes without asking us';
    io.err([...refused, last].map((line) => `${line}\n`).join(''));
    return EXIT.fail;
  } finally {
    await opened.dispose();
  }
}

/** Why a push is refused; empty: it is not. */
async function judgePush(
  opened: OpenRepository,
  { to, from }: Push,
  entry: TrustEntry,
  { remote, ledgers }: { readonly remote: string; readonly ledgers: readonly Oid[] },
  io: Io,
): Promise<readonly string[]> {
  if (to === null) return ['a branch that others trust would be deleted'];
  if (from !== null && (await stepsBetween(opened, from, to)) === null) {
    return [
      `its newest commit there, ${short(from)}, is not among the first parents of ${short(to)}`,
      '→ fetch it, where it is not proven with `git -c core.hooksPath=/dev/null fetch`, and put what is yours on top of it',
    ];
  }
  const { passes, trusted } = await judgeRef(opened, { entry, to, ledgers, own: true }, io);
  if (passes) return [];
  const another = 'push it to a branch of another name, and propose it from there';
  return [
    ...reasons(trusted, 'countersign fetch'),
    `→ ${another}: \`git push ${remote} ${short(to)}:refs/heads/NAME\``,
  ];
}

async function stepsBetween({ repository }: OpenRepository, from: Oid, to: Oid): Promise<unknown> {
  try {
    return await repository.firstParents(from, to, MOST_STEPS);
  } catch (error) {
    if (error instanceof Unreadable && error.code === 'object-missing') return null;
    throw error;
  }
}

function parsePushes(input: string): readonly Push[] {
  return input.split('\n').flatMap((line) => {
    const [, to = '', ref = '', from = ''] = line.split(' ');
    if (!ref.startsWith('refs/heads/')) return [];
    return [{ branch: ref.slice('refs/heads/'.length), to: idOrNone(to), from: idOrNone(from) }];
  });
}

function idOrNone(text: string): Oid | null {
  const id = parseOid(text);
  if (id !== null) return /^0+$/.test(id) ? null : id;
  throw new Unreadable('git-failed', cleanSentence('git told the hook something that is no commit'), {
    passing: false,
  });
}
