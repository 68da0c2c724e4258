import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readFacts } from '../../../src/core/facts/reading.ts';
import { prove } from '../../../src/core/facts/prove.ts';
import type { SignedText } from '../../../src/core/statement/extract.ts';
import { encodeBatch, isTestimony } from '../../../src/core/statement/statement.ts';
import { decide } from '../../../src/judge.ts';
import { runs } from '../../properties/runs.ts';
import { waymarks } from '../../properties/statements.ts';
import { openWorld, playChange, playStep, type World } from '../../properties/verdict-world.ts';

const armor = Buffer.from('-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n');

/** Texts that say something to users alone, about anything, under a signature that nobody looks at. */
const words = fc
  .array(waymarks, { minLength: 1, maxLength: 4 })
  .map((said): SignedText => ({ from: 'x', text: Buffer.from(encodeBatch(said)), armor, form: 'detached' }));

describe.each([
  ['a change', playChange],
  ['a step', playStep],
])('what is said to users, among the statements on %s', (_what, play) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(play);
  });

  test('is not there for a judgement: the verdict is the same, word for word', async () => {
    const supporting = world.pool.filter(({ kind, central }) => central && kind !== 'revoke');
    const posts = fc.subarray(supporting, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(posts, fc.array(words, { maxLength: 3 }), fc.nat(), async (posted, more, at) => {
        const facts = world.with(posted);
        const place = facts.statements.length === 0 ? 0 : at % facts.statements.length;
        const beside = { ...facts, statements: facts.statements.toSpliced(place, 0, ...more) };
        expect(await decide(beside)).toEqual(await decide(facts));
      }),
      runs(40),
    );
  });

  test('costs no look at its signature', async () => {
    const facts = world.with(world.pool.slice(0, 2));
    const [word] = fc.sample(words, { numRuns: 1, seed: 1 });
    const reading = readFacts({ ...facts, statements: [...facts.statements, ...(word ? [word] : [])] });
    expect([reading.texts.length, reading.statements.length]).toEqual([2, 2]);
    expect((await prove(reading)).statements).toHaveLength(2);
    expect(reading.statements.every(({ statement }) => isTestimony(statement))).toBe(true);
  });
});
