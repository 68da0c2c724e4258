import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePolicies } from '../../../src/core/policy/compare.ts';
import { matches, parsePattern } from '../../../src/core/policy/pattern.ts';
import type { Pin, Policy } from '../../../src/core/policy/policy.ts';
import type { PolicyChange } from '../../../src/core/policy/policy-change.ts';
import { runs } from '../../properties/runs.ts';
import { anyPolicy, EVERYTHING, NO_KEYS, PEOPLE, pinOf, policyOf, rule, type Parts } from './policies.ts';

const compare = (before: Policy, after: Policy): PolicyChange[] =>
  comparePolicies(before, after, NO_KEYS, NO_KEYS);
const gains = (before: Policy, after: Policy): PolicyChange[] =>
  compare(before, after).filter(({ effect }) => effect === 'gain');
const codes = (changes: readonly PolicyChange[]): string[] => changes.map(({ code }) => code);
const TEAM = PEOPLE.slice(0, 4);

/** Who stands behind a change of some paths, and whether a policy's requirements hold for it: written by their definition. */
interface Trial {
  readonly paths: readonly string[];
  readonly behind: readonly string[];
  readonly approvers: readonly string[];
}

function holds({ branches, groups }: Policy, { paths, behind, approvers }: Trial): boolean {
  const bytes = paths.map((path) => new TextEncoder().encode(path));
  const applicable = (branches[0]?.require ?? []).filter(
    (one) => one.paths === null || bytes.some((path) => one.paths?.some((pattern) => matches(pattern, path))),
  );
  return (
    applicable.length > 0 &&
    applicable.every(({ from, people, approvals }) => {
      const within = (names: readonly string[]): number =>
        names.filter((name) => groups.get(from)?.has(name)).length;
      return within(behind) >= people && within(approvers) >= approvals;
    })
  );
}

const anyTrial: fc.Arbitrary<Trial> = fc
  .record({
    paths: fc.uniqueArray(
      fc.constantFrom('lib/a', 'lib/b', 'lib/c/d', 'pkgs/x', 'pkgs/y', 'x', 'l/a', 'other'),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    authors: fc.subarray([...PEOPLE]),
    approvers: fc.subarray([...PEOPLE]),
  })
  .map(({ paths, authors, approvers: some }) => {
    const approvers = some.filter((name) => !authors.includes(name));
    return { paths, behind: [...authors, ...approvers], approvers };
  });

describe('what becomes possible', () => {
  test('is never left out: whatever only the second policy lets pass, some gain is told', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyPolicy,
        fc.array(anyTrial, { minLength: 20, maxLength: 40 }),
        (before, after, trials) => {
          const passes = trials.find((trial) => holds(after, trial) && !holds(before, trial));
          fc.pre(passes !== undefined);
          expect(gains(before, after).length).toBeGreaterThan(0);
        },
      ),
      runs(400),
    );
  });

  test('and what is taken away is the mirror of it', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyPolicy,
        fc.array(anyTrial, { minLength: 20, maxLength: 40 }),
        (before, after, trials) => {
          fc.pre(trials.some((trial) => holds(before, trial) && !holds(after, trial)));
          expect(compare(before, after).filter(({ effect }) => effect === 'loss').length).toBeGreaterThan(0);
        },
      ),
      runs(400),
    );
  });

  test('of a policy and itself is nothing at all', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(compare(policy, policy)).toEqual([]);
      }),
      runs(200),
    );
  });

  test('no gain is told where the second policy asks for more of everything', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const [branch] = policy.branches;
        if (branch === undefined) throw new Error('no branch');
        const require = branch.require.map((one) => ({
          ...one,
          people: one.people + 1,
          approvals: one.approvals + 1,
        }));
        const stricter = { ...policy, branches: [{ ...branch, require }] };
        expect(gains(policy, stricter)).toEqual([]);
        expect(gains(stricter, policy).length).toBeGreaterThan(0);
      }),
      runs(200),
    );
  });
});

/** Ways to make a policy weaker, one for each of its parts. Each keeps everything else as it is. */
const LIB = rule('lib', { paths: ['lib/**', 'ci/**'], approvals: 2, from: 'core' });
const BASE: Parts = { require: [EVERYTHING, LIB], governance: { paths: [parsePattern('flake.nix')] } };
const withRequire = (...require: readonly (typeof LIB)[]): Policy => policyOf({ ...BASE, require });
const group = (name: string, members: readonly string[]): Policy =>
  policyOf({ ...BASE, groups: { team: TEAM, core: PEOPLE.slice(0, 3), [name]: members } });
const branch = (parts: Parts['branch']): Policy => policyOf({ ...BASE, branch: { ...parts } });
const merges = (parts: Partial<Policy['branches'][number]['merges']>): Policy =>
  branch({
    merges: { githubButton: 'refuse', conflicts: 'never', signerCountsAs: 'person', union: [], ...parts },
  });
