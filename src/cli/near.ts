const NEAR = 2;
const MOST_SHOWN = 3;
/** A longer word is no name of anybody: comparing takes the product of two lengths. */
const LONGEST = 200;

/** Those of some names that a misspelt one may stand for, the nearest first: at most three, two changes away. */
export function nearTo(word: string, names: readonly string[]): readonly string[] {
  const folded = word.toLowerCase();
  if (folded.length > LONGEST) return [];
  return names
    .filter((name) => name.length <= LONGEST && name !== word)
    .map((name) => ({ name, distance: editDistance(folded, name.toLowerCase()) }))
    .filter(({ distance, name }) => distance <= Math.min(NEAR, name.length - 1))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_SHOWN)
    .map(({ name }) => name);
}

/** `null` where nothing is near. */
export function didYouMean(word: string, names: readonly string[]): string | null {
  const near = nearTo(word, names).map((name) => `\`${name}\``);
  return near.length === 0 ? null : `did you mean ${near.join(' or ')}?`;
}

/** Levenshtein's: how many characters must be put in, taken out or changed. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.split('').entries()) {
    const line = [row + 1];
    for (const [column, other] of b.split('').entries()) {
      const changed = (above[column] ?? 0) + (letter === other ? 0 : 1);
      line.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
