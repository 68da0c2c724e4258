import type { Built } from './build.ts';
import type { History, Step } from './history.ts';
import type { Entry } from './ledger.ts';

/** The same history with something else in one step. Steps count from 1. */
export function changed(history: History, step: number, edit: Partial<Step>): History {
  return {
    ...history,
    steps: history.steps.map((one, index) => (index === step - 1 ? { ...one, ...edit } : one)),
  };
}

/** The same history with more steps after its last one. */
export function extended(history: History, ...more: readonly Step[]): History {
  return { ...history, steps: [...history.steps, ...more] };
}

/** The ledger without some of its entries, as a new commit on top of it, or with no past at all. */
export function withoutEntries(
  { ledger }: Built,
  isDropped: (entry: Entry) => boolean,
  how: 'on top' | 'rewritten' = 'rewritten',
): void {
  const kept = ledger.entries.filter((entry) => !isDropped(entry));
  if (kept.length === ledger.entries.length) throw new Error('nothing was dropped');
  ledger.set(ledger.make(kept, how === 'on top' ? (ledger.tips.at(-1) ?? null) : null));
}

/** The ledger with other texts added to it. */
export function withTexts({ ledger }: Built, texts: readonly string[]): void {
  ledger.append(texts.map((text): Entry => ({ kind: 'other', step: 0, by: '', text })));
}

/** What somebody signed about a step; there is exactly one such entry. */
export function entryOf({ ledger }: Built, step: number, by: string): Entry {
  const [found, ...others] = ledger.entries.filter((entry) => entry.step === step && entry.by === by);
  if (found === undefined || others.length > 0) throw new Error(`not one entry of ${by} about step ${step}`);
  return found;
}
