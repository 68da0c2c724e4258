import { describe, expect, test } from 'vitest';
import { parseCommandWords } from '../../src/signing/command-words.ts';

describe('the words of a configured command', () => {
  test.each<[string, string[] | null]>([
    ['ssh-add -L', ['ssh-add', '-L']],
    ['  a \t b  ', ['a', 'b']],
    [`sh -c 'echo "x y"'`, ['sh', '-c', 'echo "x y"']],
    ['a"b c"d', ['ab cd']],
    [`a '' ""`, ['a', '', '']],
    [String.raw`a\ b \"c`, ['a b', '"c']],
    [String.raw`'a\b' "a\"b"`, [String.raw`a\b`, 'a"b']],
    ['$(rm) `x` ; |', ['$(rm)', '`x`', ';', '|']],
    ['', []],
    [`'open`, null],
    ['end\\', null],
  ])('%s', (line, words) => {
    expect(parseCommandWords(line)).toEqual(words);
  });
});
