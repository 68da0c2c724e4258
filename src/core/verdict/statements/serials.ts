import type { Oid } from '../../object/id.ts';
import type { Review } from '../../statement/statement.ts';
import { isPositive, type Accepted, type Opinion } from './accepted.ts';

/** Where one person stands on one head, after all that they signed about it. */
export interface Stand {
  readonly person: string;
  readonly head: Oid;
  /** Their "no", where that is their last word. */
  readonly against: Accepted<Review> | null;
  /** Their withdrawal, where that is their last word. */
  readonly withdrawn: Accepted<Review> | null;
  /** What of theirs speaks for the head: nothing unless that is their last word. */
  readonly positive: readonly Accepted<Opinion>[];
  readonly replaced: readonly Replaced[];
  /** The highest serial by which they spoke for the head or withdrew; 0 for none. It answers a "no" to an earlier head. */
  readonly answer: number;
}

export interface Replaced {
  readonly replaced: Accepted<Opinion>;
  readonly by: number;
}

/**
 * One stand for each person and head (trust.md C14). The highest serial decides the direction; of equal ones reject goes
 * before withdraw before what is positive. Opinion statements above the highest negative one count side by side: an
 * approval does not replace an adoption. Order and dates mean nothing.
 */
export function takeStands(accepted: readonly Accepted<Opinion>[]): Stand[] {
  const groups = Map.groupBy(accepted, (one) => `${personOf(one)} ${one.statement.head}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [standOf(personOf(first), first.statement.head, group)] : [];
  });
}

function standOf(person: string, head: Oid, group: readonly Accepted<Opinion>[]): Stand {
  const positive = group.filter(isPositive);
  const negative = group.filter(isNegative);
  const highest = highestOf(negative);
  const counting = positive.filter((one) => serialOf(one) > highest);
  const isFor = counting.length > 0;
  const last = isFor ? [] : negative.filter((one) => serialOf(one) === highest);
  const against = last.find(({ statement }) => statement.decision === 'reject') ?? null;
  const withdrawn = against === null ? (last[0] ?? null) : null;
  const decided = against ?? withdrawn;
  const top = isFor ? highestOf(counting) : highest;
  const relied = new Set(counting);
  const replaced = [...positive, ...negative].filter(
    (one) => !relied.has(one) && !(decided && saysTheSame(one, decided)),
  );
  const answers = [...positive, ...negative.filter(({ statement }) => statement.decision === 'withdraw')];
  return {
    person,
    head,
    against,
    withdrawn,
    positive: counting,
    replaced: replaced.map((one) => ({ replaced: one, by: isPositive(one) ? highest : top })),
    answer: highestOf(answers),
  };
}

/** 0 for none. There may be more of them than a call takes arguments. */
function highestOf(all: readonly Accepted<Opinion>[]): number {
  return all.reduce((highest, one) => Math.max(highest, serialOf(one)), 0);
}

function isNegative(one: Accepted<Opinion>): one is Accepted<Review> {
  return !isPositive(one);
}

/** The same said twice, by two keys or in two comments, is nothing to report. */
function saysTheSame({ statement: a }: Accepted<Opinion>, { statement: b }: Accepted<Review>): boolean {
  return a.type === 'review' && a.serial === b.serial && a.decision === b.decision;
}

function serialOf({ statement }: Accepted<Opinion>): number {
  return statement.serial;
}

function personOf({ statement }: Accepted<Opinion>): string {
  return statement.type === 'adopt' ? statement.adopter : statement.reviewer;
}
