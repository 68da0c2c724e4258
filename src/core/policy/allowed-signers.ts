/**
 * The file format of git's `gpg.ssh.allowedSignersFile`: ssh-keygen(1) ALLOWED SIGNERS, as OpenSSH's sshsig.c reads it.
 * Neither what a key is nor whose it is to be is decided here.
 */
export interface AllowedSigner {
  readonly principals: readonly string[];
  readonly options: SignerOptions;
  /** Key type and base64 as they stand, one blank between. */
  readonly key: string;
  /** What follows the key; empty: nothing. */
  readonly comment: string;
}

export interface SignerOptions {
  readonly certAuthority: boolean;
  /** Patterns; `null`: every namespace. */
  readonly namespaces: readonly string[] | null;
  readonly validAfter: SignerTime | null;
  readonly validBefore: SignerTime | null;
}

/** `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, then `Z` where it is UTC and not the reader's own time. */
export interface SignerTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly utc: boolean;
}

export type AllowedSignersLine =
  | { readonly ok: true; readonly line: number; readonly signer: AllowedSigner }
  | { readonly ok: false; readonly line: number; readonly problem: string };

export const NO_OPTIONS: SignerOptions = {
  certAuthority: false,
  namespaces: null,
  validAfter: null,
  validBefore: null,
};

/** The problem of a line as it stands in a `.pub` file: a key, and nobody whose it is. */
export const NO_PRINCIPAL = 'it is a key alone: whose it is must stand before it';

const MOST_LINES = 10_000;
const LONGEST_LINE = 65_536;
const LONGEST_OPTION = 20;

/** Reads every line that is neither empty nor a comment. Lines count from 1; a broken one is a value, never an error. */
export function parseAllowedSigners(text: string): AllowedSignersLine[] {
  const found: AllowedSignersLine[] = [];
  for (const [index, raw] of text.split('\n', MOST_LINES + 1).entries()) {
    const line = index + 1;
    if (index === MOST_LINES) {
      found.push({ ok: false, line, problem: `more than ${MOST_LINES} lines` });
      break;
    }
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const signer = content.length > LONGEST_LINE ? 'the line is too long' : parseSigner(content);
    found.push(
      typeof signer === 'string' ? { ok: false, line, problem: signer } : { ok: true, line, signer },
    );
  }
  return found;
}

/**
 * The lines of a file; whatever was read has one. Throws `RangeError` for what has none: an empty principal, one with a
 * quotation mark, a line break.
 */
export function encodeAllowedSigners(signers: readonly AllowedSigner[]): string {
  return signers.map((signer) => `${encodeSigner(signer)}\n`).join('');
}

function encodeSigner({ principals, options, key, comment }: AllowedSigner): string {
  const { certAuthority, namespaces, validAfter, validBefore } = options;
  const listed = [
    ...(certAuthority ? ['cert-authority'] : []),
    ...(namespaces === null ? [] : [`namespaces=${quote(namespaces.join(','))}`]),
    ...(validAfter === null ? [] : [`valid-after=${quote(encodeTime(validAfter))}`]),
    ...(validBefore === null ? [] : [`valid-before=${quote(encodeTime(validBefore))}`]),
  ].join(',');
  const names = principals.join(',');
  const line = [/\s/.test(names) || names.startsWith('#') ? quote(names) : names, listed, key, comment]
    .filter((part) => part !== '')
    .join(' ');
  const [read] = parseAllowedSigners(line);
  const meant = JSON.stringify([principals, options, key, comment]);
  const said = read?.ok === true ? read.signer : null;
  if (said === null || JSON.stringify([said.principals, said.options, said.key, said.comment]) !== meant) {
    throw new RangeError('this signer has no line');
  }
  return line;
}

