import type { Decision } from '../../core/statement/statement.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { canAsk } from './ask.ts';
import { decide } from './decide.ts';
import { draftReview, parseNotes, type Draft } from './draft.ts';
import { finish } from './finish.ts';
import { judgeItem, refuseLanded, waitsFor, type Item } from './item.ts';
import { readKeptAt } from './kept.ts';
import { findMe, type Me } from './me.ts';
import { Refusal, remarkText, runGuarded } from './refusal.ts';
import { headerText } from './show.ts';
import { openAllPulls, openPulls, openRevision, isPull, parseWanted, type Subject } from './subject.ts';
import { needToken, withWorkplace, type WorkOptions, type Workplace } from './workplace.ts';
import { refuseIdleWord } from './worth.ts';

export interface ReviewOptions extends WorkOptions {
  readonly all?: boolean;
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly withdraw?: boolean;
  readonly note?: readonly string[];
}

/** `countersign review`: what waits for this person, looked at one by one, decided, and signed together. */
export function review(wanted: readonly string[], options: ReviewOptions, io: Io): Promise<number> {
  return runGuarded('review', options, io, () =>
    withWorkplace(options, io, async (work) => {
      const notes = parseNotes(options.note);
      const decision = decisionOf(options);
      const all = options.all === true || wanted.length === 0;
      refuseOptions(wanted, decision, all, options, io);
      if (all || wanted.some(isPull)) needToken(work, options);
      const subjects = all ? await openAllPulls(work, options) : await openWanted(work, wanted, options);
      return sit(work, subjects, { all, decision, notes }, options);
    }),
  );
}

interface Plan {
  readonly all: boolean;
  readonly decision: Decision | null;
  readonly notes: readonly string[];
}

async function sit(
  work: Workplace,
  subjects: readonly Subject[],
  { all, decision, notes }: Plan,
  options: ReviewOptions,
): Promise<number> {
  const { io } = work;
  const drafts: Draft[] = [];
  const ahead = prepareAhead(work, subjects);
  let me: Me | null = null;
  let shown = 0;
  for (const [index] of subjects.entries()) {
    const item = await orSkip(work, ahead(index), all);
    if (item === null) continue;
    me ??= await findMe(work.directory, options.as, item.policy, item.facts.policy);
    refuseStranger(item, me, all);
    if (!all) refuseLanded(item);
    if (all && !waitsFor(item, me.name)) continue;
    shown += 1;
    if (decision !== null) {
      if (options.json !== true) io.err(headerText(item, me, null, ''));
      refuseIdleWord(item, me, decision);
      drafts.push(await draftReview(work, item, me.name, decision, notes));
      continue;
    }
    const place = subjects.length > 1 ? `  (${index + 1} of ${subjects.length})` : '';
    const decided = await decide(work, item, me, place);
    if (decided.kind === 'quit') break;
    if (decided.kind === 'drafts') drafts.push(...decided.drafts);
  }
  if (me === null || drafts.length === 0) {
    io.err(shown === 0 ? 'nothing waits for you\n' : 'nothing was signed or posted\n');
    if (options.json === true) io.out('{"ok":true,"signed":[],"delivered":[],"findings":[]}\n');
    return EXIT.pass;
  }
  return finish(work, me, drafts, options);
}

/** Judges the next change while the person looks at this one. */
function prepareAhead(work: Workplace, subjects: readonly Subject[]): (index: number) => Promise<Item> {
  const begun = new Map<number, Promise<Item>>();
  const kept = new Map<string, ReturnType<typeof readKeptAt>>();
  const begin = (index: number): Promise<Item> | undefined => {
    const subject = subjects[index];
    const known = begun.get(index);
    if (known !== undefined || subject === undefined) return known;
    const { branch, tip, head } = subject;
    const memory = kept.get(tip) ?? readKeptAt(work, subject);
    kept.set(tip, memory);
    const item = memory.then((texts) =>
      judgeItem(work, subject, { kind: 'change', branch, tip, head }, texts),
    );
    // Whoever comes to it hears of the failure.
    item.catch(() => undefined);
    begun.set(index, item);
    return item;
  };
  return async (index) => {
    const item = begin(index);
    if (item === undefined) throw new Error('asked for more changes than there are');
    const judged = await item;
    void begin(index + 1);
    return judged;
  };
}

/** Of many changes one that cannot be judged is named and passed over; one that was asked for is a refusal. */
async function orSkip({ io }: Workplace, judging: Promise<Item>, all: boolean): Promise<Item | null> {
  try {
    return await judging;
  } catch (error) {
    if (!all || !(error instanceof Refusal)) throw error;
    io.err(remarkText(error.finding));
    return null;
  }
}

function refuseStranger({ policy, target }: Item, { name }: Me, all: boolean): void {
  if (all || policy.people.has(name)) return;
  throw new Refusal(
    'not-in-policy',
    `\`${name}\` is not in the policy of \`${target.branch}\`: what you sign counts for nothing there`,
  );
}

async function openWanted(
  work: Workplace,
  wanted: readonly string[],
  options: ReviewOptions,
): Promise<readonly Subject[]> {
  const parsed = wanted.map(parseWanted);
  const named = parsed.filter((one) => one.kind === 'pull');
  const pulls = named.length === 0 ? [] : await openPulls(work, named, options);
  const subjects = [...pulls];
  for (const one of parsed) {
    if (one.kind === 'revision') subjects.push(await openRevision(work, one.text, options));
  }
  // Whoever names a change twice is asked once.
  const once = new Map(subjects.toReversed().map((one) => [`${one.branch} ${one.head}`, one]));
  return subjects.filter((one) => once.get(`${one.branch} ${one.head}`) === one);
}

function decisionOf({ approve, reject, withdraw }: ReviewOptions): Decision | null {
  const chosen = [
    ...(approve === true ? (['approve'] as const) : []),
    ...(reject === true ? (['reject'] as const) : []),
    ...(withdraw === true ? (['withdraw'] as const) : []),
  ];
  if (chosen.length > 1) throw new UsageError('give one of --approve, --reject and --withdraw');
  return chosen[0] ?? null;
}

function refuseOptions(
  wanted: readonly string[],
  decision: Decision | null,
  all: boolean,
  options: ReviewOptions,
  io: Io,
): void {
  if (options.all === true && wanted.length > 0) throw new UsageError('name changes, or give --all');
  if (decision !== null && all) {
    throw new UsageError('a decision is about changes that you name: `countersign review PR --approve`');
  }
  if (decision === null && options.note !== undefined) {
    throw new UsageError(
      '--note goes with --approve, --reject or --withdraw; where you are asked, type it after the decision',
    );
  }
  if (decision === 'reject' && (options.note ?? []).length === 0) {
    throw new Refusal('note-missing', 'a "no" is signed with a reason', 'say it: `--note TEXT`', EXIT.usage);
  }
  if (decision !== null || (canAsk(io) && options.json !== true)) return;
  throw new Refusal(
    'decision-missing',
    'nobody can be asked here',
    'name the change and say what you think of it: `countersign review PR --approve --yes` (or `--reject --note TEXT`, `--withdraw`), with `--print` to post it yourself',
    EXIT.usage,
  );
}
