import { quoted } from './words.ts';

/** What is told of one person. Whoever may do more than this is said to, and no more is kept of it. */
const MOST_SHOWN = 20;

/** What people may do under one policy and not under the other, put together for each of them. */
export class Roles {
  readonly #byPerson = new Map<string, Map<string, Set<string>>>();

  /** @param branches patterns of the branches that it is about; empty: it is about none in particular */
  add(person: string, role: string, branches: readonly string[]): void {
    const roles = this.#byPerson.get(person) ?? new Map<string, Set<string>>();
    this.#byPerson.set(person, roles);
    const on = roles.get(role);
    if (on === undefined && roles.size > MOST_SHOWN) return;
    roles.set(role, new Set([...(on ?? []), ...branches]));
  }

  /** By person: what they may do, as the end of a sentence. */
  all(): { person: string; roles: string; branches: string[] }[] {
    return [...this.#byPerson].sort(byName).map(([person, roles]) => {
      const told = [...roles].map(([role, on]) => (on.size === 0 ? role : `${role} on ${quoted([...on])}`));
      const shown = told.length > MOST_SHOWN ? [...told.slice(0, MOST_SHOWN), 'and more'] : told;
      const branches = [...new Set([...roles.values()].flatMap((on) => [...on]))];
      return { person, roles: shown.join('; '), branches };
    });
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
