import { counted } from '../../core/policy/words.ts';
import type { Oid } from '../../core/object/id.ts';
import { LIMITS } from '../../gather/gather.ts';
import { EXIT, type Io } from '../io.ts';
import { draftAdoption, parseNotes } from './draft.ts';
import { finish } from './finish.ts';
import { refuseLanded, type Item } from './item.ts';
import { openChange } from './one.ts';
import { Refusal, runGuarded } from './refusal.ts';
import { commitLine } from './show.ts';
import { isPull } from './subject.ts';
import { needToken, withWorkplace, type WorkOptions, type Workplace } from './workplace.ts';
import { refuseIdleWord } from './worth.ts';

export interface AdoptOptions extends WorkOptions {
  readonly note?: readonly string[];
}

/** `countersign adopt`: takes over what a change brings, or what it brings after `--base`, commit by commit listed. */
export function adopt(wanted: string | undefined, options: AdoptOptions, io: Io): Promise<number> {
  return runGuarded('adopt', options, io, () =>
    withWorkplace(options, io, async (work) => {
      const notes = parseNotes(options.note);
      if (isPull(wanted)) needToken(work, options);
      const { base: given, ...rest } = options;
      // A base inside the change is no tip of a branch: the tip is looked for where it always is.
      const atTip = await isTip(work, given, options);
      const { item, me } = await openChange(work, wanted, atTip ? options : rest);
      refuseLanded(item);
      refuseIdleWord(item, me, 'adopt');
      const base = given === undefined ? item.subject.tip : await baseOf(work, item, given);
      const ends = { base, head: item.subject.head };
      await refuseIdle(work, item, me.name, base);
      const draft = await draftAdoption(work, item, me.name, notes, ends);
      if (options.json !== true) io.err(await listText(work, item, base));
      return finish(work, me, [draft], options);
    }),
  );
}

/** Whether `--base` names the tip because nothing else does. */
async function isTip(work: Workplace, given: string | undefined, { branch }: WorkOptions): Promise<boolean> {
  if (given === undefined) return false;
  const name = branch ?? (await work.opened.refs.defaultBranch());
  return name === null || (await work.opened.refs.findBranch(name)) === null;
}

async function baseOf(work: Workplace, item: Item, given: string): Promise<Oid> {
  const base = await work.opened.resolve(given);
  const { tip, head } = item.subject;
  const { repository } = work.opened;
  if (base === null)
    throw new Refusal('base-unknown', `\`${given}\` names no commit in this repository`, null, EXIT.usage);
  const inside = item.commits.some(({ id }) => id === base && id !== head);
  if (inside || (await repository.isReachable(base, tip))) return base;
  throw new Refusal(
    'base-aside',
    `\`${given}\` has not landed on \`${item.target.branch}\`, and is no commit of this change`,
    'name a commit of the branch, or the last one of the change that is not to be adopted',
    EXIT.usage,
  );
}

/** What an adoption encloses: reachable from the head and not from its base, among the commits of the change. */
async function enclosed(work: Workplace, item: Item, base: Oid): Promise<Item['commits']> {
  const listed = new Set(await work.opened.repository.listCommits(base, item.subject.head, LIMITS.commits));
  return item.commits.filter(({ id }) => listed.has(id));
}

async function refuseIdle(work: Workplace, item: Item, name: string, base: Oid): Promise<void> {
  const { commits: demand } = item.rule;
  if (demand.unsigned !== 'adopt') {
    throw new Refusal(
      'adoption-refused',
      `the policy lets nobody adopt commits on \`${item.target.branch}\``,
      `sign the commits yourself: \`git rebase --force-rebase --gpg-sign "$(git merge-base ${item.subject.tip} ${item.subject.head})"\`, and propose the result`,
    );
  }
  if (item.policy.groups.get(demand.signedBy)?.has(name) !== true) {
    throw new Refusal(
      'adopter-not-allowed',
      `\`${name}\` is not in \`${demand.signedBy}\`, whose members may adopt`,
    );
  }
  const open = (await enclosed(work, item, base)).filter(({ adoptable }) => adoptable);
  if (open.length === 0) {
    throw new Refusal(
      'adoption-idle',
      'every commit that this would adopt is signed or adopted already',
      'review the change instead: `countersign review`',
    );
  }
}

async function listText(work: Workplace, item: Item, base: Oid): Promise<string> {
  const commits = await enclosed(work, item, base);
  const lines = commits.map((one) => `${commitLine(one)}${one.adoptable ? '' : '  (signed already)'}\n`);
  return `you take over ${counted(commits.length, 'commit')}, and answer for them as their author does:\n${lines.join('')}`;
}
