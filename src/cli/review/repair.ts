import { counted } from '../../core/policy/words.ts';
import type { Oid } from '../../core/object/id.ts';
import { jsonReport, jsonText } from '../../core/report/json.ts';
import { textReport } from '../../core/report/text.ts';
import { EXIT, type Io } from '../io.ts';
import { askLine, canAsk } from './ask.ts';
import { draftAdoption, draftReview, parseNotes, type Draft } from './draft.ts';
import { finish } from './finish.ts';
import { localsOf, openFindings, waitsFor, type Item } from './item.ts';
import { localRemark } from './local.ts';
import { findMe, type Me } from './me.ts';
import { openLanded, readCommit } from './one.ts';
import { Refusal, remarkText, runGuarded } from './refusal.ts';
import { canShow, commitLine, showRange } from './show.ts';
import { withWorkplace, type WorkOptions, type Workplace } from './workplace.ts';
import { refuseIdleWord, whyIdle } from './worth.ts';

export interface RepairOptions extends WorkOptions {
  readonly adopt?: boolean;
  readonly approve?: boolean;
  readonly note?: readonly string[];
}

/** `countersign repair`: says what a landed step lacks, and makes what of it this person can sign. */
export function repair(revision: string, options: RepairOptions, io: Io): Promise<number> {
  return runGuarded('repair', options, io, () =>
    withWorkplace(options, io, async (work) => {
      const notes = parseNotes(options.note);
      const item = await openLanded(work, revision, options);
      const { enforced } = item.verdict;
      if (options.json !== true) io.err(textReport(item.verdict, { url: null, pull: null }, io.paint));
      const asked = options.adopt === true || options.approve === true;
      if (enforced === 'pass' || (!asked && !canAsk(io))) {
        // What it lacks is the answer; nothing is signed without being told to.
        if (options.json === true)
          io.out(`${jsonText({ ok: true, report: jsonReport(item.verdict, { url: null, pull: null }) })}\n`);
        else if (enforced !== 'pass') io.err(await closing(work, item, options));
        return EXIT[enforced];
      }
      const me = await findMe(work.directory, options.as, item.policy, item.facts.policy);
      const choice = asked ? options : await ask(work, item, me);
      const head = await reviewedHead(work, item);
      const ends = { base: item.subject.tip, head };
      const drafts: Draft[] = [];
      if (choice.adopt === true) {
        refuseIdleWord(item, me, 'adopt');
        refuseAdoption(item, me.name);
        drafts.push(await draftAdoption(work, item, me.name, notes, ends));
      }
      if (choice.approve === true) {
        refuseIdleWord(item, me, 'approve');
        drafts.push(await draftReview(work, item, me.name, 'approve', notes, ends));
      }
      if (drafts.length === 0) {
        io.err('nothing was signed or posted\n');
        return EXIT.pass;
      }
      return finish(work, me, drafts, options);
    }),
  );
}

/**
 * What a statement on a step names: what a merge merged; the merge commit itself where it holds a resolution, which is
 * reviewed as a whole, and where a button made it that needs somebody to take it over.
 */
async function reviewedHead(work: Workplace, item: Item): Promise<Oid> {
  const { head: commit } = item.subject;
  const { parents, tree } = await readCommit(work, commit);
  const second = parents[1];
  if (second === undefined) return commit;
  const { remerge } = item.facts;
  return remerge?.clean === true && remerge.tree === tree ? second : commit;
}

function refuseAdoption({ rule, policy, target, commits }: Item, name: string): void {
  const { unsigned, signedBy } = rule.commits;
  if (unsigned !== 'adopt') {
    throw new Refusal(
      'adoption-refused',
      `the policy lets nobody adopt commits on \`${target.branch}\``,
      'governance can ratify the step: `countersign ratify COMMIT --reason TEXT`',
    );
  }
  if (policy.groups.get(signedBy)?.has(name) !== true) {
    throw new Refusal(
      'adopter-not-allowed',
      `\`${name}\` is not in \`${signedBy}\`, whose members may adopt`,
    );
  }
  if (!commits.some(({ adoptable }) => adoptable)) {
    throw new Refusal('adoption-idle', 'every commit of this step is signed or adopted already');
  }
}

/** Somebody who is not in the policy is told what a step lacks, like everybody. */
async function closing(work: Workplace, item: Item, { as }: RepairOptions): Promise<string> {
  try {
    return whatIsYours(item, await findMe(work.directory, as, item.policy, item.facts.policy));
  } catch (error) {
    if (error instanceof Refusal) return '';
    throw error;
  }
}

/** Which of the two flags would help, and whose turn it is where neither does. */
function whatIsYours(item: Item, me: Me): string {
  const locals = localsOf(item, me.name).map((local) => remarkText(localRemark(local)));
  const done = (type: 'review' | 'adopt'): boolean =>
    localsOf(item, me.name).some(({ statement }) => statement.type === type);
  const adopts = !done('adopt') && item.commits.some(({ adopters }) => adopters.includes(me.name));
  const approves =
    !done('review') &&
    whyIdle(item, me, 'approve') === null &&
    openFindings(item).some(({ data }) => 'candidates' in data && data.candidates.includes(me.name));
  const flags = [...(adopts ? ['`--adopt`'] : []), ...(approves ? ['`--approve`'] : [])];
  if (flags.length > 0) return `${locals.join('')}sign what is yours with ${flags.join(' or ')}\n`;
  return locals.length > 0 ? locals.join('') : `nothing that \`${me.name}\` could sign is missing\n`;
}

async function ask(work: Workplace, item: Item, me: Me): Promise<Pick<RepairOptions, 'adopt' | 'approve'>> {
  const { io } = work;
  const { name } = me;
  const open = item.commits.filter(({ adopters }) => adopters.includes(name));
  if (open.length > 0)
    io.err(
      `${counted(open.length, 'commit')} to be adopted:\n${open.map((one) => `${commitLine(one)}\n`).join('')}`,
    );
  for (const local of localsOf(item, name)) io.err(remarkText(localRemark(local)));
  if (!waitsFor(item, name)) {
    const codes = [...new Set(openFindings(item).map(({ code }) => code))].join(', ');
    throw new Refusal('nothing-of-yours', `nothing that \`${name}\` could sign is missing (open: ${codes})`);
  }
  const { parents, tree } = await readCommit(work, item.subject.head);
  const [parent] = parents;
  if (canShow(io) && parent !== undefined) {
    const before = (await readCommit(work, parent)).tree;
    await showRange(work, { kind: 'all', before, after: tree, files: item.facts.change.files.length });
  }
  for (;;) {
    const answer = (await askLine(`[a]pprove ${open.length > 0 ? 'ad[o]pt ' : ''}[q]uit: `)).toLowerCase();
    if (answer === 'q' || answer === 'quit') return {};
    if (answer === 'a' || answer === 'approve') return { approve: true };
    if (open.length > 0 && (answer === 'o' || answer === 'adopt')) return { adopt: true };
  }
}
