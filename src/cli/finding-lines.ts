import { cleanSentence } from '../core/report/clean.ts';
import { PLAIN, type Paint } from '../core/report/paint.ts';
import { describe, type Finding } from '../core/verdict/finding.ts';

/** A finding below what it is about: its cause with its code, then what to do. Safe on a terminal, without line ends. */
export function findingLines(found: Finding, paint: Paint = PLAIN): readonly string[] {
  const cause = `  ${cleanSentence(describe(found).cause)} ${paint('dim', `[${found.code}]`)}`;
  return [cause, ...remedyLines(found)];
}

/** What to do alone, where the cause stands elsewhere. */
export function remedyLines(found: Finding): readonly string[] {
  return describe(found).remedy.map((line) => `    → ${cleanSentence(line)}`);
}
