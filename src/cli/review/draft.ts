import type { Oid } from '../../core/object/id.ts';
import type { PolicyFolder } from '../../core/policy/folder.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { noteProblem } from '../../core/statement/fields.ts';
import {
  encodeBatch,
  encodeStatement,
  headOf,
  type Decision,
  type Statement,
} from '../../core/statement/statement.ts';
import type { PullRequest } from '../../github/pulls.ts';
import { UsageError } from '../revisions.ts';
import { allSigned, changeOf, nextSerial, type Item } from './item.ts';
import { findTwin, type Local } from './local.ts';
import type { Subject } from './subject.ts';
import type { Workplace } from './workplace.ts';

/** A statement that somebody has decided to sign. */
export interface Draft {
  readonly statement: Statement;
  /** Where it goes. */
  readonly pulls: readonly PullRequest[];
  /** What must still be as it was when it is signed; `null` for what has landed. */
  readonly subject: Subject | null;
  /** `.countersign/` of the policy that will judge it: the signature has to count there. */
  readonly folder: PolicyFolder;
  /** Never in a batch with others. */
  readonly alone: boolean;
  /** The first line of the head's message, an attacker's text, for people to know it by. */
  readonly title?: string;
  /** Where the same was signed before, if nobody else can see that yet. */
  readonly twin?: Local | null;
}

/** With the armor and the words around it, what still fits into GitHub's 65,536 characters of a comment. */
const LONGEST_TEXT = 56_000;
const MOST_IN_A_BATCH = 200;
const LONGEST_TITLE = 60;

/** Statements that get one signature. */
export interface Batch {
  readonly drafts: readonly Draft[];
  readonly text: string;
}

export async function draftReview(
  work: Workplace,
  item: Item,
  name: string,
  decision: Decision,
  notes: readonly string[],
  about?: { readonly base: Oid; readonly head: Oid },
): Promise<Draft> {
  const { tip, head } = item.subject;
  const ends = about ?? { base: tip, head };
  const change = await changeOf(work, item, ends.base, ends.head);
  const place = { project: item.policy.project, branch: item.target.branch, ...ends, change };
  const serial = nextSerial(item, name);
  return draft(item, { type: 'review', ...place, decision, reviewer: name, serial, notes });
}

export async function draftAdoption(
  work: Workplace,
  item: Item,
  name: string,
  notes: readonly string[],
  { base, head }: { readonly base: Oid; readonly head: Oid },
): Promise<Draft> {
  const change = await changeOf(work, item, base, head);
  const place = { project: item.policy.project, branch: item.target.branch, base, head, change };
  return draft(item, { type: 'adopt', ...place, adopter: name, serial: nextSerial(item, name), notes });
}

/** Throws `UsageError` for what has no encoding. */
export function draft(item: Item, statement: Statement): Draft {
  try {
    const text = encodeStatement(statement);
    if (text.length > LONGEST_TEXT) throw new RangeError(`the statement has ${text.length} characters`);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`this cannot be signed: ${error.message}`) : error;
  }
  const subject = item.target.kind === 'change' ? item.subject : null;
  return {
    statement,
    pulls: item.subject.pulls,
    subject,
    folder: item.facts.policy,
    alone: item.isProtected,
    title: item.commits.find(({ id }) => id === headOf(statement))?.subject ?? '',
    twin: findTwin(item.locals, allSigned(item), statement),
  };
}

/** One signature for as many as go together, in their order; those that stand alone first. */
export function batchesOf(drafts: readonly Draft[]): readonly Batch[] {
  const batches: Draft[][] = drafts.filter(({ alone }) => alone).map((one) => [one]);
  let current: Draft[] = [];
  let length = 0;
  for (const one of drafts.filter(({ alone }) => !alone)) {
    const { length: more } = encodeStatement(one.statement);
    if (current.length === MOST_IN_A_BATCH || length + more > LONGEST_TEXT) {
      batches.push(current);
      current = [];
      length = 0;
    }
    current.push(one);
    length += more;
  }
  if (current.length > 0) batches.push(current);
  return batches.map((some) => ({ drafts: some, text: encodeBatch(some.map(({ statement }) => statement)) }));
}

/** Lines of a note as people give them. Throws `UsageError`. */
export function parseNotes(notes: readonly string[] | undefined): readonly string[] {
  for (const note of notes ?? []) {
    const problem = noteProblem(note);
    if (problem !== null) throw new UsageError(`--note: ${problem}`);
  }
  return notes ?? [];
}

/** A statement in a few words. */
export function inShort({ statement: one, pulls, title = '' }: Draft): string {
  const [pull] = pulls;
  const head = one.type === 'revoke' ? one.key : (headOf(one) ?? '').slice(0, 12);
  const shown = clean(title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE)}…` : title);
  const where = `${pull === undefined ? '' : `#${pull.number} at `}${head}${shown === '' ? '' : `  ${shown}`}`;
  switch (one.type) {
    case 'review':
      return `${one.decision} ${where}`;
    case 'overrule':
      return cleanSentence(`overrule the "no" of \`${one.objector}\` to ${where}`);
    default:
      return `${one.type} ${where}`;
  }
}
