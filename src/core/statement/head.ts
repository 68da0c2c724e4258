import type { Oid } from '../object/id.ts';
import { branch, constant, instant, oid, person, project } from './fields.ts';
import { form } from './form.ts';

/** Somebody says what the newest commit of a branch was at a time: `head/v1` (trust.md D20). */
export interface HeadStatement {
  readonly type: 'head';
  readonly project: string;
  readonly branch: string;
  readonly head: Oid;
  /** Seconds since the epoch, whole, before the year 10000; in the text `2026-11-23T13:00:00Z`. The signer's own word. */
  readonly time: number;
  readonly attester: string;
}

export const HEAD = form<HeadStatement>('head/v1', {
  type: constant('head'),
  project,
  branch,
  head: oid,
  time: instant,
  attester: person,
});
