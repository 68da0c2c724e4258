import type { Oid } from '../object/id.ts';
import {
  branch,
  constant,
  digest,
  key,
  notes,
  oid,
  person,
  project,
  reason,
  serial,
  word,
} from './fields.ts';
import { form, parseForms, parseLines, type Reader } from './form.ts';
import { HEAD, type HeadStatement } from './head.ts';
import { INTRODUCTION, type IntroductionStatement } from './introduction.ts';
import { FIRST, refuseLine, splitLines } from './lines.ts';

export type Decision = 'approve' | 'reject' | 'withdraw';

/** What one person says of one change: `review/v1`. */
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
  /** Grows with every statement of this person on this branch; 1 to 15 digits. */
  readonly serial: number;
  readonly notes: readonly string[];
}

/** A person makes others' commits theirs, those that `head` reaches and `base` does not: `adopt/v1`. */
export interface Adoption {
  readonly type: 'adopt';
  readonly project: string;
  readonly branch: string;
  readonly base: Oid;
  readonly head: Oid;
  /** As in a review, of the enclosed commits. */
  readonly change: string;
  readonly adopter: string;
  readonly serial: number;
  readonly notes: readonly string[];
}

/** Governance stands for a step that has landed and that nothing else can prove: `ratify/v1`. */
export interface Ratification {
  readonly type: 'ratify';
  readonly project: string;
  readonly branch: string;
  /** First parent of the step. */
  readonly parent: Oid;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly ratifier: string;
  /** One line, under the rules of a note. */
  readonly reason: string;
}

/** A key is to count for nothing that has not landed: `revoke/v1`. */
export interface Revocation {
  readonly type: 'revoke';
  readonly project: string;
  /** Whose key it is. */
  readonly person: string;
  /** `openpgp:` and the primary key's whole fingerprint in upper case, or `ssh:SHA256:` and unpadded base64. */
  readonly key: string;
  readonly revoker: string;
  readonly reason: string;
}

/** Governance sets a signed "no" aside: `overrule/v1`. */
export interface Overruling {
  readonly type: 'overrule';
  readonly project: string;
  readonly branch: string;
  /** The head objected to. */
  readonly head: Oid;
  readonly objector: string;
  /** The highest serial of the objector that is overruled. */
  readonly serial: number;
  readonly overruler: string;
  readonly reason: string;
}

/** What a judgement may rest on. */
export type Testimony = Review | Adoption | Ratification | Revocation | Overruling;

/** What is said to users about where a branch begins and ends: no judgement of a change takes notice of it. */
export type Waymark = HeadStatement | IntroductionStatement;

export type Statement = Testimony | Waymark;

export type ParsedStatement =
  | { readonly ok: true; readonly statement: Statement }
  | { readonly ok: false; readonly line: number; readonly problem: string };

export type ParsedBatch =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly line: number; readonly problem: string };

const MOST_IN_A_BATCH = 200;

const REVIEW = form<Review>(
  'review/v1',
  {
    type: constant('review'),
    project,
    branch,
    base: oid,
    head: oid,
    change: digest,
    decision: word(['approve', 'reject', 'withdraw'], 'neither approve, reject nor withdraw'),
    reviewer: person,
    serial,
    notes,
  },
  ({ base, head }) => sameKind(base, { head }),
);

const ADOPTION = form<Adoption>(
  'adopt/v1',
  {
    type: constant('adopt'),
    project,
    branch,
    base: oid,
    head: oid,
    change: digest,
    adopter: person,
    serial,
    notes,
  },
  ({ base, head }) => sameKind(base, { head }),
);

const RATIFICATION = form<Ratification>(
  'ratify/v1',
  {
    type: constant('ratify'),
    project,
    branch,
    parent: oid,
    commit: oid,
    tree: oid,
    ratifier: person,
    reason,
  },
  ({ parent, commit, tree }) => sameKind(parent, { commit, tree }),
);

const REVOCATION = form<Revocation>('revoke/v1', {
  type: constant('revoke'),
  project,
  person,
  key,
  revoker: person,
  reason,
});

