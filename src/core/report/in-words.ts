import { describe, type Finding } from '../verdict/finding.ts';
import { addressOf } from './address.ts';
import { clean } from './clean.ts';
import type { ReportContext } from './context.ts';

const MOST_NAMES = 12;

/**
 * A finding in words that are safe on a terminal, in a log and, through `markdown`, on a page. With a context, people who
 * could do something are addressed by their logins too.
 */
export function inWords(
  found: Finding,
  context: ReportContext | null = null,
): { readonly cause: string; readonly remedy: readonly string[] } {
  const data = context === null ? cleanAll(found.data) : address(cleanAll(found.data), context);
  // The data keeps its shape, only its strings change: they are what an attacker may have chosen.
  return describe({ ...found, data } as Finding);
}

function cleanAll(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanAll);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanAll(inner)]));
  }
  return value;
}

/** Lists of people who could act, under these names throughout the catalogue. Of a large group the first few. */
function address(data: unknown, context: ReportContext): unknown {
  if (data === null || typeof data !== 'object') return data;
  const addressed: Record<string, unknown> = { ...data };
  for (const key of ['candidates', 'adopters', 'overrulers']) {
    const names = addressed[key];
    if (!Array.isArray(names)) continue;
    const shown = names.slice(0, MOST_NAMES).map((name) => addressOf(String(name), context));
    addressed[key] = names.length > shown.length ? [...shown, `${names.length - shown.length} more`] : shown;
  }
  return addressed;
}