const keysOf = (people: Readonly<Record<string, readonly Pin[]>>): Policy =>
  policyOf({
    ...BASE,
    people: { ...Object.fromEntries(PEOPLE.map((name) => [name, [pinOf(name)]])), ...people },
  });

const WEAKER: readonly (readonly [string, Policy, string])[] = [
  [
    'an approval fewer',
    withRequire(EVERYTHING, rule('lib', { paths: ['lib/**', 'ci/**'], approvals: 1, from: 'core' })),
    'quorum-lowered',
  ],
  ['a person fewer', withRequire(rule('everything', { people: 1, approvals: 1 }), LIB), 'quorum-lowered'],
  ['no approval', withRequire(rule('everything', { people: 2 }), LIB), 'quorum-lowered'],
  ['a requirement fewer', withRequire(EVERYTHING), 'paths-unprotected'],
  ['no requirement for everything', withRequire(LIB), 'requirement-dropped'],
  [
    'a path fewer',
    withRequire(EVERYTHING, rule('lib', { paths: ['lib/**'], approvals: 2, from: 'core' })),
    'paths-unprotected',
  ],
  [
    'a narrower path',
    withRequire(EVERYTHING, rule('lib', { paths: ['lib/*', 'ci/**'], approvals: 2, from: 'core' })),
    'paths-unprotected',
  ],
  [
    'another group',
    withRequire(EVERYTHING, rule('lib', { paths: ['lib/**', 'ci/**'], approvals: 2 })),
    'person-gains',
  ],
  ['a member more', group('team', PEOPLE), 'person-gains'],
  ['a governor more', group('core', TEAM), 'governor-added'],
  [
    'fewer governors',
    policyOf({ ...BASE, governance: { people: 1, paths: [parsePattern('flake.nix')] } }),
    'governance-lowered',
  ],
  ['fewer governed paths', policyOf({ ...BASE, governance: {} }), 'governance-paths-dropped'],
  ['another key', keysOf({ alice: [pinOf('mallory')] }), 'key-replaced'],
  ['a key more', keysOf({ alice: [pinOf('alice'), pinOf('mallory')] }), 'key-added'],
  ['keys that change hands', keysOf({ alice: [pinOf('bob')], bob: [pinOf('alice')] }), 'key-moved'],
  ['somebody new', keysOf({ mallory: [pinOf('mallory')] }), 'person-listed'],
  ['commits of strangers', branch({ commits: { signedBy: 'team', unsigned: 'adopt' } }), 'adoption-allowed'],
  ['observing', branch({ mode: 'observe' }), 'mode-observe'],
  ['no branch', branch({ match: [parsePattern('main')] }), 'branch-dropped'],
  ['a narrower branch', branch({ match: [parsePattern('maste?x')] }), 'branch-dropped'],
  ['reviews that carry over', branch({ reviews: { carryOver: 're-created' } }), 'carry-over-allowed'],
  ["GitHub's button", merges({ githubButton: 'clean' }), 'github-button-allowed'],
  ['resolutions', merges({ conflicts: 'reviewed' }), 'resolutions-allowed'],
  ['mergers that approve', merges({ signerCountsAs: 'approver' }), 'merger-approves'],
  ['a union', merges({ union: [parsePattern('lib/list')] }), 'union-added'],
  [
    'another project',
    policyOf({ ...BASE, policy: { project: 'github.com/mallory/nixpkgs' } }),
    'project-changed',
  ],
  [
    'a bot',
    policyOf({
      ...BASE,
      policy: {
        bots: new Map([['bot', { name: 'bot', keys: [pinOf('bot')], paths: [parsePattern('**')] }]]),
      },
    }),
    'bot-added',
  ],
  ["a key of GitHub's", policyOf({ ...BASE, policy: { webFlow: ['A'.repeat(40)] } }), 'web-flow-added'],
];

/** What takes something from one and gives it to another is a gain whichever way it is read. */
const MUTUAL = ['key-replaced', 'key-moved', 'project-changed', 'branch-dropped'];

describe('a weaker policy', () => {
  const base = policyOf(BASE);

  test.each(WEAKER)('is told as a gain, and its reverse as a loss: %s', (_name, weaker, code) => {
    const told = compare(base, weaker);
    expect(codes(told.filter(({ effect }) => effect === 'gain'))).toContain(code);
    const reverse = compare(weaker, base).map(({ effect }) => effect);
    expect(reverse).toContain(MUTUAL.includes(code) ? 'gain' : 'loss');
  });

  test('stays weaker when several weakenings come together', () => {
    const one = withRequire(rule('everything', { people: 1 }));
    expect(codes(gains(base, one))).toEqual(expect.arrayContaining(['quorum-lowered', 'paths-unprotected']));
  });

  test('is told from the most dangerous on, each thing once', () => {
    const worse = policyOf({
      ...BASE,
      governance: { people: 1 },
      branch: { mode: 'observe', reviews: { carryOver: 're-created' } },
      require: [rule('everything', { people: 1, approvals: 1 })],
    });
    const dangers = compare(base, worse).map(({ danger }) => danger);
    const order = ['critical', 'high', 'medium', 'low'];
    const gained = gains(base, worse).map(({ danger }) => order.indexOf(danger));
    expect(gained).toEqual(gained.toSorted((a, b) => a - b));
    expect(dangers[0]).toBe('critical');
    expect(new Set(compare(base, worse).map(({ sentence }) => sentence)).size).toBe(dangers.length);
  });
});

