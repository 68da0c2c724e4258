import { counted } from '../../core/policy/words.ts';
import { showInvisible } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { isTestimony } from '../../core/statement/statement.ts';
import { EXIT } from '../io.ts';
import { cleaned } from '../keys/outcome.ts';
import { askYes, canAsk } from './ask.ts';
import { deliver, type Deliver, type Delivered, type Outcome } from './deliver.ts';
import { batchesOf, inShort, type Batch, type Draft } from './draft.ts';
import { refuseUnrecordable } from './kept.ts';
import { archiveCommand, localRemark } from './local.ts';
import type { Me } from './me.ts';
import { recheck } from './moved.ts';
import { Refusal, remarkText, type Remark } from './refusal.ts';
import { signBatch, signedText, type SignedBatch } from './sign.ts';
import type { WorkOptions, Workplace } from './workplace.ts';

export type { Deliver, Delivered } from './deliver.ts';

/**
 * Signs what was decided and posts or prints it: asks once more, reads everything once more, signs all of it, and only
 * when all is signed posts any of it. What was signed before and is only here is printed again, or named.
 *
 * @param elsewhere takes what belongs to no pull request
 */
export async function finish(
  work: Workplace,
  me: Me,
  all: readonly Draft[],
  options: WorkOptions,
  elsewhere: Deliver = null,
): Promise<number> {
  const { io } = work;
  const again = options.print === true ? signedBefore(all) : [];
  const drafts = withoutTwins(work, all, options, elsewhere);
  if (drafts.length === 0) {
    if (options.json === true) printJson(work, me, { signed: again, delivered: [], remarks: [], ok: true });
    else for (const batch of again) io.out(signedText(batch));
    return EXIT.pass;
  }
  const batches = batchesOf(drafts);
  if (options.yes !== true && !canAsk(io)) {
    throw new Refusal(
      'confirmation-missing',
      'nobody can be asked here',
      'add `--yes` to sign this without a question',
      EXIT.usage,
    );
  }
  if (options.json !== true && options.print !== true) showTexts(work, batches);
  if (options.yes !== true && !(await askYes(questionOf(work, batches, options, elsewhere)))) {
    io.err('nothing was signed or posted\n');
    return EXIT.pass;
  }
  const checked = await recheck(work, drafts, options);
  if (options.json !== true)
    for (const one of [...checked.dropped, ...checked.notes]) io.err(remarkText(one));
  if (checked.drafts.length === 0) {
    if (options.json === true)
      printJson(work, me, { signed: [], delivered: [], remarks: checked.dropped, ok: false });
    else io.err('nothing was signed or posted\n');
    return EXIT.fail;
  }
  for (const project of new Set(checked.drafts.map(({ statement }) => statement.project))) {
    await refuseUnrecordable(io.environment, project);
  }
  const signed = await signAll(work, me, batchesOf(checked.drafts));
  const outcome = await deliver(work, signed, options, elsewhere);
  const remarks = [...checked.dropped, ...checked.notes, ...outcome.failed];
  const ok = checked.dropped.length + outcome.failed.length === 0;
  const { delivered } = outcome;
  if (options.json === true) printJson(work, me, { signed: [...again, ...signed], delivered, remarks, ok });
  else {
    for (const batch of again) io.out(signedText(batch));
    report(work, signed, outcome);
  }
  if (outcome.failed.length > 0) return EXIT.undetermined;
  return ok ? EXIT.pass : EXIT.fail;
}

/** Texts that hold what was decided, and were signed before. */
function signedBefore(drafts: readonly Draft[]): readonly SignedBatch[] {
  const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return [...Map.groupBy(drafts, ({ twin }) => twin?.path ?? null)].flatMap(([path, some]) => {
    const signed = some[0]?.twin?.signed;
    if (path === null || signed === undefined) return [];
    return [{ drafts: some, text: decode(signed.text), armor: decode(signed.armor) }];
  });
}

