import type { Oid } from '../../core/object/id.ts';
import { EXIT, type Io } from '../io.ts';
import { draftReview, parseNotes } from './draft.ts';
import { finish } from './finish.ts';
import { localsOf, signedBy, type Opinion } from './item.ts';
import { localRemark, type Local } from './local.ts';
import { openChange } from './one.ts';
import { Refusal, runGuarded } from './refusal.ts';
import { isPull } from './subject.ts';
import { needToken, withWorkplace, type WorkOptions } from './workplace.ts';
import { refuseIdleWord } from './worth.ts';

export interface WithdrawOptions extends WorkOptions {
  readonly note?: readonly string[];
}

/** Whether a statement is not yet taken back, on its own head or, with a higher serial, on the present one. */
function stands(one: Opinion, mine: readonly Opinion[], head: Oid): boolean {
  if (isWithdrawal(one)) return false;
  // Of equal serials a "no" goes before a withdrawal, and that before an approval.
  const isNo = one.type === 'review' && one.decision === 'reject';
  return !mine.some(
    (other) =>
      isWithdrawal(other) &&
      (other.head === one.head || other.head === head) &&
      (other.serial > one.serial || (other.serial === one.serial && !isNo)),
  );
}

function isWithdrawal(one: Opinion): boolean {
  return one.type === 'review' && one.decision === 'withdraw';
}

function takenBack(local: Local | undefined): Refusal {
  if (local === undefined) {
    return new Refusal(
      'nothing-to-withdraw',
      'you have taken back already what you signed about this change',
    );
  }
  const { code, message, remedy } = localRemark(local);
  return new Refusal(code, message, remedy, EXIT.pending);
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
      if (item.commits.length === 0) {
        throw new Refusal(
          'nothing-to-withdraw',
          `${item.subject.head.slice(0, 12)} is in \`${item.target.branch}\` already, and what has landed stays judged as it was`,
          'a revert is a change like any other',
        );
      }
      const mine = signedBy(item, me.name).filter(({ head }) => about.has(head));
      if (mine.length === 0) {
        throw new Refusal(
          'nothing-to-withdraw',
          `nothing that \`${me.name}\` signed about this change could be found`,
          'was it signed under another name (`--as`), or is it not posted?',
        );
      }
      if (!mine.some((one) => stands(one, mine, item.subject.head))) {
        const local = localsOf(item, me.name).find(
          ({ statement }) => statement.type === 'review' && statement.decision === 'withdraw',
        );
        // One that nobody else can see is printed again.
        if (local === undefined || options.print !== true) throw takenBack(local);
      }
      refuseIdleWord(item, me, 'withdraw');
      // On the present head with the highest serial it answers whatever was signed about earlier ones, too.
      return finish(work, me, [await draftReview(work, item, me.name, 'withdraw', notes)], options);
    }),
  );
}
