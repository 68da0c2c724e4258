import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Unreadable } from '../gather/ports.ts';
import { killGroup, scrub } from './run.ts';

/** Of what git says while it downloads, the end is kept: there it says what went wrong. */
const LAST_WORDS = 16 * 1024;
/** A first download of nixpkgs over a slow line takes hours. */
const DOWNLOAD_MS = 12 * 60 * 60_000;

/**
 * Waits for a `git fetch --stdin` that was just started: gives it the refs, one a line, hands on what it says of its
 * progress, and ends it where it takes too long. `said` is plain ASCII.
 */
export async function download(
  child: ChildProcessWithoutNullStreams,
  refs: readonly string[],
  onProgress: ((text: string) => void) | undefined,
): Promise<{ readonly code: number | null; readonly said: string }> {
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1').replace(/[^\r\n\x20-\x7e]/g, '?');
    said = (said + text).slice(-LAST_WORDS);
    onProgress?.(text);
  });
  const timer = setTimeout(() => {
    killGroup(child);
  }, DOWNLOAD_MS);
  child.stdin.on('error', () => undefined);
  child.stdin.end(refs.map((ref) => `${ref}\n`).join(''));
  child.stdout.resume();
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('close', resolve);
      child.on('error', (cause) => {
        reject(new Unreadable('git-failed', 'git could not be started; is it installed?', { cause }));
      });
    });
    return { code, said };
  } finally {
    clearTimeout(timer);
  }
}

/** What git said at last, without the lines by which it told how far it was, and without anybody's token. */
export function lastWords(said: string): string {
  const lines = said.split(/[\r\n]+/);
  const words = lines.filter((line) => /^(?:fatal|error|ERROR):|denied|refused|verification/.test(line));
  return scrub((words.length === 0 ? lines : words).join('\n'), []);
}
