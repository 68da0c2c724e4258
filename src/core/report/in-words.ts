import { describe, type Finding } from '../verdict/finding.ts';
import { clean } from './clean.ts';

/** A finding in words that are safe on a terminal, in a log and, through `markdown`, on a page. */
export function inWords(found: Finding): { readonly cause: string; readonly remedy: readonly string[] } {
  // The data keeps its shape, only its strings change: they are what an attacker may have chosen.
  return describe({ ...found, data: cleanAll(found.data) } as Finding);
}

function cleanAll(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanAll);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanAll(inner)]));
  }
  return value;
}
