/**
 * Words with an attacker's text in them, made safe for the place where they are shown. In the catalogue's sentences
 * backticks stand around data; `clean` takes them out of the data itself, so that those left are ours.
 */
import { describe, type Finding } from '../verdict/finding.ts';

const LONGEST_VALUE = 300;

/**
 * What changes how text is shown instead of being shown: control characters (terminal escapes among them), line and
 * paragraph separators, bidirectional marks, embeddings, overrides and isolates, invisible characters, tags, surrogates
 * without a partner.
 */
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/** One value on one line: nothing invisible, no backtick, at most 300 characters. */
export function clean(text: string): string {
  const shown = text.slice(0, LONGEST_VALUE * 2).replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
  const cut = shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
  return cut.replaceAll('`', "'");
}

/** A sentence of ours with an attacker's text in it, for a terminal: cleaned like a value, but with its backticks kept. */
export function cleanSentence(text: string): string {
  return text.split('`').map(clean).join('`');
}

/** A finding in words that are safe on a terminal, in a log and, through `markdown`, on a page. */
export function inWords(found: Finding): { readonly cause: string; readonly remedy: readonly string[] } {
  // The data keeps its shape, only its strings change: they are what an attacker may have chosen.
  return describe({ ...found, data: cleanAll(found.data) } as Finding);
}

function cleanAll(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanAll);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanAll(inner)]));
  }
  return value;
}

/** A cleaned sentence as Markdown: what stands in backticks becomes code, everything else plain text without effect. */
export function markdown(sentence: string): string {
  const parts = sentence.split('`');
  return parts
    .map((part, index) => {
      const inCode = index % 2 === 1 && index < parts.length - 1;
      return inCode ? codeSpan(part) : escapeMarkdown(part);
    })
    .join('');
}

function codeSpan(text: string): string {
  return text.trim() === '' ? escapeMarkdown(text) : `\`${text}\``;
}

/** A zero-width space keeps mentions, issue numbers and addresses from becoming links or notifications. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\*_{}[\]()#|~!]/g, '\\$&')
    .replace(/@|:(?=\/\/)|www(?=\.)/g, '$&\u200b');
}

/** A word for a POSIX shell, quoted where it is not plain. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
