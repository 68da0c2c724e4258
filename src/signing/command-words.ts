/**
 * The words of a command line as git divides a configured command without a shell (alias.c, `split_cmdline`): blanks
 * separate, single and double quotes hold together, a backslash outside single quotes takes the next character as it is.
 * `null` for an open quote or a backslash at the end.
 */
export function parseCommandWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quote === '' && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote !== '' && character === quote) {
      quote = '';
    } else if (character === '\\' && quote !== "'") {
      at += 1;
      if (at === line.length) return null;
      word = (word ?? '') + line.charAt(at);
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return null;
  return word === null ? words : [...words, word];
}
