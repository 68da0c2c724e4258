import { parseCommit } from '../core/object/commit.ts';
import { isZero, type Oid } from '../core/object/id.ts';
import { parseLedgerPath } from '../core/statement/ledger.ts';
import { Unreadable } from '../gather/ports.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Subject } from '../github/subject.ts';
import type { Context } from './context.ts';
import { takeBackPulls } from './take-back.ts';

/** Files of one push to the ledger that are looked at one by one. */
const MOST_FILES = 2_000;
const MOST_HEADS = 50;

/**
 * Statements that were put into the ledger, or taken out of it, concern the commits that they are about; revocations, and
 * more than can be told, concern everything that is open.
 */
export async function handleLedgerPush(
  context: Context,
  subject: Extract<Subject, { kind: 'push' }>,
  mirror: Mirror,
): Promise<void> {
  const { installation, owner, repo, before, after } = subject;
  const where = { installation, owner, repo, branch: null };
  const heads = await changedHeads(mirror, before, after);
  const subjects: readonly Subject[] =
    heads === null || heads.size > MOST_HEADS
      ? [{ kind: 'sweep', ...where, head: null }]
      : [...heads].map((head): Subject => ({ kind: 'sweep', ...where, head }));
  // Nothing may stand on a key that was revoked there, while all that is open is judged again.
  if (heads === null) await takeBackPulls(context, subject, null);
  context.want(subjects, 'event');
}

/** `null` where a revocation is among the changes, or they cannot be told. */
async function changedHeads(mirror: Mirror, before: Oid, after: Oid): Promise<ReadonlySet<Oid> | null> {
  try {
    await mirror.fetchCommits(isZero(before) ? [after] : [before, after]);
    const [old, young] = [isZero(before) ? null : await treeOf(mirror, before), await treeOf(mirror, after)];
    const { files } = await mirror.repository.diffTrees(old, young, MOST_FILES);
    const entries = files.map(({ path }) => parseLedgerPath(Buffer.from(path).toString('utf8')));
    if (entries.some((entry) => entry?.folder === 'revoke')) return null;
    return new Set(entries.flatMap((entry) => entry?.head ?? []));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return null;
  }
}

async function treeOf(mirror: Mirror, id: Oid): Promise<Oid> {
  const [raw] = await mirror.repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit.tree;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}