/** What is left to be signed: nothing is signed twice that could be posted nowhere the first time. Throws `Refusal`. */
function withoutTwins(
  { io, forge }: Workplace,
  drafts: readonly Draft[],
  options: WorkOptions,
  elsewhere: Deliver,
): readonly Draft[] {
  const twins = drafts.flatMap(({ twin, pulls }) => {
    const hasPlace = elsewhere !== null || (pulls.length > 0 && forge !== null);
    return twin && (options.print === true || !hasPlace) ? [twin] : [];
  });
  const left = drafts.filter(({ twin }) => !twin || !twins.includes(twin));
  const [first] = twins;
  if (first === undefined || options.print === true) return left;
  if (left.length > 0) {
    for (const twin of twins) io.err(remarkText(localRemark(twin)));
    return left;
  }
  const { code, message, remedy } = localRemark(first);
  throw new Refusal(code, message, remedy, EXIT.pending);
}

function showTexts({ io }: Workplace, batches: readonly Batch[]): void {
  io.err('\nThis is what you sign:\n');
  for (const { text } of batches) {
    io.err(`\n${text.split('\n').map(showInvisible).join('\n  ').replace(/^/, '  ').trimEnd()}\n`);
  }
}

function questionOf(
  work: Workplace,
  batches: readonly Batch[],
  { print }: WorkOptions,
  elsewhere: Deliver,
): string {
  const drafts = batches.flatMap((batch) => batch.drafts);
  const list = drafts.map((one) => `  ${inShort(one)}\n`).join('');
  const signatures = counted(batches.length, 'signature');
  if (print === true) return `\n${list}sign and print this, with ${signatures}?`;
  if (elsewhere === null && drafts.every(({ pulls }) => pulls.length === 0)) {
    return `\n${list}sign this, with ${signatures} (${whyNowhere(work)})?`;
  }
  return `\n${list}sign and post this, with ${signatures}?`;
}

function whyNowhere({ forge }: Workplace): string {
  if (forge === null) return 'there is no forge to post it to';
  return forge.known ? 'there is no pull request to post it on' : 'there is no token to post it with';
}

async function signAll(work: Workplace, me: Me, batches: readonly Batch[]): Promise<readonly SignedBatch[]> {
  const signed: SignedBatch[] = [];
  for (const [index, batch] of batches.entries()) {
    // A hardware key blinks without a word: this says what for.
    if (batches.length > 1) {
      const what =
        batch.drafts.length === 1
          ? batch.drafts.map(inShort).join('')
          : counted(batch.drafts.length, 'statement');
      work.io.err(`signature ${index + 1} of ${batches.length}: ${what}\n`);
    }
    // Dates do not matter for what has landed; what users are told is not about that.
    const landed = batch.drafts.every(({ subject, statement }) => subject === null && isTestimony(statement));
    signed.push(await signBatch(batch, me, landed));
  }
  return signed;
}

function report(
  work: Workplace,
  signed: readonly SignedBatch[],
  { delivered, failed, unsent }: Outcome,
): void {
  const { io } = work;
  for (const one of failed) io.err(remarkText(one));
  if (failed.length > 0) for (const batch of signed) io.out(signedText(batch));
  const statements = signed.reduce((sum, { drafts }) => sum + drafts.length, 0);
  const posted = delivered.length === 0 ? '' : `; posted on ${delivered.map(({ to }) => to).join(', ')}`;
  io.err(`signed ${counted(statements, 'statement')} with ${counted(signed.length, 'signature')}${posted}\n`);
  for (const path of unsent) {
    io.err(
      `not posted (${whyNowhere(work)}): kept in ${showInvisible(path)}\n  → hand on what is printed above, or \`${archiveCommand(path)}\`\n`,
    );
  }
}

function printJson(
  { io }: Workplace,
  me: Me,
  done: {
    readonly signed: readonly SignedBatch[];
    readonly delivered: readonly Delivered[];
    readonly remarks: readonly Remark[];
    readonly ok: boolean;
  },
): void {
  const signed = done.signed.map((batch) => ({
    text: batch.text,
    armor: batch.armor,
    pulls: [...new Set(batch.drafts.flatMap(({ pulls }) => pulls.map(({ number }) => number)))],
    statements: batch.drafts.map(({ statement }) => statement),
  }));
  const findings = done.remarks.map(cleaned);
  io.out(`${jsonText({ ok: done.ok, person: me.name, signed, delivered: done.delivered, findings })}\n`);
}
