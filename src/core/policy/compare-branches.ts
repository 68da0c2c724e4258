import { compareDemands, type Side } from './compare-demands.ts';
import { covers, type Budget } from './pattern-covers.ts';
import { overlap } from './pattern-overlap.ts';
import type { BranchPolicy, Freshness, Policy } from './policy.ts';
import { policyChange, type PolicyChange, type PolicyChangeCode } from './policy-change.ts';
import type { Roles } from './roles.ts';
import { counted, quoted } from './words.ts';

/** What changes on the branches: those that both policies enrol rule by rule, and those that come and go. */
export function compareBranches(
  before: Policy,
  after: Policy,
  roles: { readonly gained: Roles; readonly lost: Roles },
  budget: Budget,
): PolicyChange[] {
  const changes: PolicyChange[] = [];
  for (const branch of before.branches) {
    for (const next of after.branches) {
      const branches = meeting(branch, next, budget);
      if (branches.length === 0) continue;
      const [old, now]: [Side, Side] = [
        { policy: before, branch },
        { policy: after, branch: next },
      ];
      changes.push(
        ...compareDemands(old, now, branches, roles.gained, 'gain', budget),
        ...compareDemands(now, old, branches, roles.lost, 'loss', budget),
        ...compareSettings(branch, next, branches, budget),
      );
      compareSigners(old, now, branches, roles.gained);
      compareSigners(now, old, branches, roles.lost);
    }
  }
  return [...changes, ...comingAndGoing(before, after, budget)];
}

/** Patterns of the first rule that share branches with the second. */
function meeting(branch: BranchPolicy, next: BranchPolicy, budget: Budget): string[] {
  return branch.match
    .filter((one) => next.match.some((other) => one.source === other.source || overlap(one, other, budget)))
    .map(({ source }) => source);
}

function comingAndGoing(before: Policy, after: Policy, budget: Budget): PolicyChange[] {
  const patternsOf = ({ branches }: Policy) => branches.flatMap(({ match }) => match);
  const [old, now] = [patternsOf(before), patternsOf(after)];
  const dropped = old.filter((pattern) => !covers(now, pattern, budget)).map(({ source }) => source);
  const enrolled = now.filter((pattern) => !covers(old, pattern, budget)).map(({ source }) => source);
  return [
    ...(dropped.length === 0
      ? []
      : [
          policyChange(
            'branch-dropped',
            `no rule is about ${quoted(dropped)} any more: nothing is judged there`,
            {
              branches: dropped,
            },
          ),
        ]),
    ...(enrolled.length === 0
      ? []
      : [
          policyChange('branch-enrolled', `enrolled from now on: ${quoted(enrolled)}`, {
            branches: enrolled,
          }),
        ]),
  ];
}

function compareSigners(before: Side, after: Side, branches: readonly string[], roles: Roles): void {
  const old = before.policy.groups.get(before.branch.commits.signedBy);
  for (const person of after.policy.groups.get(after.branch.commits.signedBy) ?? []) {
    if (old?.has(person) !== true) roles.add(person, 'may sign commits', branches);
  }
}

/** A setting with two values: which one allows more, and what each change means. */
interface Setting {
  readonly loose: (branch: BranchPolicy) => boolean;
  readonly loosened: readonly [PolicyChangeCode, string];
  readonly tightened: readonly [PolicyChangeCode, string];
}

const SETTINGS: readonly Setting[] = [
  {
    loose: ({ mode }) => mode === 'observe',
    loosened: ['mode-observe', 'changes are only observed: nothing blocks a merge any more'],
    tightened: ['mode-enforce', 'the policy is enforced: what is not as it demands blocks a merge'],
  },
  {
    loose: ({ commits }) => commits.unsigned === 'adopt',
    loosened: ['adoption-allowed', 'a member may adopt commits that nobody on the roster signed'],
    tightened: ['adoption-refused', 'commits that nobody on the roster signed fail, adopted or not'],
  },
  {
    loose: ({ merges }) => merges.githubButton === 'clean',
    loosened: ['github-button-allowed', "GitHub's button may make merges that add nothing of their own"],
    tightened: ['github-button-refused', "GitHub's button may not merge"],
  },
  {
    loose: ({ merges }) => merges.conflicts === 'reviewed',
    loosened: ['resolutions-allowed', 'merges with content of their own may land once it is reviewed'],
    tightened: ['resolutions-refused', 'merges with content of their own fail'],
  },
  {
    loose: ({ merges }) => merges.signerCountsAs === 'approver',
    loosened: ['merger-approves', 'whoever signs a merge counts as an approver of it'],
    tightened: ['merger-stands-behind', 'whoever signs a merge no longer counts as an approver of it'],
  },
  {
    loose: ({ reviews }) => reviews.carryOver === 're-created',
    loosened: ['carry-over-allowed', 'reviews count after a rebase that changes nothing'],
    tightened: ['carry-over-refused', 'every push wants new reviews'],
  },
];

function compareSettings(
  before: BranchPolicy,
  after: BranchPolicy,
  branches: readonly string[],
  budget: Budget,
): PolicyChange[] {
  const settings = SETTINGS.flatMap(({ loose, loosened, tightened }) => {
    if (loose(before) === loose(after)) return [];
    const [code, words] = loose(after) ? loosened : tightened;
    return [policyChange(code, `on ${quoted(branches)} ${words}`, { branches })];
  });
  return [
    ...settings,
    ...compareFreshness(before.freshness, after.freshness, branches),
    ...compareUnion(before, after, branches, budget),
  ];
}

/** More days or fewer people let users take an older head for the newest. A change can do the one and undo the other. */
function compareFreshness(
  before: Freshness | null,
  after: Freshness | null,
  branches: readonly string[],
): PolicyChange[] {
  if (before?.days === after?.days && before?.people === after?.people) return [];
  const isLooser = (from: Freshness | null, to: Freshness | null): boolean =>
    from !== null && (to === null || to.days > from.days || to.people < from.people);
  const words = `users of ${quoted(branches)} ask ${askedOf(after)} what the newest commit is, instead of ${askedOf(before)}`;
  return [
    ...(isLooser(before, after) ? [policyChange('freshness-loosened', words, { branches })] : []),
    ...(isLooser(after, before) ? [policyChange('freshness-tightened', words, { branches })] : []),
  ];
}

function askedOf(freshness: Freshness | null): string {
  if (freshness === null) return 'nobody';
  const { days, people } = freshness;
  return `${counted(people, 'person', 'people')} within ${counted(days, 'day')}`;
}

function compareUnion(
  { merges: before }: BranchPolicy,
  { merges: after }: BranchPolicy,
  branches: readonly string[],
  budget: Budget,
): PolicyChange[] {
  const added = after.union.filter((pattern) => !covers(before.union, pattern, budget));
  const removed = before.union.filter((pattern) => !covers(after.union, pattern, budget));
  const tell = (code: PolicyChangeCode, words: string, paths: readonly string[]): PolicyChange[] =>
    paths.length === 0
      ? []
      : [
          policyChange(code, `conflicts in ${quoted(paths)} on ${quoted(branches)} ${words}`, {
            branches,
            paths,
          }),
        ];
  return [
    ...tell(
      'union-added',
      'may be merged line by line without a review of the result',
      added.map(({ source }) => source),
    ),
    ...tell(
      'union-removed',
      'are conflicts again',
      removed.map(({ source }) => source),
    ),
  ];
}
