import { alphabetOf, keyOf, mayMeet, spend, type Budget } from './pattern-covers.ts';
import { advance, expand, type Pattern } from './pattern.ts';

const SLASH = 0x2f;

/**
 * Whether some path matches both patterns: the two automata walked together over a small alphabet that stands for all
 * bytes. `true`, the strict reading, where the budget ends before the answer.
 */
export function overlap(a: Pattern, b: Pattern, budget: Budget): boolean {
  if (!mayMeet(a, b)) return !spend(budget, 1);
  const alphabet = alphabetOf([a, b]);
  const start: readonly [Set<number>, Set<number>] = [
    expand(a, new Set([0]), true),
    expand(b, new Set([0]), true),
  ];
  const seen = new Set<string>();
  const open = [start];
  for (let states = open.pop(); states !== undefined; states = open.pop()) {
    const [left, right] = states;
    if (left.has(a.tokens.length) && right.has(b.tokens.length)) return true;
    for (const byte of alphabet) {
      if (!spend(budget, 10 * (left.size + right.size + 1))) return true;
      const next: readonly [Set<number>, Set<number>] = [
        expand(a, advance(a, left, byte), byte === SLASH),
        expand(b, advance(b, right, byte), byte === SLASH),
      ];
      if (next[0].size === 0 || next[1].size === 0) continue;
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return false;
}
