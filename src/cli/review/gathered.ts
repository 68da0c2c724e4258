import type { Proposal } from '../../core/facts/target.ts';
import { parseOid, type Oid } from '../../core/object/id.ts';
import { extractStatements, type StatementSource } from '../../core/statement/extract.ts';
import { headOf, parseStatements, type Statement } from '../../core/statement/statement.ts';
import type { About, Statements } from '../../gather/ports.ts';
import { readTexts } from '../../github/comments.ts';
import type { PullRequest } from '../../github/pulls.ts';
import { openLedgers } from '../verify-ledger.ts';
import { findPulls, type Subject } from './subject.ts';
import type { Workplace } from './workplace.ts';

/** Heads that statements on one pull request may name. */
const MOST_EARLIER = 64;

/**
 * Statements about a change as a person's machine can find them: on the pull requests with this head, in the ledger, and
 * what they signed here before. The app remembers which heads a pull request had; here the heads count that statements
 * posted on it name, so a "no" to an earlier state is shown. What is shown here is no verdict that anybody relies on.
 *
 * @param landed whether all pull requests that GitHub associates with the commit are read, open or not
 */
export function gatherStatements(
  work: Workplace,
  { pulls, tip, head }: Subject,
  kept: readonly StatementSource[],
  landed = false,
): Statements {
  const ledgers = openLedgers(work.opened, tip, work.io);
  const belongs = (pull: PullRequest): boolean => landed || (pull.open && pull.head === head);
  return {
    async about(proposal: Proposal): Promise<About> {
      const { forge } = work;
      const all = new Map(pulls.map((pull) => [pull.number, pull]));
      if (pulls.length > 0) {
        for (const pull of await findPulls(work, belongs, head)) all.set(pull.number, pull);
      }
      const posted = forge === null ? [] : await readTexts(forge.client, forge.name, [...all.values()]);
      const earlier = headsNamed(posted, proposal);
      const archived = await ledgers.about({ ...proposal, earlier });
      return { sources: [...posted, ...archived, ...kept], earlier };
    },
  };
}

/**
 * A text that holds one statement was posted where it belongs. One that holds many lies on every pull request that it is
 * about: which of its heads was this one's says the line above it (`hintLine`), which is a hint and no evidence.
 */
function headsNamed(sources: readonly StatementSource[], { branch, heads }: Proposal): readonly Oid[] {
  const found = new Set<Oid>();
  for (const source of sources) {
    const hinted = new Set(source.text.split('\n').map(parseHint));
    for (const { text } of extractStatements(source).signed) {
      const parsed = parseStatements(text);
      const statements = parsed.ok ? parsed.statements : [];
      for (const statement of statements) {
        const head = headOf(statement);
        const about = statement.type === 'review' && statement.branch === branch;
        const here = statements.length === 1 || hinted.has(head);
        if (about && here && head !== null && !heads.includes(head)) found.add(head);
      }
    }
  }
  return [...found].slice(0, MOST_EARLIER);
}

/** What a comment says for people, and to us, about the statements below it. */
export function hintLine(statement: Statement): string {
  const what = statement.type === 'review' ? statement.decision : statement.type;
  return `- ${what} ${headOf(statement) ?? ''}`.trimEnd();
}

function parseHint(line: string): Oid | null {
  const [, head] = /^- [a-z]{1,20} ([0-9a-f]{40,64})\s*$/.exec(line) ?? [];
  return parseOid(head ?? '');
}
