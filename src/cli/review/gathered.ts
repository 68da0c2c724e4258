import type { Proposal } from '../../core/facts/target.ts';
import { parseOid, type Oid } from '../../core/object/id.ts';
import { ofRoster } from '../../core/facts/needs.ts';
import { extractStatements, type SignedText, type StatementSource } from '../../core/statement/extract.ts';
import { headOf, parseStatements, type Statement } from '../../core/statement/statement.ts';
import type { About, PolicyFolder, Statements } from '../../gather/ports.ts';
import { readTexts } from '../../github/comments.ts';
import type { PullRequest } from '../../github/pulls.ts';
import { openLedgers } from '../verify-ledger.ts';
import { remarkText } from './refusal.ts';
import { findPulls, type Subject } from './subject.ts';
import type { Workplace } from './workplace.ts';

/** Heads that people of the roster name on one pull request; those that somebody said no to go first. */
const MOST_EARLIER = 512;

/**
 * Statements about a change as a person's machine can find them: on the pull requests with this head, in the ledger, and
 * what was posted from here before, and in files. The app remembers which heads a pull request had; here the heads count that statements
 * posted on it name, so a "no" to an earlier state is shown. What is shown here is no verdict that anybody relies on.
 *
 * @param landed whether all pull requests that GitHub associates with the commit are read, open or not
 */
export function gatherStatements(
  work: Workplace,
  { pulls, tip, head }: Subject,
  { sent, files }: { readonly sent: readonly StatementSource[]; readonly files: readonly StatementSource[] },
  landed = false,
): Statements {
  const ledgers = openLedgers(work.opened, tip, work.io);
  const belongs = (pull: PullRequest): boolean => landed || (pull.open && pull.head === head);
  return {
    async about(proposal: Proposal, policy: PolicyFolder): Promise<About> {
      const { forge } = work;
      const all = new Map(pulls.map((pull) => [pull.number, pull]));
      if (pulls.length > 0) {
        for (const pull of await findPulls(work, belongs, head)) all.set(pull.number, pull);
      }
      const read = forge === null ? [] : await readTexts(forge.client, forge.name, [...all.values()]);
      const posted = [...read, ...files];
      const named = await headsNamed(posted, proposal, policy);
      const earlier = named.slice(0, MOST_EARLIER);
      if (named.length > earlier.length) {
        const message = `of ${named.length} earlier states that were signed for, ${earlier.length} are looked at`;
        work.io.err(remarkText({ code: 'list-cut', message, remedy: null }));
      }
      const archived = await ledgers.about({ ...proposal, earlier });
      const heads = new Set<Oid>([...proposal.heads, ...proposal.commits, ...earlier]);
      return { sources: [...posted, ...archived, ...sent.filter((one) => isAbout(one, heads))], earlier };
    },
  };
}

/** Of all that somebody ever signed here, what this is not about would only be explained away. */
function isAbout(source: StatementSource, heads: ReadonlySet<Oid>): boolean {
  return extractStatements(source).signed.some(({ text }) => {
    const parsed = parseStatements(text);
    return parsed.ok && parsed.statements.some((one) => namesOne(one, heads));
  });
}

function namesOne(statement: Statement, heads: ReadonlySet<Oid>): boolean {
  const head = headOf(statement);
  return head !== null && heads.has(head);
}

/**
 * A text that holds one statement was posted where it belongs. One that holds many lies on every pull request that it is
 * about: which of its heads was this one's says the line above it (`hintLine`), which is a hint and no evidence.
 */
async function headsNamed(
  sources: readonly StatementSource[],
  { branch, heads }: Proposal,
  policy: PolicyFolder,
): Promise<readonly Oid[]> {
  const [refused, other] = [new Set<Oid>(), new Set<Oid>()];
  const hints = new Map<SignedText, ReadonlySet<Oid | null>>();
  for (const source of sources) {
    const hinted = new Set(source.text.split('\n').map(parseHint));
    for (const text of extractStatements(source).signed) hints.set(text, hinted);
  }
  // What nobody of the roster signed could crowd out what somebody did.
  for (const { signed, statements } of await ofRoster(policy, [...hints.keys()])) {
    const parsed = parseStatements(signed.text);
    const alone = parsed.ok && parsed.statements.length === 1;
    for (const statement of statements) {
      if (statement.type !== 'review' || statement.branch !== branch) continue;
      const { head, decision } = statement;
      if (heads.includes(head) || !(alone || hints.get(signed)?.has(head) === true)) continue;
      (decision === 'reject' ? refused : other).add(head);
    }
  }
  return [...new Set([...refused, ...other])];
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
