import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches, parsePattern, patternProblem } from '../../../src/core/policy/pattern.ts';
import { openBudget } from '../../../src/core/policy/pattern-covers.ts';
import { overlap } from '../../../src/core/policy/pattern-overlap.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hits = (pattern: string, path: string): boolean => matches(parsePattern(pattern), bytes(path));

describe('path patterns', () => {
  test.each([
    ['lib/**', 'lib/a', true],
    ['lib/**', 'lib/a/b/c', true],
    ['lib/**', 'lib', false],
    ['lib/**', 'xlib/a', false],
    ['lib/**', 'a/lib/a', false],
    ['lib', 'lib/a', false],
    ['lib/*', 'lib/a', true],
    ['lib/*', 'lib/a/b', false],
    ['lib/*.nix', 'lib/.nix', true],
    ['lib/?.nix', 'lib/a.nix', true],
    ['lib/?.nix', 'lib//.nix', false],
    ['**', '', true],
    ['**', 'a/b', true],
    ['**/default.nix', 'default.nix', true],
    ['**/default.nix', 'a/b/default.nix', true],
    ['**/default.nix', 'a/xdefault.nix', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/xb', false],
    ['a**b', 'a/x/b', true],
    ['*', 'a/b', false],
    ['release-*', 'release-26.05', true],
    ['release-*', 'xrelease-26.05', false],
    ['pkgs/stdenv/**', 'pkgs/stdenv/a\nb', true],
    ['pkgs/stdenv/**', 'pkgs/stdenv/\u2028', true],
    ['pkgs/stdenv/**', 'pkgs/stdenv/(a|b)+', true],
    ['a.b', 'axb', false],
  ])('%s against %j: %s', (pattern, path, expected) => {
    expect(hits(pattern, path)).toBe(expected);
  });

  test('bytes that are no UTF-8 are matched like any other byte', () => {
    const path = Uint8Array.of(...bytes('lib/'), 0xff, 0xfe);
    expect(matches(parsePattern('lib/**'), path)).toBe(true);
    expect(matches(parsePattern('lib/?'), path)).toBe(false);
    expect(matches(parsePattern('lib/??'), path)).toBe(true);
  });

  test.each([
    '',
    '/lib',
    './lib',
    'lib/',
    'a//b',
    '!lib',
    '[ab]',
    '{a,b}',
    'a|b',
    'a\\b',
    '***',
    'a/../b',
    'a\u0000b',
  ])('%j is refused with a reason', (source) => {
    expect(patternProblem(source)).not.toBeNull();
    expect(() => parsePattern(source)).toThrow(RangeError);
  });

  const part = fc.stringMatching(/^[ab]{1,2}$/);
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const pattern = fc
    .array(fc.oneof(part, fc.constantFrom('*', '**', 'a*', '*b', '?', 'a**')), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));

  test('agrees with a regular expression written from the definition', () => {
    fc.assert(
      fc.property(pattern, path, (source, text) => {
        const escaped = source
          .replaceAll(/(?<=^|\/)\*\*\//g, '\u0001')
          .replaceAll('**', '\u0002')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]')
          .replaceAll('\u0001', '(?:.*/)?')
          .replaceAll('\u0002', '.*');
        expect(hits(source, text)).toBe(new RegExp(`^(?:${escaped})$`, 's').test(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('a literal path matches itself and no other', () => {
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(hits(a, b)).toBe(a === b);
      }),
    );
  });

  /** A pattern that matches `text`, made by putting wildcards for some of its parts. */
  const wildcardsFor = (text: string): fc.Arbitrary<string> => {
    const parts = text.split('/');
    return fc
      .tuple(...parts.map((one) => fc.constantFrom(one, '*', `${one.slice(0, 1)}*`, `?${one.slice(1)}`)))
      .chain((chosen) =>
        fc.constantFrom(chosen.join('/'), `**/${chosen.at(-1) ?? ''}`, `${parts[0] ?? ''}**`),
      );
  };

  test('two patterns that match one path overlap', () => {
    const cases = path.chain((text) => fc.tuple(fc.constant(text), wildcardsFor(text), wildcardsFor(text)));
    fc.assert(
      fc.property(cases, ([text, a, b]) => {
        expect([hits(a, text), hits(b, text)]).toEqual([true, true]);
        expect(overlap(parsePattern(a), parsePattern(b), openBudget())).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['master', 'release-*', false],
    ['release-*', 'release-26.*', true],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['a*', '*b', true],
    ['a?', 'a', false],
  ])('%s and %s overlap: %s', (a, b, expected) => {
    expect(overlap(parsePattern(a), parsePattern(b), openBudget())).toBe(expected);
  });

  test('a pattern made to be slow is matched in bounded steps', () => {
    const slow = parsePattern(`${'*a'.repeat(100)}b`);
    expect(matches(slow, bytes('a'.repeat(4000)))).toBe(false);
  });
});
