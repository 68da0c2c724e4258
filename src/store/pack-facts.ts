import { gzipSync } from 'node:zlib';
import type { Facts } from '../core/facts/facts.ts';
import { encodeFacts } from '../core/facts/json.ts';

/** Larger facts are not kept; the verdict is. */
export const LARGEST_FACTS = 16 * 1024 * 1024;

/** The facts' JSON form, gzipped, for the audit trail. `null` where they are larger than the trail keeps. */
export function packFacts(facts: Facts): Uint8Array | null {
  if (sizeOf(facts) > LARGEST_FACTS) return null;
  const packed = gzipSync(encodeFacts(facts));
  return packed.length > LARGEST_FACTS ? null : packed;
}

/** About how many bytes the facts hold, without encoding them. */
function sizeOf({ commits, change, landing, contents, statements, spans }: Facts): number {
  const all = [...commits, ...spans.flatMap((span) => span.commits)];
  const raws = all.reduce((sum, { raw }) => sum + raw.length, 0);
  const changes = [change, ...(landing ? [landing] : []), ...spans.map((span) => span.change)];
  const files = changes.flatMap((one) => one.files).reduce((sum, { path }) => sum + path.length + 200, 0);
  const texts = statements.reduce((sum, { text, armor }) => sum + text.length + armor.length, 0);
  return raws + files + texts + contents.size * 120;
}
