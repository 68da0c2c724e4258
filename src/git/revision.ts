/** A revision as a person wrote it (gitrevisions(7)): a name that git looks up, and steps that we walk ourselves. */
export interface Revision {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** `^2`: the second parent, once. `~3`: the first parent, three times. */
export interface Step {
  readonly parent: number;
  readonly times: number;
}

const NAME = /^(?:@\{[^}]*\}|[^~^:])+/;
const STEP = /^(?:~([0-9]{0,6})|\^([0-9]{1,3})|\^(\{(?:commit|0)?\})|\^)/;

/**
 * `null` for what names no commit by a name and steps, as `:/text`, `REV:path` or `REV^{tree}`: git would search or walk
 * for it in the judged repository, by graphs that anybody may have written there (attack 57).
 */
export function parseRevision(text: string): Revision | null {
  const name = NAME.exec(text)?.[0];
  if (name === undefined || name.startsWith('-') || /\0|\.\./.test(name)) return null;
  const steps: Step[] = [];
  let rest = text.slice(name.length);
  while (rest !== '') {
    const [taken, generations, number, peel] = STEP.exec(rest) ?? [];
    if (taken === undefined) return null;
    if (generations !== undefined)
      steps.push({ parent: 1, times: Number(generations === '' ? 1 : generations) });
    else if (peel === undefined) steps.push({ parent: Number(number ?? 1), times: 1 });
    rest = rest.slice(taken.length);
  }
  return { name, steps };
}
