import { parseOid, type Oid } from '../object/id.ts';
import type { Field } from './form.ts';
import { refuseLine } from './lines.ts';
import { isBranchName, isPersonName, isProjectName } from './names.ts';

const MOST_NOTES = 100;
const LONGEST_NOTE = 1000;
const DIGEST = /^sha256:([0-9a-f]{64})$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const SERIAL = /^[1-9][0-9]{0,14}$/;
const KEY = /^(?:openpgp:(?:[0-9A-F]{40}|[0-9A-F]{64})|ssh:SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048])$/;

/** A field in one line, `key: value`. */
function line<T>(
  parse: (text: string) => T | null,
  problem: string | ((text: string) => string),
  encode: (value: T) => string = String,
): Field<T> {
  return {
    take(lines, at, key) {
      const text = lines[at];
      if (!text?.startsWith(`${key}: `)) return refuseLine(at, `expected \`${key}: …\``);
      const written = text.slice(key.length + 2);
      const value = parse(written);
      if (value === null) return refuseLine(at, typeof problem === 'string' ? problem : problem(written));
      return { ok: true, value, next: at + 1 };
    },
    put: (value, key) => [`${key}: ${encode(value)}`],
  };
}

function text(accepts: (text: string) => boolean, problem: string): Field<string> {
  return line((written) => (accepts(written) ? written : null), problem);
}

/** What the first line says already. */
export function constant<T extends string>(value: T): Field<T> {
  return { take: (_lines, at) => ({ ok: true, value, next: at }), put: () => [] };
}

/** One of several words. */
export function word<T extends string>(words: readonly T[], problem: string): Field<T> {
  return line((written) => words.find((one) => one === written) ?? null, problem);
}

export const project = text(isProjectName, 'not a project such as `github.com/acme/nixpkgs`');
export const branch = text(isBranchName, 'not the name of a branch');
export const person = text(isPersonName, 'not the name of a person');
export const oid: Field<Oid> = line(parseOid, 'not a full object id');
export const digest: Field<string> = line(
  (written) => DIGEST.exec(written)?.[1] ?? null,
  'not `sha256:` and 64 hex digits',
  (hex) => `sha256:${hex}`,
);
/** Seconds since the epoch, as UTC in the one form of RFC 3339 with whole seconds, `T` and `Z`; no leap seconds. */
export const instant: Field<number> = line(
  (written) => {
    const at = INSTANT.test(written) ? Date.parse(written) / 1000 : NaN;
    return at >= 0 && encodeInstant(at) === written ? at : null;
  },
  'not a time such as `2026-11-23T13:00:00Z`',
  encodeInstant,
);
export const serial: Field<number> = line(
  (written) => (SERIAL.test(written) ? Number(written) : null),
  'not a whole number from 1 up',
);
export const key = text((written) => KEY.test(written), 'not `openpgp:` or `ssh:` with a whole fingerprint');
export const reason: Field<string> = line(
  (written) => (noteProblem(written, 'reason') === null ? written : null),
  (written) => noteProblem(written, 'reason') ?? '',
);

/** Throws `RangeError` for what is no whole number of seconds. */
function encodeInstant(seconds: number): string {
  if (!Number.isInteger(seconds)) throw new RangeError('a time that is no whole number of seconds');
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Any number of lines up to 100, each `note: …`, under the key `notes`. */
export const notes: Field<readonly string[]> = {
  take(lines, start) {
    const found: string[] = [];
    for (let at = start; at < lines.length; at += 1) {
      if (found.length === MOST_NOTES) return refuseLine(at, 'too many notes');
      const written = lines[at] ?? '';
      const note = written.slice('note: '.length);
      const problem = written.startsWith('note: ') ? noteProblem(note) : 'expected `note: …` or the end';
      if (problem !== null) return refuseLine(at, problem);
      found.push(note);
    }
    return { ok: true, value: found, next: lines.length };
  },
  put: (all) => all.map((note) => `note: ${note}`),
};

/**
 * Why a text can be no note, or `null`: it is one line of 1 to 1,000 characters (UTF-16 units) without blanks at its ends,
 * without blanks other than the plain one, and without what turns the direction in which it is read.
 */
export function noteProblem(note: string, what: 'note' | 'reason' = 'note'): string | null {
  if (note === '') return `an empty ${what}`;
  if (note.length > LONGEST_NOTE) return `a ${what} of more than ${LONGEST_NOTE} characters`;
  if (note.trim() !== note) return `blanks at the start or end of a ${what}`;
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(note)) return `a line break or another control character in a ${what}`;
  if (/[\p{Bidi_Control}\p{Cs}]|(?! )\p{Zs}/u.test(note)) {
    return `a blank other than the plain one, or a character that turns the direction of the text, in a ${what}`;
  }
  return null;
}
