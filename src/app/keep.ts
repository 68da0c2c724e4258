import { parseStatements } from '../core/statement/statement.ts';
import { extractStatements, type SignedText, type StatementSource } from '../core/statement/extract.ts';
import { parseOid, type Oid } from '../core/object/id.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Place, Subject } from '../github/subject.ts';
import { REVOKED } from '../store/store.ts';
import { projectOf, workOf, type Context } from './context.ts';
import { readPolicyAt } from './enrolment.ts';
import { verifiedStatements, type Verified } from './verified.ts';

/** Branches whose policies are asked about what was posted: those that were judged last. */
const MOST_BRANCHES = 16;
/** Commits that are looked at for themselves; more become a look through the whole repository. */
const MOST_HEADS = 200;

/** A verdict that takes account of what is kept now. */
export interface Judging {
  readonly branch: string;
  readonly head: Oid;
}

/**
 * Keeps verified statements, and marks as wanted what they concern, both or neither: whatever changed its inputs is judged
 * again (trust.md C17, E25). Gives those that nobody knew of before.
 *
 * @param judging what is about to be judged with them
 */
export function keepVerified(
  context: Context,
  place: Place,
  verified: readonly Verified[],
  judging: Judging | null,
): readonly Verified[] {
  return context.store.keepStatements(verified, context.now(), (news) =>
    workOf(concernedBy(place, news, judging), 'event'),
  );
}

/**
 * Statements concern the pull requests onto the branch that they name which have or had the commit that they are about, and
 * landed steps; with what is judged now, they were posted on pull requests of its head. A revoked key concerns everything.
 */
function concernedBy(place: Place, news: readonly Verified[], judging: Judging | null): readonly Subject[] {
  const { installation, owner, repo } = place;
  const where = { installation, owner, repo };
  const wanted: Subject[] = news.some(({ head }) => head === REVOKED) ? [{ kind: 'recall', ...where }] : [];
  const concerned = new Map<string, Judging>();
  const add = (head: Oid | null, branch: string): void => {
    if (head === null || (head === judging?.head && branch === judging.branch)) return;
    concerned.set(`${head} ${branch}`, { head, branch });
  };
  for (const { head, branches } of news) {
    for (const branch of branches) {
      add(parseOid(head), branch);
      add(judging?.head ?? null, branch);
    }
  }
  if (concerned.size > MOST_HEADS) {
    return [...wanted, { kind: 'sweep', ...where, branch: null, head: null }];
  }
  return [...wanted, ...[...concerned.values()].map((one): Subject => ({ kind: 'sweep', ...where, ...one }))];
}

/**
 * Keeps what was posted under the policy of the branch that each statement names, wherever the pull request points now and
 * whatever its state: what is taken down again before that branch is judged must not be lost. A revocation names no branch:
 * any that was judged may know the key.
 *
 * @param base where the pull request points, with its tip where that is known
 */
export async function keepPosted(
  context: Context,
  place: Place,
  mirror: Mirror,
  { base, judging }: { base: { branch: string; tip: Oid | null }; judging: Judging | null },
  sources: readonly StatementSource[],
): Promise<readonly Verified[]> {
  const project = projectOf(context, place);
  const texts = sources.flatMap((source) => extractStatements(source).signed);
  const named = texts.map((text) => [text, branchesOf(text, project)] as const);
  const judged = named.some(([, branches]) => branches.size > 0)
    ? context.store.judgedBranches(project, MOST_BRANCHES)
    : [];
  const news: Verified[] = [];
  for (const branch of new Set([base.branch, ...judged])) {
    const about = named.flatMap(([text, names]) => (names.has(branch) || names.has(null) ? [text] : []));
    if (about.length === 0) continue;
    const known = branch === base.branch ? base.tip : null;
    const tip = known ?? (await mirror.fetchBranchTip(branch));
    if (tip === null) continue;
    const folder = await readPolicyAt(mirror.repository, tip);
    news.push(...keepVerified(context, place, await verifiedStatements(folder, about, project), judging));
  }
  return news;
}

/** `null` among them for a revocation. */
function branchesOf({ text }: SignedText, project: string): ReadonlySet<string | null> {
  const parsed = parseStatements(text);
  const here = (parsed.ok ? parsed.statements : []).filter(
    (one) => one.project.toLowerCase() === project.toLowerCase(),
  );
  return new Set(here.map((one) => (one.type === 'revoke' ? null : one.branch)));
}
