import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeAllowedSigners,
  NO_OPTIONS,
  parseAllowedSigners,
  type AllowedSigner,
} from '../../../src/core/policy/allowed-signers.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const plain: AllowedSigner = { principals: ['alice'], options: NO_OPTIONS, key: KEY, comment: '' };
const noon = { year: 2030, month: 1, day: 31, hour: 12, minute: 0, second: 0, utc: false };
const one = (line: string): unknown => {
  const [read] = parseAllowedSigners(line);
  return read?.ok === true ? read.signer : read?.problem;
};

describe('a file of allowed signers', () => {
  test.each([
    [`alice ${KEY}`, plain],
    [`  alice\t${KEY}  `, plain],
    [`alice ${KEY} of her laptop `, { ...plain, comment: 'of her laptop' }],
    [`a@example.org,*@example.com ${KEY}`, { ...plain, principals: ['a@example.org', '*@example.com'] }],
    [`"alice smith,bob" ${KEY}`, { ...plain, principals: ['alice smith', 'bob'] }],
    [
      `alice namespaces="git,countersign@v1" ${KEY}`,
      { ...plain, options: { ...NO_OPTIONS, namespaces: ['git', 'countersign@v1'] } },
    ],
    [
      `alice cert-authority,NameSpaces="file" ${KEY}`,
      { ...plain, options: { ...NO_OPTIONS, certAuthority: true, namespaces: ['file'] } },
    ],
    [
      `alice valid-after="20300131Z",valid-before="203001311200" ${KEY}`,
      {
        ...plain,
        options: {
          ...NO_OPTIONS,
          validAfter: { ...noon, hour: 0, utc: true },
          validBefore: noon,
        },
      },
    ],
  ])('%s', (line, expected) => {
    expect(one(line)).toEqual(expected);
  });

  test.each([
    ['alice', 'expected a key'],
    ['alice ssh-ed25519', 'expected a key'],
    [`alice namespaces=git ${KEY}`, 'quotation marks'],
    [`alice namespaces="git ${KEY}`, 'not closed'],
    [`"alice ${KEY}`, 'not closed'],
    [`alice,,bob ${KEY}`, 'a principal is empty'],
    [`alice namespaces="git," ${KEY}`, 'a namespace is empty'],
    [`alice zap ${KEY}`, 'unknown option `zap`'],
    [`alice ${'Z'.repeat(21)} ${KEY}`, `unknown option \`${'z'.repeat(20)}…\``],
    [`${KEY} her laptop`, 'it is a key alone'],
    [`al"ice" ${KEY}`, 'a quotation mark stands within'],
    [`"alice"x"bob" ${KEY}`, 'a quotation mark stands within'],
    [`alice,"bob" ${KEY}`, 'a quotation mark stands within'],
    [`alice cert-authority,cert-authority ${KEY}`, 'twice'],
    [`alice valid-before="2030" ${KEY}`, 'is no time'],
    [`alice valid-before="20301331" ${KEY}`, 'is no time'],
    [`alice valid-before="20300132" ${KEY}`, 'is no time'],
    [`alice valid-before="203001312400" ${KEY}`, 'is no time'],
  ])('%s: %s', (line, problem) => {
    expect(one(line)).toContain(problem);
  });

  test('comments and empty lines are none, and lines keep their numbers', () => {
    const read = parseAllowedSigners(`# people\r\n\r\nalice ${KEY}\r\n  # more\nbob\n`);
    expect(read.map(({ ok, line }) => [ok, line])).toEqual([
      [true, 3],
      [false, 5],
    ]);
  });

  test('a file without end is cut with a word about it', () => {
    const read = parseAllowedSigners(`alice ${KEY}\n`.repeat(10_001));
    expect(read).toHaveLength(10_001);
    expect(read.at(-1)).toMatchObject({ ok: false, line: 10_001 });
  });

  const word = fc.stringMatching(/^[A-Za-z0-9@.*?!_-]{1,12}$/);
  const times = fc.record({
    year: fc.integer({ min: 0, max: 9999 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 29 }),
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.integer({ min: 0, max: 59 }),
    utc: fc.boolean(),
  });
  const signers: fc.Arbitrary<AllowedSigner> = fc.record({
    principals: fc.array(fc.oneof(word, fc.stringMatching(/^[a-z]{1,5} [a-z#]{1,5}$/)), {
      minLength: 1,
      maxLength: 3,
    }),
    options: fc.record({
      certAuthority: fc.boolean(),
      namespaces: fc.option(fc.array(word, { minLength: 1, maxLength: 3 })),
      validAfter: fc.option(times),
      validBefore: fc.option(times),
    }),
    key: fc.constantFrom(KEY, 'ecdsa-sha2-nistp256 AAAA', 'sk-ssh-ed25519@openssh.com AAAA+/=='),
    comment: fc.constantFrom('', 'her laptop', 'a"b', '#1'),
  });

  test('parse after encode is the identity', () => {
    fc.assert(
      fc.property(fc.array(signers, { maxLength: 4 }), (list) => {
        const read = parseAllowedSigners(encodeAllowedSigners(list));
        expect(read.map((line) => (line.ok ? line.signer : line.problem))).toEqual(list);
      }),
      { numRuns: 1000 },
    );
  });

  test('what has no line is refused', () => {
    for (const principals of [[], [''], ['a"b'], ['a\nb'], ['a,b'], ['#a"']]) {
      expect(() => encodeAllowedSigners([{ ...plain, principals }])).toThrow(RangeError);
    }
    expect(() => encodeAllowedSigners([{ ...plain, comment: 'a\nb' }])).toThrow(RangeError);
    expect(() => encodeAllowedSigners([{ ...plain, key: `${KEY}\nbob ${KEY}` }])).toThrow(RangeError);
  });

  test('any text gives lines, never an error, and what parses is encoded to the same meaning', () => {
    const piece = fc.constantFrom(
      'alice',
      ' ',
      '"',
      ',',
      '=',
      KEY,
      'namespaces=',
      'cert-authority',
      '#',
      '\n',
      'Z',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        for (const line of parseAllowedSigners(pieces.join(''))) {
          if (!line.ok) continue;
          expect(one(encodeAllowedSigners([line.signer]).trimEnd())).toEqual(line.signer);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
