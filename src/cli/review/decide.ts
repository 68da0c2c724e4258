import { noteProblem } from '../../core/statement/fields.ts';
import { askLine } from './ask.ts';
import { draftAdoption, draftReview, type Draft } from './draft.ts';
import type { Item } from './item.ts';
import type { Me } from './me.ts';
import { Refusal, remarkText } from './refusal.ts';
import { canShow, headerText, showRange } from './show.ts';
import { rangeSince, wholeRange, type Earlier } from './since.ts';
import type { Workplace } from './workplace.ts';
import { refuseIdleWord } from './worth.ts';

/** What a person made of one item. */
export type Decided =
  | { readonly kind: 'drafts'; readonly drafts: readonly Draft[] }
  | { readonly kind: 'skip' }
  | { readonly kind: 'quit' };

const CHOICES: Readonly<Record<string, string>> = {
  a: 'approve',
  r: 'reject',
  o: 'adopt',
  s: 'skip',
  d: 'diff',
  f: 'full',
  q: 'quit',
  '?': 'help',
};

const HELP = `  approve   sign that you have looked at it and want it to land
  reject    sign a "no": it blocks this change until you, or governance, take it back; say why
  adopt     take the commits over as if they were yours: you are no approver of it then
  skip      sign nothing, go on
  diff      show the difference again; full: all of it, not just what changed since you last signed
  quit      go on to signing what you decided so far
One letter will do (ad[o]pt is o). What you type after it becomes a note: a built it here
`;

/** Shows one item and asks what to do with it: one line for the decision and the note. */
export async function decide(work: Workplace, item: Item, me: Me, place: string): Promise<Decided> {
  const { io } = work;
  const { name } = me;
  const earlier = await rangeSince(work, item, name);
  io.err(headerText(item, me, earlier, place));
  await showDifference(work, item, earlier, false);
  const adoptable = item.commits.some((one) => one.adopters.includes(name));
  for (;;) {
    const answer = await askLine(
      `[a]pprove [r]eject ${adoptable ? 'ad[o]pt ' : ''}[s]kip [d]iff [q]uit [?] and a note: `,
    );
    const [word = '', ...rest] = answer.split(' ');
    const choice = choiceOf(word);
    const note = rest.join(' ').trim();
    if (choice === 'skip') return { kind: 'skip' };
    if (choice === 'quit') return { kind: 'quit' };
    if (choice === 'help') io.err(HELP);
    else if (choice === 'diff' || choice === 'full') {
      await showDifference(work, item, earlier, choice === 'full');
    } else if (choice === 'approve' || choice === 'reject' || choice === 'adopt') {
      const drafts = await draftOf(work, item, me, choice, note);
      if (drafts !== null) return { kind: 'drafts', drafts };
    } else io.err('  one of a, r, s, d, q, or ? for what they mean\n');
  }
}

function choiceOf(word: string): string | null {
  const lower = word.toLowerCase();
  return CHOICES[lower] ?? Object.values(CHOICES).find((one) => one === lower) ?? null;
}

/** `null`: something about it has to be said again. */
async function draftOf(
  work: Workplace,
  item: Item,
  me: Me,
  choice: 'approve' | 'reject' | 'adopt',
  given: string,
): Promise<readonly Draft[] | null> {
  const { io } = work;
  const { name } = me;
  const note = choice === 'reject' && given === '' ? await askLine('  why? ') : given;
  const problem = note === '' ? null : noteProblem(note);
  if (problem !== null || (choice === 'reject' && note === '')) {
    io.err(`  ${problem ?? 'a "no" is signed with a reason'}\n`);
    return null;
  }
  const notes = note === '' ? [] : [note];
  const { tip, head } = item.subject;
  try {
    refuseIdleWord(item, me, choice);
    return [
      choice === 'adopt'
        ? await draftAdoption(work, item, name, notes, { base: tip, head })
        : await draftReview(work, item, name, choice, notes),
    ];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.err(`  ${remarkText(error.finding)}`);
    return null;
  }
}

async function showDifference(
  work: Workplace,
  item: Item,
  earlier: Earlier | null,
  full: boolean,
): Promise<void> {
  if (!canShow(work.io)) return;
  const since = full ? null : (earlier?.range ?? null);
  if (since?.files === 0) return;
  const range = since ?? (await wholeRange(work, item));
  if (range === null) {
    work.io.err('  there is no one merge base, so there is no one difference to show\n');
    return;
  }
  const missing = await showRange(work, range);
  if (missing !== null) work.io.err(`  ${missing}: look at it with your own tools\n`);
}
