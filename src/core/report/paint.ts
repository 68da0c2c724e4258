import type { Outcome } from '../verdict/outcome.ts';

/** How a word is coloured; the identity where there is no terminal. */
export type Paint = (outcome: Outcome | 'dim' | 'bold', text: string) => string;

export const PLAIN: Paint = (_outcome, text) => text;
