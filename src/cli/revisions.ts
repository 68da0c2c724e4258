import type { Oid } from '../core/object/id.ts';
import { isBranchName } from '../core/statement/names.ts';
import { mayBeRef } from '../git/refs.ts';
import { parseRevision } from '../git/revision.ts';
import { Unreadable } from '../gather/ports.ts';
import type { OpenRepository } from '../git/reader.ts';

/** The command line cannot mean anything: a person must write it anew. */
export class UsageError extends Error {}

export interface Range {
  readonly branch: string;
  readonly base: Oid;
  readonly head: Oid;
}

export interface RangeOptions {
  readonly repository: string;
  readonly branch?: string;
  readonly base?: string;
  readonly head: string;
}

/** Finds the commits and the branch that a range on the command line names. */
export async function resolveRange(opened: OpenRepository, options: RangeOptions): Promise<Range> {
  const branch = options.branch ?? (await branchOf(opened, options.base));
  if (!isBranchName(branch)) throw new UsageError(`\`${branch}\` cannot be the name of a branch`);
  const base = await resolveBase(opened, branch, options.base);
  return { branch, base, head: await resolveRevision(opened, options.head, 'head') };
}

/** The branch that a revision spells: `master`, `origin/master`, `refs/heads/master`; else the repository's default. */
async function branchOf({ refs }: OpenRepository, base: string | undefined): Promise<string> {
  if (base === undefined) {
    const branch = await refs.defaultBranch();
    if (branch !== null) return branch;
    throw new UsageError('name the branch that the change is for: --branch NAME');
  }
  for (const prefix of ['refs/heads/', 'refs/remotes/origin/', 'origin/', '']) {
    const name = base.startsWith(prefix) ? base.slice(prefix.length) : '';
    if (isBranchName(name) && (await refs.findBranch(name)) !== null) return name;
  }
  throw new UsageError(
    `\`${base}\` does not name a branch: say which branch the change is for with --branch NAME`,
  );
}

async function resolveBase(opened: OpenRepository, branch: string, base: string | undefined): Promise<Oid> {
  if (base !== undefined) return resolveRevision(opened, base, 'base');
  const found = await opened.refs.findBranch(branch);
  if (found === null)
    throw new UsageError(`there is no branch \`${branch}\` here: name its tip with --base REV`);
  return newestTip(opened, branch, found.id);
}

/** A branch of one's own is often behind the one that was fetched last, and with it the policy that would judge. */
async function newestTip({ refs, repository }: OpenRepository, branch: string, own: Oid): Promise<Oid> {
  const name = `refs/remotes/origin/${branch}`;
  const fetched = (await refs.findAll(name.slice('refs/'.length))).find(({ ref }) => ref === name)?.id;
  if (fetched === undefined || fetched === own) return own;
  return (await repository.isReachable(own, fetched)) ? fetched : own;
}

async function resolveRevision(opened: OpenRepository, revision: string, what: string): Promise<Oid> {
  await refuseAmbiguous(opened, revision, what);
  const id = await opened.resolve(revision);
  if (id !== null) return id;
  throw new Unreadable(
    'object-missing',
    `the ${what} \`${revision}\` names no commit in this repository: fetch it, or check its spelling`,
    { passing: false },
  );
}

/** What git also takes for the beginning of an id, or for what `git describe` prints; a ref of that name comes first. */
const MAY_BE_SHORT = /(?:^|-g)[0-9a-f]{4,}$/i;

/**
 * Where several refs have one name, git silently prefers a tag to a branch. Whoever may push a tag could so decide what
 * `origin/master` is, and with it which policy judges: such a name is refused.
 */
export async function refuseAmbiguous(
  { refs }: Pick<OpenRepository, 'refs'>,
  revision: string,
  what: string,
): Promise<void> {
  const name = parseRevision(revision)?.name ?? '';
  if (!mayBeRef(name)) return;
  const found = await refs.findAll(name);
  const [only] = found;
  if (only === undefined || (found.length === 1 && !MAY_BE_SHORT.test(name))) return;
  if (found.length === 1) {
    throw new UsageError(
      `the ${what} \`${revision}\` may be a short id or \`${only.ref}\`: write the whole id, or the whole name`,
    );
  }
  const spellings = found.map(({ ref }) => `\`${ref}\``).join(' or ');
  throw new UsageError(`the ${what} \`${revision}\` is ambiguous: write ${spellings}`);
}
