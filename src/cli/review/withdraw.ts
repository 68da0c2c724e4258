import type { Io } from '../io.ts';
import { draftReview, parseNotes } from './draft.ts';
import { finish } from './finish.ts';
import { signedBy } from './item.ts';
import { openChange } from './one.ts';
import { Refusal, runGuarded } from './refusal.ts';
import { isPull } from './subject.ts';
import { needToken, withWorkplace, type WorkOptions } from './workplace.ts';

export interface WithdrawOptions extends WorkOptions {
  readonly note?: readonly string[];
}

/** `countersign withdraw`: takes back what this person signed about a change, for or against, whatever its head was then. */
export function withdraw(wanted: string | undefined, options: WithdrawOptions, io: Io): Promise<number> {
  return runGuarded('withdraw', options, io, () =>
    withWorkplace(options, io, async (work) => {
      const notes = parseNotes(options.note);
      if (isPull(wanted)) needToken(work, options);
      const { item, me } = await openChange(work, wanted, options);
      const about = new Set<string>([
        item.subject.head,
        ...item.commits.map(({ id }) => id),
        ...item.facts.earlier,
      ]);
      const mine = signedBy(item, me.name).filter(({ head }) => about.has(head));
      if (mine.length === 0) {
        throw new Refusal(
          'nothing-to-withdraw',
          `nothing that \`${me.name}\` signed about this change could be found`,
          'was it signed under another name (`--as`), or is it not posted?',
        );
      }
      // On the present head with the highest serial it answers whatever was signed about earlier ones, too.
      return finish(work, me, [await draftReview(work, item, me.name, 'withdraw', notes)], options);
    }),
  );
}
