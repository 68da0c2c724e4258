import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keeping } from '../../src/git/kept.ts';

const one = (): number => 1;

test('what was set last is still there, up to half of the weight', () => {
  const kept = keeping<number, string>(100, one);
  for (let key = 0; key < 1000; key += 1) kept.set(key, `value ${key}`);
  const there = Array.from({ length: 1000 }, (_, key) => kept.get(key) ?? null);
  expect(there.slice(950)).toEqual(Array.from({ length: 50 }, (_, index) => `value ${950 + index}`));
  expect(there.slice(0, 900).every((value) => value === null)).toBe(true);
});

test('what is asked for stays, however much is set meanwhile', () => {
  const kept = keeping<number, string>(100, one);
  kept.set(-1, 'asked for');
  for (let key = 0; key < 1000; key += 1) {
    kept.set(key, 'passing');
    expect(kept.get(-1)).toBe('asked for');
  }
});

test('what is deleted is gone from both generations', () => {
  const kept = keeping<number, string>(4, one);
  kept.set(1, 'first');
  for (const key of [2, 3]) kept.set(key, 'next');
  kept.set(1, 'second');
  kept.delete(1);
  expect(kept.get(1)).toBeUndefined();
});

test('property: answers are the value set last, or none', () => {
  const step = fc.record({ key: fc.nat(12), weight: fc.integer({ min: 1, max: 30 }), act: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const most = 40;
      const kept = keeping<number, { readonly weight: number }>(most, ({ weight }) => weight);
      const model = new Map<number, { readonly weight: number }>();
      for (const { key, weight, act } of steps) {
        if (act === 0) {
          kept.delete(key);
          model.delete(key);
        } else if (act === 1) {
          const found = kept.get(key);
          if (found !== undefined) expect(found).toBe(model.get(key));
        } else {
          const value = { weight };
          kept.set(key, value);
          model.set(key, value);
          expect(kept.get(key)).toBe(value);
        }
      }
    }),
  );
});

test('property: what is held never outweighs the bound, but for the last value', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 200 }), (weights) => {
      const most = 40;
      const kept = keeping<number, number>(most, (weight) => weight);
      weights.forEach((weight, key) => {
        kept.set(key, weight);
      });
      // The newest first: an answer from the old generation moves it, and may drop what is older.
      const held = weights.map((_, index) => kept.get(weights.length - 1 - index) ?? 0);
      expect(held[0]).toBe(weights.at(-1));
      expect(held.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(
        most + 2 * Math.max(...weights),
      );
    }),
  );
});
