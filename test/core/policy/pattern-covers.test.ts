import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches, parsePattern, patternProblem } from '../../../src/core/policy/pattern.ts';
import { covers, openBudget } from '../../../src/core/policy/pattern-covers.ts';
import { runs } from '../../properties/runs.ts';

const covered = (pattern: string, ...others: readonly string[]): boolean =>
  covers(others.map(parsePattern), parsePattern(pattern), openBudget());

/** Every path of up to five characters over an alphabet that has all that a pattern of these tests can tell apart. */
const PATHS: readonly Uint8Array[] = (() => {
  const all: string[] = [];
  const add = (path: string): void => {
    if (path.length > 0) all.push(path);
    if (path.length < 5) for (const next of ['a', 'b', 'z', '/']) add(path + next);
  };
  add('');
  return all.map((path) => new TextEncoder().encode(path));
})();

const anyPattern = fc
  .array(fc.constantFrom('a', 'b', '/', '*', '**', '?', '**/'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((source) => patternProblem(source) === null);

describe('covering', () => {
  test('is never claimed where a path slips through', () => {
    fc.assert(
      fc.property(anyPattern, fc.array(anyPattern, { maxLength: 3 }), (pattern, others) => {
        fc.pre(covered(pattern, ...others));
        const [own, theirs] = [parsePattern(pattern), others.map(parsePattern)];
        const slips = PATHS.filter(
          (path) => matches(own, path) && !theirs.some((other) => matches(other, path)),
        );
        expect(slips.map((path) => new TextDecoder().decode(path))).toEqual([]);
      }),
      runs(300),
    );
  });

  test('and is found where no path can', () => {
    fc.assert(
      fc.property(anyPattern, anyPattern, (pattern, other) => {
        const [own, theirs] = [parsePattern(pattern), parsePattern(other)];
        fc.pre(!covered(pattern, other));
        // Patterns of four parts over this alphabet differ within five characters, or not at all.
        expect(PATHS.some((path) => matches(own, path) && !matches(theirs, path))).toBe(true);
      }),
      runs(300),
    );
  });

  test.each([
    ['lib/a', ['lib/*']],
    ['lib/**', ['**']],
    ['lib/*', ['lib/**']],
    ['lib/a', ['x', 'lib/?']],
    ['**/x', ['x', '**/x', 'y']],
    ['lib/?*', ['lib/?', 'lib/??*']],
    ['lib/**', ['lib/*', 'lib/*/**']],
  ])('%s by %o', (pattern, others) => {
    expect(covered(pattern, ...others)).toBe(true);
  });

  test.each([
    ['lib/**', ['lib/*']],
    ['**', ['lib/**', 'pkgs/**']],
    ['lib/*', ['lib/?']],
    ['lib/a*', ['lib/ab*', 'lib/ac*']],
    ['a', []],
  ])('%s not by %o', (pattern, others) => {
    expect(covered(pattern, ...others)).toBe(false);
  });

  test('is not claimed once there is nothing left to look with', () => {
    expect(covers([parsePattern('l*')], parsePattern('lib'), { left: 3 })).toBe(false);
  });
});
