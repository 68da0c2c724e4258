import { list } from '../verdict/catalogue/entry.ts';
import { clean } from './clean.ts';
import type { ReportContext } from './context.ts';

const MOST_NAMES = 12;

/**
 * How a person is addressed: `alice (GitHub: alice)`. Plain words without a mention, so that nobody is notified by a
 * text that anybody may cause.
 */
export function addressOf(name: string, { logins }: ReportContext): string {
  const login = logins?.get(name);
  return login === undefined ? clean(name) : `${clean(name)} (GitHub: ${clean(login)})`;
}

/** Several people, each as they are addressed; of a large group the first few. */
export function addressAll(names: readonly string[], joiner: string, context: ReportContext): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => addressOf(name, context));
  const more = names.length - shown.length;
  return list(more > 0 ? [...shown, `${more} more`] : shown, joiner);
}
