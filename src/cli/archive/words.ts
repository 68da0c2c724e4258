import { counted } from '../../core/policy/words.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import type { Paint } from '../../core/report/paint.ts';
import type { Appended } from '../../git/ledger-append.ts';
import type { LeftOut, Selection } from './collect.ts';
import type { Left } from './left.ts';

/** All that there is to say about one run. */
export interface Archived {
  readonly remote: string;
  /** Pull requests that were looked into. */
  readonly pulls: readonly number[];
  readonly selection: Selection;
  readonly appended: Appended;
  /** By branch, how many merges the ledger does not prove yet. */
  readonly left: readonly Left[];
}

const REASONS: Readonly<Record<LeftOut['reason'], string>> = {
  'not-a-statement': 'is no statement, or not written as one has to be',
  'no-policy': 'is about a branch that is not here, or has no policy that can be read',
  'other-project': 'is about another project than the policy',
  'not-of-roster':
    'is not signed by a key of the person that it names, by the roster at the tip of its branch',
  'no-place': 'does not fit into the ledger',
};
const MOST_SHOWN = 20;

/** What was done, for a terminal, ended by a line end. */
export function archiveText({ remote, pulls, selection, appended, left }: Archived, paint: Paint): string {
  const lines = [...outcomeLines(appended, remote, paint)];
  if (pulls.length > 0) lines.push(`looked into ${counted(pulls.length, 'pull request')}`);
  for (const { from, reason } of selection.leftOut.slice(0, MOST_SHOWN)) {
    lines.push(cleanSentence(`left out: ${from} ${REASONS[reason]}`));
  }
  const more = selection.leftOut.length - MOST_SHOWN;
  if (more > 0) lines.push(`…and ${more} more that were left out`);
  lines.push(...left.flatMap(leftLines));
  return `${lines.join('\n')}\n`;
}

function outcomeLines(appended: Appended, remote: string, paint: Paint): string[] {
  switch (appended.kind) {
    case 'appended':
    case 'would-append': {
      const { added, restored } = appended;
      const back = restored.length === 0 ? '' : `, ${restored.length} of them put back`;
      return appended.kind === 'appended'
        ? [cleanSentence(`added ${counted(added.length, 'file')} to the ledger at \`${remote}\`${back}`)]
        : [
            cleanSentence(
              `would add ${counted(added.length, 'file')} to the ledger at \`${remote}\`${back}; nothing was written`,
            ),
            ...added.slice(0, MOST_SHOWN).map((path) => `  ${path}`),
          ];
    }
    case 'nothing-new':
      return [cleanSentence(`nothing new for the ledger at \`${remote}\``)];
    case 'rewritten':
      return rewrittenLines(appended, remote, paint);
  }
}

function rewrittenLines(
  { seen, tip, lost }: Extract<Appended, { kind: 'rewritten' }>,
  remote: string,
  paint: Paint,
): string[] {
  const what =
    tip === null
      ? `the ledger at \`${remote}\` is gone; it was at ${seen} when you last saw it`
      : `the ledger at \`${remote}\` was rewritten: ${tip} does not contain ${seen}, which you saw there before`;
  const missing =
    lost === null
      ? 'what it held then is not in this clone any more'
      : `${counted(lost, 'file')} that it held then are not in it`;
  return [
    `${paint('fail', 'refused')}: ${cleanSentence(what)} ${paint('dim', '[ledger-rewritten]')}`,
    `  ${missing}; nothing was written`,
    '  → find out who did that, and why: the branch should be protected (docs/ledger.md)',
    '  → to go on from what there is, and put back what people of the roster signed: countersign archive --accept-rewrite',
  ];
}

function leftLines({ branch, looked, missing, unknown }: Left): string[] {
  if (looked === 0) return [];
  const steps = (number: number): string => (number === 1 ? '1 merge' : `${number} merges`);
  const last = looked === 1 ? 'the last merge' : `the last ${looked} merges`;
  const lines = [
    missing.length === 0
      ? `${last} of \`${branch}\` ${looked === 1 ? 'is' : 'are all'} provable from the ledger alone`
      : looked === 1
        ? `${last} of \`${branch}\` is not yet provable from the ledger alone`
        : `${missing.length} of ${last} of \`${branch}\` not yet provable from the ledger alone`,
  ];
  for (const commit of missing.slice(0, MOST_SHOWN)) {
    lines.push(`  → countersign repair ${commit.slice(0, 12)} --branch ${branch}   says what it lacks`);
  }
  if (unknown.length > 0) {
    lines[0] =
      missing.length === 0
        ? `${last} of \`${branch}\` ${looked === 1 ? 'was' : 'were'} looked at`
        : (lines[0] ?? '');
    lines.push(`  ${steps(unknown.length)} could not be judged in this clone: is it a shallow one?`);
  }
  return lines.map(cleanSentence);
}

/** The same as data. Codes and names are stable, the words above are not. */
export function archiveJson({ remote, pulls, selection, appended, left }: Archived): unknown {
  return {
    remote,
    pulls,
    outcome: appended.kind,
    code: appended.kind === 'rewritten' ? 'ledger-rewritten' : null,
    tip: appended.tip,
    attempts: 'attempts' in appended ? appended.attempts : 1,
    seen: appended.kind === 'rewritten' ? appended.seen : null,
    lost: appended.kind === 'rewritten' ? appended.lost : null,
    added: 'added' in appended ? appended.added : [],
    restored: 'restored' in appended ? appended.restored : [],
    leftOut: selection.leftOut,
    provable: left.map(({ branch, looked, missing, unknown }) => ({ branch, looked, missing, unknown })),
  };
}
