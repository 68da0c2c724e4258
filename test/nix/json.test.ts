import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Unreadable } from '../../src/gather/ports.ts';
import { parseJson, type Json } from '../../src/nix/json.ts';
import { runs } from '../properties/runs.ts';

/** The value that it is, with numbers as JavaScript reads them. */
function plain(value: Json): unknown {
  switch (value.kind) {
    case 'object':
      return Object.fromEntries([...value.members].map(([name, member]) => [name, plain(member)]));
    case 'array':
      return value.items.map(plain);
    case 'null':
      return null;
    case 'number':
      return Number(value.value);
    default:
      return value.value;
  }
}

function read(text: string): unknown {
  try {
    return { read: plain(parseJson(text)) };
  } catch (error) {
    if (error instanceof Unreadable) return 'refused';
    throw error;
  }
}

test('any JSON is read as the language itself reads it', () => {
  const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(json, fc.constantFrom(0, 1, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const written = JSON.stringify(value, null, indent);
      expect(read(written)).toEqual({ read: JSON.parse(written) as unknown });
    }),
    runs(500),
  );
});

test('what the language refuses is refused, and what is read is the same', () => {
  const base = JSON.stringify({ a: [1, -2.5e3, 'x\n"', true, null], b: { c: {} } });
  fc.assert(
    fc.property(
      fc.nat(base.length),
      fc.nat(3),
      fc.constantFrom('', ...'{ } [ ] " , : \\ e . - 0 u'.split(' '), ' '),
      (at, cut, put) => {
        const text = base.slice(0, at) + put + base.slice(at + cut);
        let value: unknown;
        try {
          value = { read: JSON.parse(text) as unknown };
        } catch {
          value = 'refused';
        }
        const mine = read(text);
        // Stricter in one thing alone: a name twice.
        if (mine !== 'refused' || value === 'refused') expect(mine).toEqual(value);
        else expect(text).toMatch(/("[^"]*").*\1|\d{31}/s);
      },
    ),
    runs(2000),
  );
});

test('places are those in the text', () => {
  const text = ' { "a" : [ 1 , "b" ] } ';
  const value = parseJson(text);
  const a = value.kind === 'object' ? value.members.get('a') : undefined;
  expect([text.slice(value.start, value.end), text.slice(a?.start, a?.end)]).toEqual([
    '{ "a" : [ 1 , "b" ] }',
    '[ 1 , "b" ]',
  ]);
});

test('a refusal names the line', () => {
  expect(() => parseJson('{\n  "a": 1,\n  "a": 2\n}')).toThrow('line 3: `a` is there twice');
});
