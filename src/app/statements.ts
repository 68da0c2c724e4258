import type { StatementSource } from '../core/statement/extract.ts';
import type { Oid } from '../core/object/id.ts';
import { Unreadable, type Statements } from '../gather/ports.ts';
import { readTexts } from '../github/comments.ts';
import { listPullsWith, type PullRequest } from '../github/pulls.ts';
import type { Place } from '../github/subject.ts';
import { clientOf, projectOf, type Context } from './context.ts';
import { sourceOf } from './verified.ts';

const MOST_KEPT = 10_000;
/** Pull requests that share a commit: more is somebody's attempt to make judging expensive. */
const MOST_PULLS = 50;

/**
 * All statements about a head count, wherever they were posted (trust.md E24): on every pull request that has it as its
 * head, besides what the store has kept. For a landed step those that GitHub associates with its commits count too, open
 * or not.
 */
export function statementsFor(
  context: Context,
  place: Place,
  about: { readonly pull: PullRequest | null; readonly landed: boolean },
): Statements {
  return {
    async about({ heads }) {
      const client = clientOf(context, place);
      const pulls = new Map<number, PullRequest>();
      if (about.pull) pulls.set(about.pull.number, about.pull);
      for (const head of heads) {
        for (const pull of await listPullsWith(client, place, head)) {
          if (about.landed || (pull.open && pull.head === head)) pulls.set(pull.number, pull);
        }
      }
      if (pulls.size > MOST_PULLS) {
        throw new Unreadable('list-cut', `more than ${MOST_PULLS} pull requests share this head`);
      }
      const posted = await readTexts(client, place, [...pulls.values()]);
      return [...posted, ...kept(context, place, heads)];
    },
  };
}

function kept(context: Context, place: Place, heads: readonly Oid[]): readonly StatementSource[] {
  const found = context.store.keptStatements(projectOf(context, place), heads, MOST_KEPT);
  if (found.length > MOST_KEPT) {
    throw new Unreadable('list-cut', `more than ${MOST_KEPT} kept statements about one head`, {
      passing: false,
    });
  }
  return found.map(sourceOf);
}
