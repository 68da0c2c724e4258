import fc from 'fast-check';
import type { Keyring } from '../../../src/core/identity/keyring.ts';
import { parsePattern } from '../../../src/core/policy/pattern.ts';
import type { BranchPolicy, Pin, Policy, Requirement } from '../../../src/core/policy/policy.ts';

/** Policies for tests of their meaning, made as values: what the parser would refuse among them is harmless here. */

export const NO_KEYS: Keyring = { certificates: [], unreadable: [] };
export const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;

export function pinOf(name: string): Pin {
  const digest = `SHA256:${name}`;
  return {
    kind: 'ssh',
    type: 'ssh-ed25519',
    blob: name,
    fingerprint: digest,
    material: `ed25519:${name}`,
    presence: 'none',
  };
}

export interface Parts {
  readonly people?: Readonly<Record<string, readonly Pin[]>>;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly governance?: Partial<Policy['governance']>;
  readonly branch?: Partial<BranchPolicy>;
  readonly require?: readonly Requirement[];
  readonly policy?: Partial<Policy>;
}

export function rule(
  name: string,
  parts: Partial<Omit<Requirement, 'paths'>> & { paths?: readonly string[] },
): Requirement {
  const { paths, ...rest } = parts;
  return { name, people: 0, approvals: 0, from: 'team', ...rest, paths: paths?.map(parsePattern) ?? null };
}

export const EVERYTHING = rule('everything', { people: 2, approvals: 1 });

export function policyOf({
  people,
  groups,
  governance,
  branch,
  require = [EVERYTHING],
  policy,
}: Parts = {}): Policy {
  const pins = people ?? Object.fromEntries(PEOPLE.map((name) => [name, [pinOf(name)]]));
  return {
    project: 'github.com/acme/nixpkgs',
    people: new Map(Object.entries(pins).map(([name, keys]) => [name, { name, github: null, keys }])),
    groups: new Map(
      Object.entries(groups ?? { team: PEOPLE.slice(0, 4), core: PEOPLE.slice(0, 3) }).map(
        ([name, members]) => [name, new Set(members)],
      ),
    ),
    bots: new Map(),
    governance: { people: 2, from: 'core', paths: [], ...governance },
    branches: [
      {
        name: 'stable',
        match: [parsePattern('master')],
        mode: 'enforce',
        commits: { signedBy: 'team', unsigned: 'refuse' },
        merges: { githubButton: 'refuse', conflicts: 'never', signerCountsAs: 'person', union: [] },
        reviews: { carryOver: 'never' },
        freshness: null,
        require,
        ...branch,
      },
    ],
    webFlow: [],
    ...policy,
  };
}

const PATHS = ['lib/**', 'lib/a', 'lib/*', 'pkgs/**', '**/x', 'pkgs/x', '**', 'l*/a'] as const;

/** Small enough for two of them to meet often. */
export const anyRequire: fc.Arbitrary<readonly Requirement[]> = fc
  .array(
    fc.record({
      paths: fc.option(fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 1, maxLength: 3 })),
      people: fc.nat(3),
      approvals: fc.nat(2),
      from: fc.constantFrom('team', 'core', 'few'),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((rules) =>
    rules.map(({ paths, people, approvals, from }, index) =>
      rule(`rule${index}`, {
        ...(paths && { paths }),
        people: people + approvals === 0 ? 1 : people,
        approvals,
        from,
      }),
    ),
  );

const anyGroup = fc.uniqueArray(fc.constantFrom(...PEOPLE), { minLength: 1 });

export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({ require: anyRequire, team: anyGroup, core: anyGroup, few: anyGroup })
  .map(({ require, team, core, few }) => policyOf({ require, groups: { team, core, few } }));
