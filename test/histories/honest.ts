import type { Expected, History, Step, Work } from './history.ts';

export interface HonestHistory extends History {
  readonly name: string;
  readonly expect?: Partial<Expected> & { readonly ratified?: readonly number[]; readonly commits?: number };
}

const OTHER_WAY = { governance: '{ people: 2, from: admins }' } as const;
const STRICT = { merges: '{ github-button: clean, signer-counts-as: person }' } as const;

/** Histories that must be proven, whatever else is asked of the program. */
export const honestHistories: readonly HonestHistory[] = [
  {
    name: 'linear',
    about: 'signed commits straight on the branch, each approved by somebody else',
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'bob', approved: ['carol', 'dave'] },
      { by: 'dave', approved: ['alice'] },
    ],
  },
  {
    name: 'introduction-alone',
    about: 'nothing has landed since the introduction',
    steps: [],
  },
  {
    name: 'merges',
    about: 'pull requests with two approvals each, merged by a maintainer',
    policy: { ...STRICT, require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'] },
    steps: [
      { by: 'carol', brings: [by('alice'), by('alice')], approved: ['bob', 'dave'] },
      { by: 'alice', brings: [by('bob'), by('carol'), by('bob')], approved: ['alice', 'dave'] },
    ],
    expect: { commits: 7 },
  },
  {
    name: 'late-work',
    about: 'a change that started before others landed is re-created onto what landed',
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'bob', approved: ['alice'] },
      { by: 'carol', brings: [by('alice')], from: 0, approved: ['bob'] },
      { by: 'carol', brings: [by('dave')], from: 1, approved: ['bob'] },
    ],
  },
  {
    name: 'merger-approves',
    about: 'the merger counts as an approver where the policy says so',
    steps: [{ by: 'bob', brings: [by('alice')] }],
  },
  {
    name: 'adoption',
    about: 'unsigned work and work of a stranger, adopted by maintainers',
    steps: [
      { by: 'carol', brings: [by(null), by(null)], adopted: ['alice'], approved: ['bob'] },
      { by: 'carol', brings: [by('mallory')], adopted: ['dave'], approved: ['alice'] },
      { by: null, adopted: ['alice'], approved: ['dave'] },
    ],
  },
  {
    name: 'policy-by-governance',
    about: 'erin joins, the quorum of governance is lowered, bob leaves: each by the governance before',
    steps: [
      {
        by: 'carol',
        brings: [by('alice')],
        policy: { people: ['alice', 'bob', 'carol', 'dave', 'erin'] },
        approved: ['bob', 'dave'],
      },
      { by: 'alice', approved: ['erin'] },
      {
        by: 'alice',
        policy: { people: ['alice', 'bob', 'carol', 'dave', 'erin'], ...OTHER_WAY },
        approved: ['erin', 'bob'],
      },
      {
        by: 'erin',
        policy: { people: ['alice', 'carol', 'dave', 'erin'], ...OTHER_WAY },
        approved: ['alice'],
      },
      { by: 'carol', approved: ['erin'] },
    ],
  },
  {
    name: 'key-rotation',
    about: 'alice and bob get other keys, and what their old ones signed before stays good',
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'alice', policy: { newKeys: ['alice'] }, approved: ['bob', 'carol'] },
      { by: 'alice', approved: ['bob'] },
      { by: 'carol', policy: { newKeys: ['bob'] }, approved: ['alice', 'bob'] },
      { by: 'dave', approved: ['bob'] },
    ],
  },
  {
    name: 'web-flow',
    about: "GitHub's button merges cleanly what was reviewed, also onto a tip that moved",
    policy: { knowsGitHub: true },
    steps: [
      { by: 'web-flow', brings: [by('alice')], approved: ['bob'] },
      { by: 'dave', approved: ['alice'] },
      { by: 'web-flow', brings: [by('carol'), by('carol')], from: 1, approved: ['alice', 'bob'] },
    ],
  },
  {
    name: 'ratified',
    about: 'an unreviewed commit landed past the check, and governance took it upon itself',
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: null, ratified: ['alice', 'bob', 'dave'] },
      { by: 'carol', approved: ['alice'] },
    ],
    expect: { ratified: [2] },
  },
  {
    name: 'repaired',
    about: 'reviews that were missing when it landed were signed later',
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'carol', repaired: ['dave'] },
      { by: 'dave', brings: [by('alice')], repaired: ['bob'] },
      { by: 'alice', approved: ['bob'] },
    ],
  },
  {
    name: 'resolved-merge',
    about: 'a merge that adds something of its own, which two others approved as such',
    steps: [
      {
        by: 'carol',
        brings: [by('alice')],
        files: { 'lib/resolved.nix': '1\n' },
        approvedMerge: ['bob', 'dave'],
      },
    ],
  },
  {
    name: 'bot',
    about: 'a bot updates packages within its paths, and two maintainers look at it',
    policy: { bot: true },
    steps: [
      { by: 'updater', files: { 'pkgs/by-name/a.nix': '1\n' }, approved: ['alice', 'bob'] },
      {
        by: 'carol',
        brings: [{ by: 'updater', files: { 'pkgs/by-name/b.nix': '1\n' } }],
        approved: ['alice'],
      },
    ],
  },
  {
    name: 'special-files',
    about: 'links, executables, submodules and removals',
    steps: [
      {
        by: 'alice',
        files: { bin: { executable: '#!/bin/sh\n' }, link: { link: 'bin' } },
        approved: ['bob'],
      },
      { by: 'bob', files: { bin: null, sub: { submodule: 'd'.repeat(40) } }, approved: ['alice'] },
    ],
  },
  {
    name: 'sha256',
    about: 'everything in a repository of SHA-256',
    format: 'sha256',
    steps: [
      { by: 'alice', approved: ['bob'] },
      { by: 'carol', brings: [by('alice'), by(null)], adopted: ['dave'], approved: ['bob'] },
      { by: 'dave', policy: OTHER_WAY, approved: ['bob', 'carol'] },
      { by: 'bob', approved: ['alice'] },
    ],
  },
];

function by(name: string | null): Work {
  return { by: name };
}

/** The declaration of that name. */
export function honest(name: string): History {
  const found = honestHistories.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no history is called ${name}`);
  return found;
}

/** The commits that a step brings, its own included. */
export function commitsOf({ brings }: Step): number {
  return 1 + (brings?.length ?? 0);
}
