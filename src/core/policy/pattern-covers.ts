import { advance, expand, unused, type Pattern } from './pattern.ts';

/** What comparing patterns may still cost. Past it nothing counts as covered and all as overlapping, the strict reading. */
export interface Budget {
  /** Patterns that may still be looked at, and automaton states, which count ten times. */
  left: number;
}

const SLASH = 0x2f;
/** More patterns than this are tried one by one, not together. */
const MOST_TOGETHER = 12;

export function openBudget(): Budget {
  return { left: 5_000_000 };
}

/** `false` where the budget has ended. */
export function spend(budget: Budget, cost: number): boolean {
  budget.left -= cost;
  return budget.left >= 0;
}

/**
 * Whether every path that `pattern` matches is matched by one of `others`: of each by itself, and of all of them together
 * where they are few. `false` where the budget ends before the answer.
 */
export function covers(others: readonly Pattern[], pattern: Pattern, budget: Budget): boolean {
  if (!spend(budget, others.length)) return false;
  if (others.some(({ source }) => source === pattern.source || source === '**')) return true;
  const near = others.filter((other) => mayMeet(other, pattern));
  if (near.some((other) => includes([other], pattern, budget))) return true;
  return near.length > 1 && near.length <= MOST_TOGETHER && includes(near, pattern, budget);
}

/** Two patterns that begin with different literal bytes share no path. */
export function mayMeet(a: Pattern, b: Pattern): boolean {
  const length = Math.min(a.tokens.length, b.tokens.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [a.tokens[at], b.tokens[at]];
    if (left?.kind !== 'byte' || right?.kind !== 'byte') return true;
    if (left.byte !== right.byte) return false;
  }
  return true;
}

/** The automata walked together, over an alphabet in which one byte stands for all that no literal is. */
function includes(others: readonly Pattern[], pattern: Pattern, budget: Budget): boolean {
  const all = [pattern, ...others];
  const alphabet = alphabetOf(all);
  const start = all.map((each) => expand(each, new Set([0]), true));
  const seen = new Set<string>();
  const open = [start];
  for (let states = open.pop(); states !== undefined; states = open.pop()) {
    const accepts = states.map((set, index) => set.has(all[index]?.tokens.length ?? -1));
    // No path is empty.
    if (states !== start && accepts[0] === true && !accepts.slice(1).includes(true)) return false;
    for (const byte of alphabet) {
      if (!spend(budget, 10 * states.reduce((sum, set) => sum + set.size, 1))) return false;
      const next = states.map((set, index) => {
        const each = all[index];
        return each === undefined ? set : expand(each, advance(each, set, byte), byte === SLASH);
      });
      if (next[0]?.size === 0) continue;
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return true;
}

/** Every literal byte, `/`, and one that stands for all others. */
export function alphabetOf(patterns: readonly Pattern[]): ReadonlySet<number> {
  const literal = patterns.flatMap(({ tokens }) =>
    tokens.flatMap((token) => (token.kind === 'byte' ? [token.byte] : [])),
  );
  return new Set([...literal, SLASH, unused(new Set(literal))]);
}

export function keyOf(states: readonly ReadonlySet<number>[]): string {
  return states.map((set) => [...set].sort((a, b) => a - b).join(',')).join('|');
}
