import { ofRoster } from '../../core/facts/needs.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { shellWord, showInvisible } from '../../core/report/clean.ts';
import { extractStatements, type SignedText } from '../../core/statement/extract.ts';
import {
  encodeStatement,
  headOf,
  signerNameOf,
  type Review,
  type Statement,
} from '../../core/statement/statement.ts';
import type { Kept } from './kept.ts';
import type { Remark } from './refusal.ts';

/** What was signed here and was not found anywhere else. */
export interface Local {
  readonly statement: Statement;
  readonly signed: SignedText;
  /** The file that keeps it. */
  readonly path: string;
  /** Whether it was posted from here; otherwise nobody else can count it. */
  readonly delivered: boolean;
}

/** Those of the kept texts that are of the roster and not among the statements of `facts`, statement by statement. */
export async function findLocals(
  facts: Pick<Facts, 'policy' | 'statements'>,
  kept: readonly Kept[],
): Promise<readonly Local[]> {
  const known = new Set(facts.statements.map(({ text }) => latin1(text)));
  const texts = kept.flatMap((source) =>
    extractStatements(source)
      .signed.filter(({ text }) => !known.has(latin1(text)))
      .map((signed) => ({ signed, source })),
  );
  const roster = await ofRoster(
    facts.policy,
    texts.map(({ signed }) => signed),
  );
  return roster.flatMap(({ signed, statements }) => {
    const source = texts.find((one) => one.signed === signed)?.source;
    const { path, delivered } = source ?? { path: '', delivered: false };
    return statements.map((statement) => ({ statement, signed, path, delivered }));
  });
}

/**
 * The text in which this was signed before, if it is only here: the same of the same commit, and this person's last word on
 * it. Notes and the base are no part of that, unless there is a new note.
 */
export function findTwin(
  locals: readonly Local[],
  said: readonly Statement[],
  statement: Statement,
): Local | null {
  const wanted = gist(statement);
  const [twin] = locals
    .filter((one) => !one.delivered && gist(one.statement) === wanted)
    .filter((one) => !hasNewNotes(statement, one.statement))
    .toSorted((a, b) => serialOf(b.statement) - serialOf(a.statement));
  if (twin === undefined) return null;
  const later = said.some(
    (one) =>
      signerNameOf(one) === signerNameOf(statement) &&
      headOf(one) === headOf(statement) &&
      serialOf(one) > serialOf(twin.statement) &&
      (one.type === 'review' || one.type === 'adopt') &&
      contradicts(one, twin.statement),
  );
  return later ? null : twin;
}

/** An adoption and an approval stand side by side; anything else takes the place of what was before. */
function contradicts(later: Statement, earlier: Statement): boolean {
  const isFor = (one: Statement): boolean => one.type !== 'review' || one.decision === 'approve';
  return !(isFor(later) && isFor(earlier));
}

function gist(statement: Statement): string {
  switch (statement.type) {
    case 'review':
    case 'adopt':
      return encodeStatement({ ...statement, serial: 1, base: statement.head, notes: [] });
    case 'ratify':
    case 'revoke':
    case 'overrule':
      return encodeStatement({ ...statement, reason: 'any' });
    default:
      return encodeStatement(statement);
  }
}

function hasNewNotes(statement: Statement, before: Statement): boolean {
  const notes = 'notes' in statement ? statement.notes : [];
  return notes.length > 0 && notes.join('\n') !== ('notes' in before ? before.notes.join('\n') : '');
}

/** 0 for what has none. */
export function serialOf(statement: Statement): number {
  return 'serial' in statement ? statement.serial : 0;
}

const DONE: Readonly<Record<Review['decision'] | Exclude<Statement['type'], 'review'>, string>> = {
  approve: 'approved this',
  reject: 'said no to this',
  withdraw: 'took back what you signed about this',
  adopt: 'adopted this',
  ratify: 'ratified this',
  overrule: 'overruled this',
  revoke: 'revoked this key',
  head: 'signed this head',
  introduction: 'signed this introduction',
};

/** That somebody signed something already and nobody else can see it, with what to do about it. */
export function localRemark({ statement, path }: Pick<Local, 'statement' | 'path'>): Remark {
  const done = DONE[statement.type === 'review' ? statement.decision : statement.type];
  const serial = serialOf(statement);
  return {
    code: 'signed-only-here',
    message: `you ${done} already${serial > 0 ? ` (serial ${serial})` : ''}, but as far as can be seen it is only on this machine`,
    remedy: `\`${archiveCommand(path)}\`, or post it: the same command with \`--print\` prints it again`,
  };
}

/** Brings a kept text into the ledger. */
export function archiveCommand(path: string): string {
  return `countersign archive --statements ${showInvisible(shellWord(path))}`;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
