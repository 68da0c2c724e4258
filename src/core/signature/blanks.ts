/** What may stand at the end of a line without meaning, as a character's code: space, tab and CR. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

/** Without trailing spaces, tabs and CR. Linear, which a regular expression for it is not. */
export function trimBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(0, end);
}
