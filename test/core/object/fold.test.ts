import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldName, plainName } from '../../../src/core/object/fold.ts';

const plain = (text: string): string => plainName(Buffer.from(text));
const fold = (text: string): string => foldName(Buffer.from(text));

describe('names that some file system takes for one', () => {
  test.each([
    ['sharp s', ['open\u00dfl', 'open\u1e9el', 'openssl', 'OPENSSL', 'open\u017f\u017fl']],
    ['KELVIN SIGN', ['\u212a', 'k', 'K']],
    ['sigma within a word and at its end', ['\u03a3\u03a3', '\u03c3\u03c2', '\u03c2\u03c3']],
    [
      'iota below a letter, before and after another mark',
      ['\u03b1\u0345\u0307', '\u03b1\u0307\u0345', '\u1fb3\u0307', '\u03b1\u03b9\u0307'],
    ],
    ['a dotted capital i', ['\u0130', 'i\u0307', 'I\u0307']],
    ['marks in another order', ['a\u0316\u0301', 'a\u0301\u0316', '\u00e1\u0316']],
    ['a ligature', ['\ufb03', 'ffi', 'FF\u0130'.replace('\u0130', 'I')]],
  ])('%s', (_, names) => {
    expect(new Set(names.map(plain)).size).toBe(1);
    expect(new Set(names.map(fold)).size).toBe(1);
  });

  test('invisible letters and dots at the end are left out of a plain name alone', () => {
    expect(plain('a\u200db. .')).toBe('ab');
    expect(fold('a\u200db.')).not.toBe('ab.');
    expect(plain('\u03c3\u115f')).toBe(plain('\u03c3'));
  });

  test('every letter meets its upper and lower case and each of its forms, whatever stands around it', () => {
    const missed: string[] = [];
    for (let code = 0x80; code <= 0x1ffff; code += 1) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const letter = String.fromCodePoint(code);
      const forms = [
        letter.toUpperCase(),
        letter.toLowerCase(),
        letter.normalize('NFC'),
        letter.normalize('NFD'),
      ];
      for (const form of forms) {
        if (form !== letter && plain(`x${form}y`) !== plain(`x${letter}y`)) missed.push(code.toString(16));
      }
    }
    expect(missed).toEqual([]);
  }, 60_000);

  test('folding what is folded changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        expect(plain(plain(text))).toBe(plain(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('names that nobody can open', () => {
  test('are taken as bytes: putting thousands of marks in order would take hours', () => {
    const marks = '\u0300'.repeat(200_000) + '\u0316'.repeat(200_000);
    expect(plain(`a${marks}`).startsWith('\0')).toBe(true);
    expect(fold(`a${marks}`).startsWith('\0')).toBe(true);
    // The longest name that is one: 255 units of UTF-16.
    expect(plain(`\u00df${'a'.repeat(254)}`)).toBe(`ss${'a'.repeat(254)}`);
    expect(plain(`\u00df${'a'.repeat(255)}`).startsWith('\0')).toBe(true);
  });

  test('bytes that are no UTF-8 never meet a name that is', () => {
    expect(plainName(Buffer.from('A\xff', 'latin1'))).toBe(plainName(Buffer.from('a\xff', 'latin1')));
    expect(plainName(Buffer.from('\xff', 'latin1'))).not.toBe(plain('\u00ff'));
  });
});
