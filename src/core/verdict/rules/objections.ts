import type { Assessment } from '../assess.ts';
import { ruling, type Ruling } from '../verdict.ts';

/** A signed "no" of anybody on the roster blocks, whatever others signed (trust.md C18). */
export function judgeObjections({ objections: { findings } }: Assessment): Ruling {
  const title = findings.length > 0 ? 'objections' : 'nobody has signed a "no"';
  return ruling('objections', title, findings);
}
