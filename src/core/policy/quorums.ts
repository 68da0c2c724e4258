import type { Policy, Requirement } from './policy.ts';

/** One demand for people of a group, in whatever part of the policy it stands. */
export interface PolicyQuorum {
  readonly kind: 'governance' | 'requirement' | 'signers' | 'freshness';
  /** The branch rule; `null` for governance. */
  readonly branch: string | null;
  /** The requirement's name; `governance`; `freshness`; for those who may sign commits, the group's. */
  readonly name: string;
  readonly group: string;
  readonly members: readonly string[];
  /** Members who must be able to sign where one of them wrote the change. */
  readonly need: number;
  /** Where somebody else wrote it. */
  readonly needOutside: number;
  /** Where it stands in the document. */
  readonly place: readonly (string | number)[];
}

/** Every quorum of a policy: governance first, then branch by branch. */
export function quorumsOf(policy: Policy): PolicyQuorum[] {
  const { governance } = policy;
  const membersOf = (group: string): string[] => [...(policy.groups.get(group) ?? [])];
  const first: PolicyQuorum = {
    kind: 'governance',
    branch: null,
    name: 'governance',
    group: governance.from,
    members: membersOf(governance.from),
    need: governance.people,
    needOutside: governance.people,
    place: ['governance', 'people'],
  };
  const others = policy.branches.flatMap(
    ({ name: branch, commits, freshness, require }, index): PolicyQuorum[] => [
      {
        kind: 'signers',
        branch,
        name: commits.signedBy,
        group: commits.signedBy,
        members: membersOf(commits.signedBy),
        need: 1,
        needOutside: 1,
        place: ['branches', index, 'commits', 'signed-by'],
      },
      ...require.map((rule, at): PolicyQuorum => ({
        kind: 'requirement',
        branch,
        name: rule.name,
        group: rule.from,
        members: membersOf(rule.from),
        need: needOf(rule),
        needOutside: Math.max(rule.people, rule.approvals),
        place: ['branches', index, 'require', at],
      })),
      ...(freshness === null
        ? []
        : [
            {
              ...first,
              kind: 'freshness' as const,
              branch,
              name: 'freshness',
              need: freshness.people,
              needOutside: freshness.people,
              place: ['branches', index, 'freshness', 'people'],
            },
          ]),
    ],
  );
  return [first, ...others];
}

/** Who wrote a change stands behind it and approves nothing: an author among the members takes one approver away. */
function needOf({ people, approvals }: Requirement): number {
  return Math.max(people, approvals > 0 ? approvals + 1 : 0);
}
