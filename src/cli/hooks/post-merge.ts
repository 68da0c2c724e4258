import { clean } from '../../core/report/clean.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { openRepository } from '../../git/reader.ts';
import { readCheckout, readUpstream } from '../../git/worktree.ts';
import { short } from '../history/words.ts';
import { EXIT, type Io } from '../io.ts';
import { openHookTrust } from './guard.ts';
import { judgeRef, reasons, trustedRemotes } from './judge-ref.ts';
import type { HookCall } from './run.ts';

/** Says after a merge or a pull whether the branch is still proven. It is too late to refuse anything. */
export async function postMerge({ directory, args }: HookCall, io: Io): Promise<number> {
  // A squash leaves the branch where it was.
  if (args[0] === '1') return EXIT.pass;
  const { branch, commit } = await readCheckout(directory);
  if (branch === null || commit === null) return EXIT.pass;
  const trust = await openHookTrust(io);
  const remotes = (await trustedRemotes(directory, trust, io.path('.'))).flatMap(({ name, entries }) =>
    entries.filter((entry) => entry.branch === branch).map((entry) => ({ entry, name })),
  );
  const upstream = await readUpstream(directory, branch);
  const chosen = remotes.find(({ name }) => name === upstream.remote) ?? remotes[0];
  if (chosen === undefined) return EXIT.pass;
  const opened = await openRepository(directory);
  try {
    const ledgers = await tipsOfLedgers(opened.refs, chosen.name);
    const question = { entry: chosen.entry, to: commit, ledgers, own: true };
    const { passes, trusted } = await judgeRef(opened, question, io);
    if (passes) return EXIT.pass;
    io.err(`countersign: WARNING: ${clean(branch)} has come to ${short(commit)}, which is not proven:\n`);
    for (const line of reasons(trusted, 'countersign pull')) io.err(`  ${line}\n`);
    io.err(
      '  → `git reset --keep ORIG_HEAD` takes it back to where it was; then `countersign pull` brings what is proven\n',
    );
    return EXIT.fail;
  } finally {
    await opened.dispose();
  }
}
