import { changeDigest } from '../../facts/digest.ts';
import type { Facts, SignedSpan } from '../../facts/facts.ts';
import type { Oid } from '../../object/id.ts';
import type { Opinion } from './accepted.ts';

/** What a statement encloses, as we computed it ourselves. */
export interface Enclosed {
  readonly span: SignedSpan;
  /** The change digest; `null` where there is no one merge base, or content is missing. */
  readonly digest: string | null;
}

/** By base and head. Built once: many statements name the same two commits. */
export type Enclosures = ReadonlyMap<string, Enclosed>;

export function encloseAll({ spans, contents }: Facts): Enclosures {
  return new Map(
    spans.map((span): [string, Enclosed] => {
      const digest = span.mergeBases?.length === 1 ? changeDigest(span.change.files, contents) : null;
      return [keyOf(span), { span, digest }];
    }),
  );
}

/** `null` where it could not be found out what lies between the two: then the statement speaks for nothing. */
export function enclosedBy(enclosures: Enclosures, { base, head }: Opinion): Enclosed | null {
  return enclosures.get(keyOf({ base, head })) ?? null;
}

function keyOf({ base, head }: { readonly base: Oid; readonly head: Oid }): string {
  return `${base} ${head}`;
}

/** Spent (trust.md C15): what the statement speaks for has landed, so it speaks for nothing that is to land now. */
export function isSpent({ headLanded, repeatedBy }: SignedSpan): boolean {
  return headLanded || repeatedBy !== null;
}
