import { parseOid, type Oid } from '../object/id.ts';
import { readLines, refuseLine, writeLines, type ReadLines, type RefusedLine } from './lines.ts';

export type Decision = 'approve' | 'reject' | 'withdraw';

/** What one person signed about one change: the fields of `review/v1`, trust.md "Statements". */
export interface Review {
  readonly type: 'review';
  readonly project: string;
  readonly branch: string;
  /** A landed commit that the reviewer compared with. */
  readonly base: Oid;
  readonly head: Oid;
  /** The change digest, 64 hex digits without the `sha256:` that stands before it in the text. */
  readonly change: string;
  readonly decision: Decision;
  readonly reviewer: string;
  /** Grows with every statement of this person on this branch and head; at least 1. */
  readonly serial: number;
  readonly notes: readonly string[];
}

export type ParsedStatement =
  | { readonly ok: true; readonly statement: Review }
  | { readonly ok: false; readonly line: number; readonly problem: string };

const MOST_NOTES = 100;
const LONGEST_NOTE = 1000;

const PROJECT = /^[a-z0-9][a-z0-9.:-]{0,252}(?:\/[A-Za-z0-9._-]{1,100}){1,8}$/;
const PERSON = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const CHANGE = /^sha256:([0-9a-f]{64})$/;
const SERIAL = /^[1-9][0-9]{0,14}$/;
const TYPE = 'review/v1';

/** Whether `text` can be a person's name in a policy and in a statement: 1 to 64 letters, digits, `.`, `_`, `-`. */
export function isPersonName(text: string): boolean {
  return PERSON.test(text);
}

/** Whether `text` can name a project: host, then path, such as `github.com/acme/nixpkgs`. */
export function isProjectName(text: string): boolean {
  return PROJECT.test(text);
}

/** Whether `text` can be a branch's name: what `git check-ref-format --branch` allows, at most 250 characters. */
export function isBranchName(text: string): boolean {
  if (text.length === 0 || text.length > 250 || text === '@' || text.startsWith('-')) return false;
  if (/[\u0000-\u0020\u007f-\u009f\u2028\u2029~^:?*[\\]|\.\.|@\{|\/\/|\.$/.test(text)) return false;
  return text.split('/').every((part) => part.length > 0 && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** The one text of a review: what is signed, byte for byte. Throws `RangeError` for fields that have no encoding. */
export function encodeReview(review: Review): string {
  const { project, branch, base, head, change, decision, reviewer, serial, notes } = review;
  const text = writeLines(
    TYPE,
    [
      ['project', project],
      ['branch', branch],
      ['base', base],
      ['head', head],
      ['change', `sha256:${change}`],
      ['decision', decision],
      ['reviewer', reviewer],
      ['serial', String(serial)],
    ],
    notes.map((note) => `note: ${note}`),
  );
  const parsed = parseStatement(new TextEncoder().encode(text));
  if (!parsed.ok) throw new RangeError(`line ${parsed.line}: ${parsed.problem}`);
  return text;
}

/** The text's fields in their order, each with what reads it. A value that its reader refuses is `null`. */
const FIELDS = ['project', 'branch', 'base', 'head', 'change', 'decision', 'reviewer', 'serial'] as const;

/**
 * Reads a statement from exactly the signed bytes. There is one encoding: whatever differs from it, by a blank, a line
 * end or the order of two lines, is refused with the number of the line (from 1) and what is wrong with it.
 */
export function parseStatement(bytes: Uint8Array): ParsedStatement {
  const read = readLines(bytes, TYPE, FIELDS);
  return read.ok ? readFields(read) : read;
}

function readFields({
  value,
  rest,
  refuseAt: at,
}: Extract<ReadLines<(typeof FIELDS)[number]>, { ok: true }>): ParsedStatement {
  if (!isProjectName(value('project')))
    return at('project', 'not a project such as `github.com/acme/nixpkgs`');
  if (!isBranchName(value('branch'))) return at('branch', 'not the name of a branch');
  const base = parseOid(value('base'));
  if (!base) return at('base', 'not a full commit id');
  const head = parseOid(value('head'));
  if (head?.length !== base.length) return at('head', 'not a full commit id of the same kind as the base');
  const change = CHANGE.exec(value('change'))?.[1];
  if (change === undefined) return at('change', 'not `sha256:` and 64 hex digits');
  const decision = value('decision');
  if (decision !== 'approve' && decision !== 'reject' && decision !== 'withdraw') {
    return at('decision', 'neither approve, reject nor withdraw');
  }
  if (!isPersonName(value('reviewer'))) return at('reviewer', 'not the name of a person');
  if (!SERIAL.test(value('serial'))) return at('serial', 'not a whole number from 1 up');
  const notes = readNotes(rest);
  if (!notes.ok) return notes;
  return {
    ok: true,
    statement: {
      type: 'review',
      project: value('project'),
      branch: value('branch'),
      base,
      head,
      change,
      decision,
      reviewer: value('reviewer'),
      serial: Number(value('serial')),
      notes: notes.notes,
    },
  };
}

function readNotes(lines: readonly string[]): { ok: true; notes: string[] } | RefusedLine {
  const firstLine = FIELDS.length + 2;
  const notes: string[] = [];
  for (const [index, line] of lines.entries()) {
    const note = line.slice('note: '.length);
    const problem = line.startsWith('note: ') ? noteProblem(note) : 'expected `note: …` or the end';
    if (problem !== null) return refuseLine(firstLine + index, problem);
    notes.push(note);
  }
  return notes.length > MOST_NOTES
    ? refuseLine(firstLine + MOST_NOTES, 'too many notes')
    : { ok: true, notes };
}

/** Why a text can be no note, or `null`: it is one line of 1 to 1,000 characters without blanks at its ends. */
export function noteProblem(note: string): string | null {
  if (note === '') return 'an empty note';
  if (note.length > LONGEST_NOTE) return `a note of more than ${LONGEST_NOTE} characters`;
  if (note.trim() !== note) return 'blanks at the start or end of a note';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(note))
    return 'a line break or another control character in a note';
  return null;
}
