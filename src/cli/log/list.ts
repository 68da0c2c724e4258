import type { SignerKey } from '../../core/signature/proof.ts';
import { jsonText } from '../../core/report/json.ts';
import type { Selection } from '../../git/commit-stream.ts';
import type { OpenRepository } from '../../git/reader.ts';
import type { Io } from '../io.ts';
import type { LogOptions, Tell } from './command.ts';
import { verifyCommit } from './commits.ts';
import type { Holders } from './holders.ts';
import { lineOf } from './line.ts';
import type { VerifiedCommit } from './line.ts';
import { inOrder } from './order.ts';
import { openProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { count, newTally, summary, textOf } from './text.ts';

const FLOW = { inFlight: 512, weight: 8 << 20, waiting: 2048 };

/** Verifies the commits of a selection and prints a line or two on each, in the order of `git log`. */
export async function listCommits(
  opened: OpenRepository,
  selection: Selection,
  holders: Holders,
  { json }: LogOptions,
  io: Io,
  tell: Tell,
): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const tally = newTally();
  const progress = progressFor(opened, selection, io);
  const commits = inOrder(
    opened.stream(selection),
    (stored) => verifyCommit(stored, holders.keys, opened.shallow),
    FLOW,
    ({ raw }) => raw.length,
  );
  try {
    for await (const ready of commits) {
      await holders.judge(ready.flatMap(signersOf));
      let text = '';
      for (const commit of ready) {
        const line = lineOf(commit, holders.holderOf, now);
        count(tally, line);
        text += json === true ? `${jsonText(line)}\n` : textOf(commit, line, holders.holderOf, io.paint);
      }
      progress?.clear();
      io.out(text);
      progress?.show(tally.commits);
      await io.flushed?.();
    }
  } finally {
    progress?.clear();
    tell(summary(tally));
  }
}

/** Keys whose signatures are good: only of these the certificates are judged. */
function signersOf(commit: VerifiedCommit): SignerKey[] {
  if (!commit.ok) return [];
  return [commit, ...commit.mergetags.filter((tag) => tag.ok)].flatMap(({ proof }) =>
    proof.status === 'good' && proof.key !== null ? [proof.key] : [],
  );
}

/** A bar where standard error is a terminal that standard output does not fill with text. */
function progressFor(opened: OpenRepository, selection: Selection, { terminal, err }: Io): Progress | null {
  if (terminal?.err !== true || terminal.out) return null;
  return openProgress(err, opened.count(selection));
}
