import { afterAll, describe, expect, test } from 'vitest';
import { askHistory, compared } from './ask.ts';
import { buildHistory, type Built } from './build.ts';
import { tamperedHistories } from './all-tampered.ts';

const made: Built[] = [];
afterAll(() => {
  for (const one of made) one.remove();
});

describe('a history that was tampered with is proven up to there, and not beyond', () => {
  test.each(tamperedHistories.map((tampered) => [tampered.name, tampered] as const))(
    '%s',
    async (_, { from, tamper, expect: expected }) => {
      const built = buildHistory(from);
      made.push(built);
      const line = tamper?.(built) ?? built.line;
      const told = await askHistory({ dir: built.dir, line });
      const { got, want } = compared(told, expected, line.length - 1);
      expect(got).toEqual(want);
      expect(told.ahead).toBe(line.length - 1 - (told.proven ?? 0));
    },
  );
});
