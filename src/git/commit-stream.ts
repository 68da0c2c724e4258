import { MAX_COMMIT_BYTES } from '../core/object/commit.ts';
import type { ObjectFormat } from '../core/object/id.ts';
import { Unreadable } from '../gather/ports.ts';
import { commitRecords, RECORD_FORMAT } from './commit-records.ts';
import type { StoredCommit } from './commit-records.ts';
import { collectErrors, exitOf, failed, killGroup, runGit, startGit, startGitAfter } from './run.ts';

/** Which commits, in the words of git-rev-list(1): all made of full ids, `^` before those that are left out. */
export interface Selection {
  readonly revisions: readonly string[];
  readonly maxCount: number | null;
}

/** What is listed. */
export interface CommitSource {
  readonly gitDir: string;
  readonly format: ObjectFormat;
  /**
   * The file by which a repository says where it was cut (gitrepository-layout(5)), `null` for none: lists end there. A
   * list is no judgement, which never believes such a file (attack 57).
   */
  readonly shallow: string | null;
  /** Ends what is still being read. */
  readonly signal?: AbortSignal;
}

const SILENCE_MS = 120_000;

/**
 * The commits of a selection in the order of `git rev-list`, which is that of `git log`, as they come: git lists in one
 * process and reads in another, joined by a pipe. Nothing is hashed here, so that it is hashed once: by `parseCommit`.
 * Memory is that of one chunk; who takes the next chunk late makes git wait.
 *
 * Throws `Unreadable` after the commits that git could list: `object-missing` where history is cut.
 */
export async function* streamCommits(
  { gitDir, format, shallow, signal }: CommitSource,
  { revisions, maxCount }: Selection,
): AsyncGenerator<readonly StoredCommit[]> {
  if (revisions.length === 0) return;
  const listArgs = [...listing(maxCount), '--parents'];
  // git flushes after every id otherwise, which costs it a system call each.
  const list = startGit(listArgs, { gitDir, env: { GIT_FLUSH: '0', ...cutAt(shallow) } });
  const read = startGitAfter(list, ['cat-file', `--batch=${RECORD_FORMAT}`, '--buffer'], { gitDir });
  const listErrors = collectErrors(list, []);
  const readErrors = collectErrors(read, []);
  const ended = Promise.all([exitOf(list), exitOf(read)]);
  // Waited for below; a failure to start must not go unheard before that.
  ended.catch(() => undefined);
  list.stdin.on('error', () => undefined);
  list.stdin.end(`${revisions.join('\n')}\n`);

  const stop = (): void => {
    killGroup(list);
    killGroup(read);
  };
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort();
    stop();
  }, SILENCE_MS);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    const records = commitRecords(format, MAX_COMMIT_BYTES);
    for await (const chunk of read.stdout as AsyncIterable<Buffer>) {
      const found = records.take(chunk);
      // Only git's silence is timed: a reader may look at a page as long as they like.
      clearTimeout(timer);
      if (found.length > 0) yield found;
      timer.refresh();
    }
    const [listCode, readCode] = await ended;
    if (silence.signal.aborted)
      throw new Unreadable('git-failed', `git rev-list said nothing for ${SILENCE_MS / 1000} s`);
    const said = { stdout: new Uint8Array(), stderr: listErrors() };
    if (listCode !== 0 || /(?:^|; )(?:error|fatal):/.test(said.stderr)) {
      throw failed(listArgs, { ...said, code: listCode ?? -1 });
    }
    if (readCode !== 0 || records.open()) {
      throw new Unreadable('git-failed', `git cat-file stopped: ${readErrors()}`);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    stop();
    await ended.catch(() => undefined);
  }
}

/** How many commits are in a selection, by git's word alone: for showing how far a reader got. */
export async function countCommits(
  { gitDir, shallow }: CommitSource,
  { revisions, maxCount }: Selection,
): Promise<number | null> {
  const args = [...listing(maxCount), '--count'];
  const input = `${revisions.join('\n')}\n`;
  const result = await runGit(args, { gitDir, input, env: cutAt(shallow) }).catch(() => null);
  return result?.code === 0 ? Number(Buffer.from(result.stdout).toString('latin1')) : null;
}

function cutAt(shallow: string | null): Record<string, string> {
  return shallow === null ? {} : { GIT_SHALLOW_FILE: shallow };
}

function listing(maxCount: number | null): string[] {
  return ['rev-list', ...(maxCount === null ? [] : [`--max-count=${maxCount}`]), '--stdin'];
}
