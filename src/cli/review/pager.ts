import { parseCommandWords } from '../../signing/command-words.ts';
import { runTool, showThrough } from '../../signing/tool.ts';
import type { Io } from '../io.ts';
import { uninterrupted } from './ask.ts';

/** What a shell would do more with than to divide words. */
const SHELL = /[$`&|;<>()*?[\]~#!\n]/;
const FALLBACK = ['less', '-R'];

/**
 * Shows a text in the person's pager as git would choose it: GIT_PAGER, core.pager, PAGER, less (git-var(1)), asked
 * outside of any repository, so that no repository's configuration names a program. It is started without a shell; a pager
 * that needs one is passed over for `less`. On no terminal the text is printed.
 */
export async function page(text: AsyncIterable<string>, io: Io): Promise<void> {
  const words = io.terminal?.out === true ? await pagerWords() : null;
  if (words === null) return print(text, io);
  const [program = 'less', ...args] = words;
  // As git sets them where the person did not (pager.c): colours, and no pager for what fits on one screen.
  const environment = { LESS: 'FRX', LV: '-c', ...process.env };
  const started = await uninterrupted(() => showThrough(program, args, text, environment));
  if (!started) await print(text, io);
}

async function print(text: AsyncIterable<string>, io: Io): Promise<void> {
  for await (const part of text) {
    io.out(part);
    await io.flushed?.();
  }
}

async function pagerWords(): Promise<readonly string[] | null> {
  const ran = await runTool('git', ['var', 'GIT_PAGER'], { directory: '/', quiet: true });
  const line = ran.started && ran.code === 0 ? new TextDecoder().decode(ran.stdout).trim() : 'less';
  if (line === '' || line === 'cat') return null;
  const words = SHELL.test(line) ? null : parseCommandWords(line);
  return words !== null && words.length > 0 ? words : FALLBACK;
}
