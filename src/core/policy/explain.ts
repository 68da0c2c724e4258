import type { Keyring } from '../identity/keyring.ts';
import { rulesFor } from './branch-rules.ts';
import { findLockouts, type Lockout } from './lockout.ts';
import { matches } from './pattern.ts';
import type { BranchPolicy, Policy, Requirement } from './policy.ts';
import { quorumsOf, type PolicyQuorum } from './quorums.ts';
import { usableByPerson } from './usable.ts';

/** A policy as an answer to who may change what, with how many. Names only; words are made of it elsewhere. */
export interface Explanation {
  readonly project: string;
  readonly people: readonly ExplainedPerson[];
  readonly bots: readonly { readonly name: string; readonly paths: readonly string[] }[];
  readonly branches: readonly ExplainedBranch[];
  readonly governance: ExplainedQuorum & { readonly people: number; readonly paths: readonly string[] };
  /** What was asked about single paths; empty where nothing was. */
  readonly paths: readonly ExplainedPath[];
  readonly lockouts: readonly Lockout[];
}

export interface ExplainedPerson {
  readonly name: string;
  readonly github: string | null;
  /** Keys that are pinned, and those that can sign now. */
  readonly keys: number;
  readonly usable: number;
  readonly groups: readonly string[];
}

/** How far a group is from not being able to meet what is asked of it. */
export interface ExplainedQuorum {
  readonly from: string;
  readonly members: readonly string[];
  /** Members who can sign now. */
  readonly usable: readonly string[];
  /** Members who must be able to sign where one of them wrote the change. */
  readonly need: number;
  /** How many of those who can sign may be lost before it is out of reach; below zero: it is out of reach. */
  readonly mayLose: number;
  /** Whoever can block by signing nothing: all, where nobody can be spared. */
  readonly indispensable: readonly string[];
}

export interface ExplainedRequirement extends ExplainedQuorum {
  readonly name: string;
  /** `null`: every change. */
  readonly paths: readonly string[] | null;
  readonly people: number;
  readonly approvals: number;
}

export interface ExplainedBranch {
  readonly name: string;
  readonly match: readonly string[];
  readonly mode: BranchPolicy['mode'];
  readonly signers: { readonly group: string; readonly members: readonly string[] };
  readonly unsigned: BranchPolicy['commits']['unsigned'];
  readonly merges: {
    readonly githubButton: BranchPolicy['merges']['githubButton'];
    readonly conflicts: BranchPolicy['merges']['conflicts'];
    readonly signerCountsAs: BranchPolicy['merges']['signerCountsAs'];
    readonly union: readonly string[];
  };
  readonly carryOver: BranchPolicy['reviews']['carryOver'];
  /** Who says to users what the newest commit is, and how long that holds; `null`: nobody has to. */
  readonly freshness: (ExplainedQuorum & { readonly days: number; readonly people: number }) | null;
  readonly require: readonly ExplainedRequirement[];
}

export interface ExplainedPath {
  readonly path: string;
  /** Whether changing it takes governance as well. */
  readonly governed: boolean;
  /** By branch rule: the requirements that it falls under; empty: such a change can never pass. */
  readonly branches: readonly { readonly name: string; readonly requirements: readonly string[] }[];
}

export interface Asked {
  /** One branch; left out: all of them. */
  readonly branch?: string;
  readonly paths: readonly string[];
  /** Whether a path is governed whatever the policy says. */
  readonly alwaysGoverned: (path: Uint8Array) => boolean;
}

/** @param now seconds since the epoch */
export function explainPolicy(policy: Policy, keyring: Keyring, now: number, asked: Asked): Explanation {
  const keys = usableByPerson(policy, keyring, now);
  const explain = (quorum: PolicyQuorum | undefined): ExplainedQuorum => {
    const { group: from = '', members = [], need = 0 } = quorum ?? {};
    const usable = members.filter((member) => (keys.get(member)?.length ?? 0) > 0).sort();
    const mayLose = usable.length - need;
    return {
      from,
      members: [...members].sort(),
      usable,
      need,
      mayLose,
      indispensable: mayLose === 0 ? usable : [],
    };
  };
  const quorums = quorumsOf(policy);
  const branches = asked.branch === undefined ? policy.branches : rulesFor(policy, asked.branch);
  const text = new TextEncoder();
  const { governance } = policy;
  return {
    project: policy.project,
    people: [...policy.people.values()].map(({ name, github, keys: pins }) => ({
      name,
      github,
      keys: pins.length,
      usable: keys.get(name)?.length ?? 0,
      groups: [...policy.groups].filter(([, members]) => members.has(name)).map(([group]) => group),
    })),
    bots: [...policy.bots.values()].map(({ name, paths }) => ({
      name,
      paths: paths.map(({ source }) => source),
    })),
    branches: branches.map((branch) => {
      const own = quorums.filter((quorum) => quorum.branch === branch.name);
      const rules = own.filter(({ kind }) => kind === 'requirement');
      const fresh = explain(own.find(({ kind }) => kind === 'freshness'));
      return explainBranch(policy, branch, (index) => explain(rules[index]), fresh);
    }),
    governance: {
      ...explain(quorums[0]),
      people: governance.people,
      paths: governance.paths.map(({ source }) => source),
    },
    paths: asked.paths.map((path): ExplainedPath => {
      const bytes = text.encode(path);
      const isIn = ({ paths }: Requirement): boolean =>
        paths === null || paths.some((pattern) => matches(pattern, bytes));
      return {
        path,
        governed: asked.alwaysGoverned(bytes) || governance.paths.some((pattern) => matches(pattern, bytes)),
        branches: branches.map(({ name, require }) => ({
          name,
          requirements: require.filter(isIn).map((rule) => rule.name),
        })),
      };
    }),
    lockouts: findLockouts(policy, keyring, now),
  };
}

function explainBranch(
  policy: Policy,
  branch: BranchPolicy,
  quorumOf: (index: number) => ExplainedQuorum,
  fresh: ExplainedQuorum,
): ExplainedBranch {
  const { name, match, mode, commits, merges, reviews, freshness, require } = branch;
  return {
    name,
    match: match.map(({ source }) => source),
    mode,
    signers: { group: commits.signedBy, members: [...(policy.groups.get(commits.signedBy) ?? [])].sort() },
    unsigned: commits.unsigned,
    merges: {
      githubButton: merges.githubButton,
      conflicts: merges.conflicts,
      signerCountsAs: merges.signerCountsAs,
      union: merges.union.map(({ source }) => source),
    },
    carryOver: reviews.carryOver,
    freshness: freshness && { ...fresh, ...freshness },
    require: require.map(({ name: rule, paths, people, approvals }, index) => ({
      ...quorumOf(index),
      name: rule,
      paths: paths?.map(({ source }) => source) ?? null,
      people,
      approvals,
    })),
  };
}
