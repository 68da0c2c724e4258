import { openBasePolicy, ruleOf } from '../../core/facts/base-policy.ts';
import type { Oid } from '../../core/object/id.ts';
import type { PolicyFolder } from '../../core/policy/folder.ts';
import type { BranchPolicy, Policy } from '../../core/policy/policy.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable } from '../../gather/ports.ts';
import { findTip } from '../archive/branch-tip.ts';
import { EXIT } from '../io.ts';
import { readCommit } from '../review/one.ts';
import { Refusal } from '../review/refusal.ts';
import type { Workplace } from '../review/workplace.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';

/** A commit of a branch, and the policy that lies there. */
export interface Place {
  readonly branch: string;
  readonly commit: Oid;
  /** Where the branch is, as the remote last showed it, else as it is here. */
  readonly tip: Oid;
  /** The first line of the commit's message, an attacker's text. */
  readonly subject: string;
  readonly folder: PolicyFolder;
  readonly policy: Policy;
  readonly rule: BranchPolicy;
}

export interface PlaceOptions {
  readonly branch?: string;
  readonly commit?: string;
}

/** Longer than any branch; a bound on what a walk may read. */
const MOST_STEPS = 1_000_000;

export async function chooseBranch({ opened }: Workplace, { branch }: PlaceOptions): Promise<string> {
  const name = branch ?? (await opened.refs.defaultBranch()) ?? (await opened.refs.currentBranch());
  if (name === null) throw new UsageError('name the branch: --branch NAME');
  if (!isBranchName(name)) throw new UsageError(`\`${name}\` cannot be the name of a branch`);
  return name;
}

/**
 * Finds a commit on the first-parent line of a branch, its newest where none is named, and the rule that judges what
 * follows it. Throws `Refusal` where nothing could ever be proven from there, `Unreadable` for what is not here.
 */
export async function findPlace(work: Workplace, branch: string, { commit }: PlaceOptions): Promise<Place> {
  const { opened, remote } = work;
  const tip = await findTip(opened, remote ?? '', branch);
  if (tip === null) {
    throw new Refusal(
      'branch-missing',
      `there is no branch \`${branch}\` here`,
      remote === null ? null : `fetch it: \`git fetch ${remote} ${branch}\``,
      EXIT.undetermined,
    );
  }
  const id = commit === undefined ? tip : await resolveCommit(work, commit);
  const { tree, subject } = await readCommit(work, id);
  if (id !== tip && (await opened.repository.firstParents(id, tip, MOST_STEPS)) === null) {
    throw new Refusal(
      'commit-not-on-branch',
      `\`${id}\` is not on the first-parent line of \`${branch}\`, whose tip here is ${tip}`,
      'name a commit that the branch pointed to, such as a merge commit; or fetch the branch first',
    );
  }
  const folder = await opened.repository.readPolicyFolder(tree);
  const base = await openBasePolicy(folder);
  if (base === null) {
    throw new Refusal(
      'policy-invalid',
      `no policy that can be read lies at ${id}, so nothing after it can be judged`,
      'name a commit that has one with `--commit REV`; `countersign policy lint` says what is wrong with one',
    );
  }
  const shared = base.roster.problems.find(({ kind }) => kind === 'key-shared');
  const rule = ruleOf(base, branch);
  if (rule === null || shared !== undefined) {
    throw new Refusal(
      rule === null ? 'branch-not-enrolled' : 'key-shared',
      rule === null
        ? `the policy at ${id} has no one rule for \`${branch}\``
        : `at ${id} one key belongs to two people, so that the policy there judges nothing`,
      rule === null ? 'name another branch with `--branch NAME`' : '`countersign policy lint` names them',
    );
  }
  return { branch, commit: id, tip, subject, folder, policy: base.policy, rule };
}

async function resolveCommit({ opened }: Workplace, revision: string): Promise<Oid> {
  await refuseAmbiguous(opened, revision, 'commit');
  const id = await opened.resolve(revision);
  if (id !== null) return id;
  throw new Unreadable('object-missing', `\`${revision}\` names no commit in this repository: fetch it`, {
    passing: false,
  });
}
