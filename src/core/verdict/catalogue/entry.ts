import type { Outcome } from '../outcome.ts';

/** One kind of finding: how bad it is, what happened, and what a person can do about it. All three follow from its data. */
export interface Entry<Data> {
  readonly outcome: Outcome | ((data: Data) => Outcome);
  /** One sentence, lower-case start, no final period; short enough for a title. */
  readonly cause: (data: Data) => string;
  /** What to do, a sentence each; empty where there is nothing for anybody to do. */
  readonly remedy: (data: Data) => readonly string[];
}

/** The first ten digits of an id or OpenPGP fingerprint, enough to find it again; an SSH fingerprint whole. For sentences only. */
export function short(id: string): string {
  return id.startsWith('SHA256:') ? id : id.slice(0, 10);
}

/** `alice`, `alice and bob`, `alice, bob and carol`. */
export function list(names: readonly string[], joiner = 'and'): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} ${joiner} ${names.at(-1) ?? ''}`;
}

export { counted as count } from '../../policy/words.ts';
