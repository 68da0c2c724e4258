import { styleText } from 'node:util';
import { showInvisible } from '../../core/report/clean.ts';
import type { PatchEnd } from '../../git/patch.ts';

const LONGEST_LINE = 10_000;
const MOST_HELD = 1 << 20;

/** What was not shown, for the person to know before they decide. */
export interface Shown {
  cut: boolean;
  /** Files whose contents git did not show. */
  binary: number;
}

/**
 * A difference for a terminal: line by line, everything invisible spelled out, so that neither a terminal escape nor a
 * character that turns the direction of text can hide a change. Colours are ours and come after that.
 *
 * @param shown is told what was left out, once the text has been read to its end
 */
export async function* cleanPatch(
  patch: AsyncGenerator<Buffer, PatchEnd>,
  colour: boolean,
  shown: Shown,
): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  // Whether the start of a line was shown whose end has not come yet.
  let skipping = false;
  try {
    for (;;) {
      const next = await patch.next();
      if (next.done === true) {
        shown.cut ||= next.value.cut;
        break;
      }
      const bytes = skipping ? afterLine(next.value) : Buffer.concat([rest, next.value]);
      if (bytes === null) continue;
      skipping = false;
      const end = bytes.lastIndexOf(0x0a) + 1;
      rest = bytes.subarray(end);
      if (end > 0) yield showLines(bytes.subarray(0, end), colour, shown);
      if (rest.length <= MOST_HELD) continue;
      // Nobody can make us hold all of a line. What follows is left out: without its sign it would look like another line.
      yield showLines(rest, colour, shown);
      rest = Buffer.alloc(0);
      skipping = true;
    }
    if (rest.length > 0) yield showLines(rest, colour, shown);
    if (shown.cut) yield '… the difference is longer than is shown here\n';
  } finally {
    await patch.return({ cut: true });
  }
}

/** What comes after the end of the line; `null` where that is not here. */
function afterLine(bytes: Buffer): Buffer | null {
  const end = bytes.indexOf(0x0a);
  return end < 0 ? null : bytes.subarray(end + 1);
}

function showLines(bytes: Buffer, colour: boolean, shown: Shown): string {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(0x0a, from);
    const end = found < 0 ? bytes.length : found;
    lines.push(`${showLine(textOf(bytes.subarray(from, end)), colour, shown)}\n`);
    from = end + 1;
  }
  return lines.join('');
}

/** Bytes that are no text are spelled out too: two of them must not look alike. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes
      .toString('latin1')
      .replace(/[\u0080-\u00ff]/g, (unit) => `\\x${unit.charCodeAt(0).toString(16)}`);
  }
}

function showLine(line: string, colour: boolean, shown: Shown): string {
  if (/^Binary files .* differ$/.test(line)) shown.binary += 1;
  const more = line.length - LONGEST_LINE;
  if (more > 0) shown.cut = true;
  const text =
    cleanLine(line.slice(0, LONGEST_LINE)) + (more > 0 ? `… (${more} or more characters left out)` : '');
  return colour ? paintLine(text) : text;
}

/** Tabs stay: they are what they look like. */
function cleanLine(line: string): string {
  return line.split('\t').map(showInvisible).join('\t');
}

function paintLine(line: string): string {
  if (line.startsWith('+++ ') || line.startsWith('--- ') || line.startsWith('diff --git ')) {
    return styleText('bold', line, { validateStream: false });
  }
  if (line.startsWith('@@ ')) return styleText('cyan', line, { validateStream: false });
  if (line.startsWith('+')) return styleText('green', line, { validateStream: false });
  if (line.startsWith('-')) return styleText('red', line, { validateStream: false });
  return line;
}