describe('freshness', () => {
  const asking = (days: number, people: number): Policy => branch({ freshness: { days, people } });
  const base = asking(7, 2);

  test.each<readonly [string, Policy]>([
    ['more days', asking(8, 2)],
    ['fewer people', asking(7, 1)],
    ['none any more', branch({})],
  ])('%s let users take an older head for the newest', (_name, weaker) => {
    expect(compare(base, weaker).map(({ code, effect }) => [code, effect])).toEqual([
      ['freshness-loosened', 'gain'],
    ]);
    expect(compare(weaker, base).map(({ code, effect }) => [code, effect])).toEqual([
      ['freshness-tightened', 'loss'],
    ]);
  });

  test('more of the one and less of the other is both', () => {
    expect(codes(compare(base, asking(30, 3)))).toEqual(['freshness-loosened', 'freshness-tightened']);
    expect(compare(base, asking(30, 3))[0]?.sentence).toBe(
      'users of `master` ask 3 people within 30 days what the newest commit is, instead of 2 people within 7 days',
    );
    expect(compare(base, asking(7, 2))).toEqual([]);
  });
});

describe('what is cosmetic', () => {
  const base = policyOf(BASE);

  test.each<readonly [string, Policy]>([
    ['names of requirements', withRequire({ ...EVERYTHING, name: 'all' }, { ...LIB, name: 'foundations' })],
    ['the name of a branch rule', branch({ name: 'other' })],
    [
      'a group under another name',
      policyOf({
        ...BASE,
        groups: { crew: TEAM, core: PEOPLE.slice(0, 3) },
        branch: { commits: { signedBy: 'crew', unsigned: 'refuse' } },
        require: [{ ...EVERYTHING, from: 'crew' }, LIB],
      }),
    ],
    ['the order of requirements', withRequire(LIB, EVERYTHING)],
    [
      'a path twice over',
      withRequire(
        EVERYTHING,
        rule('lib', { paths: ['lib/**', 'lib/x', 'ci/**'], approvals: 2, from: 'core' }),
      ),
    ],
    [
      'a requirement in two',
      withRequire(
        EVERYTHING,
        rule('lib', { paths: ['lib/**'], approvals: 2, from: 'core' }),
        rule('ci', { paths: ['ci/**'], approvals: 2, from: 'core' }),
      ),
    ],
    ['a group that nothing uses', group('unused', PEOPLE)],
  ])('changes nothing: %s', (_name, after) => {
    expect(gains(base, after)).toEqual([]);
    expect(compare(base, after)).toEqual([]);
  });

  test('a person under another name keeps everything but what they signed', () => {
    const names = PEOPLE.map((name) => (name === 'alice' ? 'frank' : name));
    const after = policyOf({
      ...BASE,
      people: Object.fromEntries(names.map((name) => [name, [pinOf(name === 'frank' ? 'alice' : name)]])),
      groups: { team: names.slice(0, 4), core: names.slice(0, 3) },
    });
    expect(codes(compare(base, after))).toEqual(['person-renamed']);
  });

  test('a requirement that another one makes needless is said to be needless', () => {
    const both = withRequire(EVERYTHING, LIB, rule('more', { people: 1 }));
    expect(codes(compare(both, base))).toEqual(['requirement-needless']);
  });
});

test('a long policy of a stranger is compared in the end, by the strict reading', () => {
  const paths = Array.from({ length: 500 }, (_, index) => `pkgs/*/${index}*/**/x?y`);
  const others = paths.map((path) => `${path}*`);
  const many = (some: readonly string[]): Policy =>
    withRequire(
      ...Array.from({ length: 10 }, (_, index) => rule(`r${index}`, { paths: some, approvals: 1 })),
    );
  expect(codes(gains(many(paths), many(others)))).toContain('paths-unprotected');
});

test('a stranger who lists very many people and requirements gets an answer of bounded length', () => {
  const names = Array.from({ length: 900 }, (_, index) => `person-${index}`);
  const huge = (people: number): Policy => {
    const some = names.slice(0, people);
    return policyOf({
      people: Object.fromEntries(some.map((name) => [name, [pinOf(name)]])),
      groups: { team: some, core: some },
      require: Array.from({ length: 2500 }, (_, index) => rule(`r${index}`, { people: people / 10 })),
    });
  };
  const changes = compare(huge(100), huge(900));
  expect(codes(changes)).toContain('person-gains');
  expect(changes.reduce((sum, { sentence }) => sum + sentence.length, 0)).toBeLessThan(2_000_000);
});
