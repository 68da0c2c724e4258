/**
 * Words with an attacker's text in them, made safe for the place where they are shown. In the catalogue's sentences
 * backticks stand around data; `clean` takes them out of the data itself, so that those left are ours.
 */

const LONGEST_VALUE = 300;

/**
 * What changes how text is shown instead of being shown: control characters (terminal escapes among them), separators
 * other than the plain blank, bidirectional and other format characters, everything that is drawn as nothing, surrogates
 * without a partner.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** Text with everything invisible spelled out. */
export function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** One value on one line: nothing invisible, no backtick, at most 300 characters. */
export function clean(text: string): string {
  const shown = showInvisible(text.slice(0, LONGEST_VALUE * 2));
  const cut = shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
  return cut.replaceAll('`', "'");
}

/** A sentence of ours with an attacker's text in it, for a terminal: cleaned like a value, but with its backticks kept. */
export function cleanSentence(text: string): string {
  return text.split('`').map(clean).join('`');
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
