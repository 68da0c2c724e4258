const LONGEST_PATTERN = 1022;

/**
 * Whether ssh-keygen takes `text` for one that a list of patterns allows (OpenSSH's match.c, `match_pattern_list`): one
 * pattern fits and none that begins with `!` does, wherever it stands. `*` is any letters, `?` any one; nothing else has a
 * meaning. A list with a pattern of more than 1,022 letters allows nothing that a pattern before it did not refuse.
 */
export function isAllowed(text: string, patterns: readonly string[]): boolean {
  let allowed = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    const own = negated ? pattern.slice(1) : pattern;
    if (own.length > LONGEST_PATTERN) return false;
    if (!fits(text, own)) continue;
    if (negated) return false;
    allowed = true;
  }
  return allowed;
}

/** Goes back to the last `*` alone, which is enough: at most `text` times `pattern` steps. */
function fits(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    const letter = pattern.charAt(next);
    if (letter === '*') {
      star = next;
      from = at;
      next += 1;
    } else if (letter === '?' || letter === text.charAt(at)) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      from += 1;
      at = from;
      next = star + 1;
    } else return false;
  }
  while (pattern.charAt(next) === '*') next += 1;
  return next === pattern.length;
}