function parseSigner(content: string): AllowedSigner | string {
  const field = takeWord(content, 0);
  if (field === null) return 'a quotation mark is not closed';
  const principals = unquote(content.slice(0, field)).split(',');
  if (principals.includes('')) return 'a principal is empty';
  // ssh-keygen ends the word in the midst there (misc.c, strdelim): it would read other people than we do.
  if (principals.some((principal) => principal.includes('"'))) {
    return 'a quotation mark stands within the principals';
  }
  const start = afterBlanks(content, field);
  if (isKeyType(content, 0) && content.startsWith('AAAA', start)) return NO_PRINCIPAL;
  if (isKeyType(content, start)) return withKey(principals, NO_OPTIONS, content, start);
  if (start === content.length) return 'expected a key: its type and base64';
  const end = takeWord(content, start);
  if (end === null) return 'a quotation mark is not closed';
  const options = parseOptions(content.slice(start, end));
  return typeof options === 'string'
    ? options
    : withKey(principals, options, content, afterBlanks(content, end));
}

function withKey(
  principals: readonly string[],
  options: SignerOptions,
  content: string,
  start: number,
): AllowedSigner | string {
  const [type = '', blob = ''] = content.slice(start).split(/[ \t]+/, 2);
  if (type === '' || blob === '') return 'expected a key: its type and base64';
  const after = afterBlanks(content, start + type.length) + blob.length;
  return { principals, options, key: `${type} ${blob}`, comment: content.slice(after).trim() };
}

/** Types of keys, as opposed to names of options. */
function isKeyType(content: string, start: number): boolean {
  return /^(?:ssh-|ecdsa-|sk-|webauthn-)/.test(content.slice(start, start + 9));
}

function parseOptions(text: string): SignerOptions | string {
  let options = NO_OPTIONS;
  const seen = new Set<string>();
  for (const option of splitOptions(text)) {
    const equals = option.indexOf('=');
    const name = (equals === -1 ? option : option.slice(0, equals)).toLowerCase();
    if (seen.has(name)) return `\`${cut(name)}\` is there twice`;
    seen.add(name);
    const value = equals === -1 ? null : option.slice(equals + 1);
    const next = withOption(options, name, value);
    if (typeof next === 'string') return next;
    options = next;
  }
  return options;
}

function withOption(options: SignerOptions, name: string, value: string | null): SignerOptions | string {
  if (name === 'cert-authority' && value === null) return { ...options, certAuthority: true };
  if (name !== 'namespaces' && name !== 'valid-after' && name !== 'valid-before') {
    return `unknown option \`${cut(name)}\``;
  }
  if (value === null || !/^"[^"]*"$/.test(value)) return `\`${name}\` needs a value in quotation marks`;
  const content = value.slice(1, -1);
  if (name === 'namespaces') {
    const namespaces = content.split(',');
    return namespaces.includes('') ? 'a namespace is empty' : { ...options, namespaces };
  }
  const time = parseTime(content);
  if (time === null) return `\`${name}\` is no time such as \`20270131Z\``;
  return name === 'valid-after' ? { ...options, validAfter: time } : { ...options, validBefore: time };
}

/** What is taken for an option may be a key: no more of it is repeated than an option could have. */
function cut(name: string): string {
  return name.length > LONGEST_OPTION ? `${name.slice(0, LONGEST_OPTION)}…` : name;
}

function splitOptions(text: string): string[] {
  const options: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= text.length; at += 1) {
    if (text.charAt(at) === '"') quoted = !quoted;
    else if (at === text.length || (text.charAt(at) === ',' && !quoted)) {
      options.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return options;
}

const TIME = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function parseTime(text: string): SignerTime | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits: string | undefined) => Number(digits ?? '0'));
  const inRange = day >= 1 && day <= (DAYS[month - 1] ?? 0) && hour < 24 && minute < 60 && second < 60;
  return inRange ? { year, month, day, hour, minute, second, utc: match[7] === 'Z' } : null;
}

function encodeTime({ year, month, day, hour, minute, second, utc }: SignerTime): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}${two(month)}${two(day)}`;
  const time = hour + minute + second === 0 ? '' : `${two(hour)}${two(minute)}${two(second)}`;
  return `${date}${time}${utc ? 'Z' : ''}`;
}

/** The end of a word that may have quotation marks in it; blanks within them belong to it. */
function takeWord(text: string, start: number): number | null {
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ' ' || character === '\t')) return at;
  }
  return quoted ? null : text.length;
}

function afterBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && (text.charAt(at) === ' ' || text.charAt(at) === '\t')) at += 1;
  return at;
}

function quote(text: string): string {
  return `"${text}"`;
}

function unquote(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}
