import type { Oid } from '../core/object/id.ts';
import { parseOid } from '../core/object/id.ts';
import { listOpenPulls } from '../github/pulls.ts';
import type { Place, Subject } from '../github/subject.ts';
import { REVOKED, type KeptStatement } from '../store/store.ts';
import { clientOf, type Context } from './context.ts';

/** Commits whose pull requests are looked for at once; more become a look through the whole repository. */
const MOST_HEADS = 20;

/**
 * Whatever changed its inputs is judged again (trust.md E25): statements that nobody knew of before concern the pull
 * requests that have or had the commit that they are about, and landed steps; a revoked key concerns every open pull
 * request.
 *
 * @param judged the commit that was just judged with them
 */
export async function spreadNews(
  context: Context,
  place: Place,
  news: readonly KeptStatement[],
  judged: Oid,
): Promise<void> {
  if (news.length === 0) return;
  const { installation, owner, repo } = place;
  const where = { installation, owner, repo };
  if (news.some(({ head }) => head === REVOKED)) {
    const open = await listOpenPulls(clientOf(context, place), place, null);
    context.want(
      open.map(({ number }): Subject => ({ kind: 'pull', ...where, number })),
      'event',
    );
    return;
  }
  const heads = new Set(news.flatMap(({ head }) => parseOid(head) ?? []));
  heads.delete(judged);
  if (heads.size > MOST_HEADS) {
    context.want([{ kind: 'sweep', ...where, branch: null, head: null }], 'event');
    return;
  }
  const subjects = [...heads].map((head): Subject => ({ kind: 'sweep', ...where, branch: null, head }));
  context.want(subjects, 'event');
}
