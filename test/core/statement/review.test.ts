import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import { isBranchName } from '../../../src/core/statement/names.ts';
import { encodeStatement, parseStatement, type Review } from '../../../src/core/statement/statement.ts';

function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error('not an id');
  return id;
}

const REVIEW: Review = {
  type: 'review',
  project: 'github.com/acme/nixpkgs',
  branch: 'master',
  base: oid('1'.repeat(40)),
  head: oid('2'.repeat(40)),
  change: '3'.repeat(64),
  decision: 'approve',
  reviewer: 'alice',
  serial: 1,
  notes: [],
};

const TEXT = `countersign: review/v1
project: github.com/acme/nixpkgs
branch: master
base: ${'1'.repeat(40)}
head: ${'2'.repeat(40)}
change: sha256:${'3'.repeat(64)}
decision: approve
reviewer: alice
serial: 1
`;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): string => {
  const parsed = parseStatement(encode(text));
  return parsed.ok ? 'ok' : `line ${parsed.line}`;
};

describe('review/v1', () => {
  test('has the text that trust.md gives', () => {
    expect(encodeStatement(REVIEW)).toBe(TEXT);
  });

  test('notes stand after the serial, one a line', () => {
    expect(encodeStatement({ ...REVIEW, notes: ['built it', 'ran it'] })).toBe(
      `${TEXT}note: built it\nnote: ran it\n`,
    );
  });

  test.each([
    ['CRLF', TEXT.replaceAll('\n', '\r\n'), 'line 1'],
    ['no line end at the end', TEXT.slice(0, -1), 'line 9'],
    ['two line ends at the end', `${TEXT}\n`, 'line 10'],
    ['a blank after a value', TEXT.replace('master', 'master '), 'line 3'],
    ['two blanks after a colon', TEXT.replace('branch: ', 'branch:  '), 'line 3'],
    ['two lines swapped', TEXT.replace(/(base: .*\n)(head: .*\n)/, '$2$1'), 'line 4'],
    ['a line left out', TEXT.replace(/branch: .*\n/, ''), 'line 3'],
    ['a line twice', TEXT.replace(/(branch: .*\n)/, '$1$1'), 'line 4'],
    ['a short id', TEXT.replace('1'.repeat(40), '1'.repeat(39)), 'line 4'],
    ['an id in upper case', TEXT.replace('1'.repeat(40), 'A'.repeat(40)), 'line 4'],
    ['ids of two formats', TEXT.replace('1'.repeat(40), '1'.repeat(64)), 'line 5'],
    ['a digest without its name', TEXT.replace('sha256:', ''), 'line 6'],
    ['another decision', TEXT.replace('approve', 'Approve'), 'line 7'],
    ['serial 0', TEXT.replace('serial: 1', 'serial: 0'), 'line 9'],
    ['serial 01', TEXT.replace('serial: 1', 'serial: 01'), 'line 9'],
    ['serial -1', TEXT.replace('serial: 1', 'serial: -1'), 'line 9'],
    ['an unknown type', TEXT.replace('review/v1', 'review/v2'), 'line 1'],
    ['an empty note', `${TEXT}note: \n`, 'line 10'],
    ['a foreign line after it', `${TEXT}extra: x\n`, 'line 10'],
    ['a byte order mark', `\ufeff${TEXT}`, 'line 1'],
    ['nothing', '', 'line 1'],
  ])('%s is not the one encoding', (_name, text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  test('bytes that are no UTF-8 and texts past the bound are refused', () => {
    expect(parseStatement(Uint8Array.of(...encode(TEXT), 0xff)).ok).toBe(false);
    expect(parse(`${TEXT}${'note: x\n'.repeat(40_000)}`)).toBe('line 1');
    expect(parse(`${TEXT}${'note: x\n'.repeat(101)}`)).toBe('line 110');
  });

  const reviews = fc.record({
    type: fc.constant('review' as const),
    project: fc.constantFrom('github.com/acme/nixpkgs', 'git.example.org/a/b/c'),
    branch: fc.stringMatching(/^[a-z0-9-]{1,20}$/).filter(isBranchName),
    base: fc.stringMatching(/^[0-9a-f]{40}$/).map(oid),
    head: fc.stringMatching(/^[0-9a-f]{40}$/).map(oid),
    change: fc.stringMatching(/^[0-9a-f]{64}$/),
    decision: fc.constantFrom('approve' as const, 'reject' as const, 'withdraw' as const),
    reviewer: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,10}$/),
    serial: fc.integer({ min: 1, max: 999_999_999 }),
    notes: fc.array(fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/), { maxLength: 4 }),
  });

  test('parse after encode is the identity', () => {
    fc.assert(
      fc.property(reviews, (review) => {
        const parsed = parseStatement(encode(encodeStatement(review)));
        expect(parsed).toEqual({ ok: true, statement: review });
      }),
    );
  });

  test('whatever parses is the one encoding of what it says', () => {
    const bytes = encode(encodeStatement({ ...REVIEW, notes: ['a note'] }));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (index, byte) => {
        const changed = bytes.slice();
        changed[index] = byte;
        const parsed = parseStatement(changed);
        if (parsed.ok) expect(encode(encodeStatement(parsed.statement))).toEqual(changed);
      }),
      { numRuns: 3000 },
    );
  });

  test('no statement is a commit, and no commit a statement', () => {
    expect(TEXT.startsWith('tree ')).toBe(false);
    expect(parse(`tree ${'1'.repeat(40)}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx\n`)).toBe(
      'line 1',
    );
  });
});
