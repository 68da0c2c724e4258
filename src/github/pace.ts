/** How fast requests may go out that make something for people to see (docs: best practices for the REST API). */
export interface Pace {
  /** Waits for one's turn, first come, first served, and gives `null`; or the time of a turn that is too far off to wait for. */
  take(): Promise<number | null>;
}

export interface PaceOptions {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const MOST_AT_ONCE = 80;
const WINDOW_MS = 60_000;
/** With this, 160 requests wait at most. */
const LONGEST_WAIT = 2 * WINDOW_MS;

/** At most 80 turns in any minute. Whoever waits has a turn of their own already, so nobody is passed over. */
export function openPace({ sleep, now }: PaceOptions): Pace {
  /** When the last turns were, or will be. */
  const turns: number[] = [];
  return {
    async take() {
      const asked = now();
      const oldest = turns.length < MOST_AT_ONCE ? undefined : turns[0];
      const turn = oldest === undefined ? asked : Math.max(asked, oldest + WINDOW_MS);
      if (turn - asked > LONGEST_WAIT) return turn;
      turns.push(turn);
      if (turns.length > MOST_AT_ONCE) turns.shift();
      if (turn > asked) await sleep(turn - asked);
      return null;
    },
  };
}