const OVERRULING = form<Overruling>('overrule/v1', {
  type: constant('overrule'),
  project,
  branch,
  head: oid,
  objector: person,
  serial,
  overruler: person,
  reason,
});

/** How to read each; writing takes the one form that a statement's type names. */
const FORMS: readonly Reader<Statement>[] = [
  REVIEW,
  ADOPTION,
  RATIFICATION,
  REVOCATION,
  OVERRULING,
  HEAD,
  INTRODUCTION,
];

/** Whether a judgement may rest on a statement. One that is for users only counts there as nothing, for or against. */
export function isTestimony(statement: Statement): statement is Testimony {
  return statement.type !== 'head' && statement.type !== 'introduction';
}

/** One repository has ids of one hash function. */
function sameKind<K extends string>(
  first: Oid,
  others: Readonly<Record<K, Oid>>,
): { key: K; problem: string } | null {
  for (const name in others) {
    if (others[name].length !== first.length) return { key: name, problem: 'not an id of the same kind' };
  }
  return null;
}

/** The person who speaks: whose key must have signed. */
export function signerNameOf(statement: Statement): string {
  switch (statement.type) {
    case 'review':
      return statement.reviewer;
    case 'adopt':
      return statement.adopter;
    case 'ratify':
      return statement.ratifier;
    case 'revoke':
      return statement.revoker;
    case 'overrule':
      return statement.overruler;
    case 'head':
      return statement.attester;
    case 'introduction':
      return statement.introducer;
  }
}

/** The commit that a statement is about; `null` for a revocation, which is about none. */
export function headOf(statement: Statement): Oid | null {
  switch (statement.type) {
    case 'ratify':
    case 'introduction':
      return statement.commit;
    case 'revoke':
      return null;
    default:
      return statement.head;
  }
}

/** The one text of a statement: what is signed, byte for byte. Throws `RangeError` for what has no encoding. */
export function encodeStatement(statement: Statement): string {
  switch (statement.type) {
    case 'review':
      return REVIEW.encode(statement);
    case 'adopt':
      return ADOPTION.encode(statement);
    case 'ratify':
      return RATIFICATION.encode(statement);
    case 'revoke':
      return REVOCATION.encode(statement);
    case 'overrule':
      return OVERRULING.encode(statement);
    case 'head':
      return HEAD.encode(statement);
    case 'introduction':
      return INTRODUCTION.encode(statement);
  }
}

/** Several statements under one signature. Throws `RangeError` for none, for more than 200, and past 240 KiB. */
export function encodeBatch(statements: readonly Statement[]): string {
  const text = statements.map(encodeStatement).join('');
  const parsed = parseStatements(new TextEncoder().encode(text));
  if (!parsed.ok) throw new RangeError(`line ${parsed.line}: ${parsed.problem}`);
  return text;
}

/**
 * Reads exactly one statement from exactly the signed bytes. There is one encoding: whatever differs from it, by a blank,
 * a line end or the order of two lines, is refused with the number of the line (from 1) and what is wrong with it.
 */
export function parseStatement(bytes: Uint8Array): ParsedStatement {
  const parsed = parseForms(FORMS, bytes);
  return parsed.ok ? { ok: true, statement: parsed.value } : parsed;
}

/**
 * Reads a batch: whole statements, one after the other with nothing between them, each in its one encoding. At least one,
 * at most 200, at most 240 KiB. One that is refused refuses all: a signature over a text that nobody can read whole says
 * nothing. Only a first line begins with `countersign: `, so there is one way to divide the lines.
 */
export function parseStatements(bytes: Uint8Array): ParsedBatch {
  const split = splitLines(bytes);
  if (!split.ok) return split;
  const { lines } = split;
  const statements: Statement[] = [];
  let at = 0;
  while (at < lines.length || at === 0) {
    if (statements.length === MOST_IN_A_BATCH) return refuseLine(at + 1, 'too many statements');
    let end = at + 1;
    while (end < lines.length && !lines[end]?.startsWith(FIRST)) end += 1;
    const parsed = parseLines(FORMS, lines.slice(at, end), at + 1);
    if (!parsed.ok) return parsed;
    statements.push(parsed.value);
    at = end;
  }
  return { ok: true, statements };
}
