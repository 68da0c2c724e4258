import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/verdict/outcome.ts';
import { decide } from '../../src/judge.ts';
import { runs } from './runs.ts';
import {
  FRESH,
  openWorld,
  playChange,
  playOutside,
  playStep,
  type Posted,
  type World,
} from './verdict-world.ts';

const RANK: readonly Outcome[] = ['pass', 'pending', 'undetermined', 'fail'];
const SUPPORTING: readonly Posted['kind'][] = ['approve', 'adopt', 'overrule', 'ratify'];

describe.each([
  ['a change', playChange],
  ['outside work', playOutside],
  ['a step', playStep],
])('of %s', (_what, play) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(play);
  });

  const badness = async (posted: readonly Posted[]): Promise<number> =>
    RANK.indexOf((await decide(world.with(posted))).outcome);

  /** Some statements, what is for the change more often than not: otherwise nothing ever passes. */
  const posts = () => {
    const supporting = world.pool.filter(({ kind, by, named }) => SUPPORTING.includes(kind) && by === named);
    const central = supporting.filter((one) => one.central);
    const rest = world.pool.filter((one) => !supporting.includes(one));
    const against: fc.Arbitrary<Posted[]> = fc.oneof(
      { weight: 2, arbitrary: fc.constant<Posted[]>([]) },
      { weight: 1, arbitrary: fc.subarray(rest, { maxLength: 3 }) },
    );
    return fc
      .tuple(fc.subarray(central, { maxLength: 7 }), fc.subarray(supporting, { maxLength: 3 }), against)
      .map(([some, more, others]) => [...new Set([...some, ...more, ...others])]);
  };
  const isSupporting = ({ kind, by, named, right }: Posted): boolean =>
    SUPPORTING.includes(kind) && by === named && right;

  test('only people are counted whose own signature verified', async () => {
    await fc.assert(
      fc.asyncProperty(posts(), async (posted) => {
        const { people, rulings, evidence } = await decide(world.with(posted));
        const genuine = posted.filter(({ by, named }) => by === named);
        const signed = new Set([...world.signers, ...genuine.map(({ by }) => by)]);
        const counted = [
          ...[people.authors, people.behind, people.approvers, people.adopters].flat(),
          ...(people.merger === null ? [] : [people.merger]),
          ...rulings.flatMap((ruling) => ruling.counted),
          ...evidence.map(({ signer }) => signer),
        ];
        for (const name of counted) expect(signed).toContain(name);
        const approving = genuine
          .filter(({ kind, right }) => kind === 'approve' && right)
          .map(({ by }) => by);
        const merger = people.merger === null ? [] : [people.merger];
        for (const name of people.approvers) expect([...approving, ...merger]).toContain(name);
        const adopting = genuine.filter(({ kind }) => kind === 'adopt').map(({ by }) => by);
        for (const name of people.adopters) expect(adopting).toContain(name);
        for (const name of people.authors) expect(people.approvers).not.toContain(name);
      }),
      runs(150),
    );
  });

  test('what is added in support, with a fresh serial, makes nothing worse', async () => {
    const fresh = world.pool.filter((one) => isSupporting(one) && isFresh(one));
    await fc.assert(
      fc.asyncProperty(posts(), fc.constantFrom(...fresh), async (posted, more) => {
        const before = posted.filter((one) => one !== more);
        expect(await badness([...before, more])).toBeLessThanOrEqual(await badness(before));
      }),
      runs(150),
    );
  });

  test('what is taken away of the support makes nothing better', async () => {
    const supported = posts().filter((posted) => posted.some(isSupporting));
    await fc.assert(
      fc.asyncProperty(supported, fc.nat(), async (posted, at) => {
        const supporting = posted.filter(isSupporting);
        const gone = supporting[at % supporting.length];
        const rest = posted.filter((one) => one !== gone);
        expect(await badness(rest)).toBeGreaterThanOrEqual(await badness(posted));
      }),
      runs(150),
    );
  });

  test('the order in which statements are found means nothing', async () => {
    await fc.assert(
      fc.asyncProperty(posts(), async (posted) => {
        const [one, other] = [
          await decide(world.with(posted)),
          await decide(world.with(posted.toReversed())),
        ];
        expect(other.people).toEqual(one.people);
        expect(other.outcome).toBe(one.outcome);
      }),
      runs(60),
    );
  });

  test('what could not be found out about the heads that are named counts for nothing, and stops nothing', async () => {
    const { facts } = world;
    const unknown = { mergeBases: null, repeatedBy: null, recreated: null, baseLanded: false } as const;
    await fc.assert(
      fc.asyncProperty(
        posts(),
        fc.array(fc.constantFrom('kept', 'gone', 'unknown'), { minLength: facts.spans.length }),
        async (posted, fates) => {
          const spans = facts.spans
            .filter((_span, index) => fates[index] !== 'gone')
            .map((span, index) => (fates[index] === 'unknown' ? { ...span, ...unknown } : span));
          const { outcome } = await decide({ ...world.with(posted), spans });
          expect(RANK.indexOf(outcome)).toBeGreaterThanOrEqual(await badness(posted));
        },
      ),
      runs(60),
    );
  });

  test('nobody turns it red by posting but somebody on the roster who signs a "no", or stops a key', async () => {
    const noise = world.pool.filter(({ kind, by, named }) => by !== named || SUPPORTING.includes(kind));
    await fc.assert(
      fc.asyncProperty(fc.subarray(noise, { maxLength: 10 }), async (posted) => {
        expect((await decide(world.with(posted))).outcome).not.toBe('fail');
      }),
      runs(60),
    );
  });

  test('some of it passes, some waits, and in a change some fails', async () => {
    const seen = new Set<Outcome>();
    for (const posted of fc.sample(posts(), { numRuns: 120, seed: 7 })) {
      seen.add((await decide(world.with(posted))).outcome);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['pass', 'pending']));
    if (world.facts.target.kind === 'change') expect(seen).toContain('fail');
  });
});

function isFresh({ kind, text }: Posted): boolean {
  return kind === 'overrule' || kind === 'ratify' || text.includes(`\nserial: ${FRESH}\n`);
}
