import { counted } from '../../core/policy/words.ts';
import { showInvisible } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import { postComment } from '../../github/comments.ts';
import { EXIT } from '../io.ts';
import { cleaned } from '../keys/outcome.ts';
import { askYes, canAsk, uninterrupted } from './ask.ts';
import { batchesOf, inShort, type Batch, type Draft } from './draft.ts';
import { hintLine } from './gathered.ts';
import { keepSigned } from './kept.ts';
import type { Me } from './me.ts';
import { recheck } from './moved.ts';
import { Refusal, remarkText, type Remark } from './refusal.ts';
import { signBatch, signedText, type SignedBatch } from './sign.ts';
import type { WorkOptions, Workplace } from './workplace.ts';

/** Where a signed text went. */
export interface Delivered {
  readonly to: string;
  readonly url: string | null;
}

/** What else can be done with signed texts than to post them; `null`: nothing else. */
export type Deliver = ((signed: readonly SignedBatch[]) => Promise<readonly Delivered[]>) | null;

/**
 * Signs what was decided and posts or prints it: asks once more, reads everything once more, signs all of it, and only
 * when all is signed posts any of it.
 *
 * @param elsewhere takes what belongs to no pull request
 */
export async function finish(
  work: Workplace,
  me: Me,
  drafts: readonly Draft[],
  options: WorkOptions,
  elsewhere: Deliver = null,
): Promise<number> {
  const { io } = work;
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
  if (options.yes !== true && !(await askYes(questionOf(batches, options)))) {
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
  const signed = await signAll(work, me, batchesOf(checked.drafts));
  const outcome = await deliver(work, signed, options, elsewhere);
  const remarks = [...checked.dropped, ...checked.notes, ...outcome.failed];
  const ok = checked.dropped.length + outcome.failed.length === 0;
  if (options.json === true) printJson(work, me, { signed, delivered: outcome.delivered, remarks, ok });
  else report(work, signed, outcome);
  if (outcome.failed.length > 0) return EXIT.undetermined;
  return ok ? EXIT.pass : EXIT.fail;
}

function showTexts({ io }: Workplace, batches: readonly Batch[]): void {
  io.err('\nThis is what you sign:\n');
  for (const { text } of batches) {
    io.err(`\n${text.split('\n').map(showInvisible).join('\n  ').replace(/^/, '  ').trimEnd()}\n`);
  }
}

function questionOf(batches: readonly Batch[], { print }: WorkOptions): string {
  const drafts = batches.flatMap((batch) => batch.drafts);
  const list = drafts.map((one) => `  ${inShort(one)}\n`).join('');
  const what = print === true ? 'sign and print' : 'sign and post';
  return `\n${list}${what} this, with ${counted(batches.length, 'signature')}?`;
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
    const landed = batch.drafts.every(({ subject }) => subject === null);
    signed.push(await signBatch(batch, me, landed));
  }
  return signed;
}

interface Outcome {
  readonly delivered: readonly Delivered[];
  readonly failed: readonly Remark[];
}

async function deliver(
  work: Workplace,
  signed: readonly SignedBatch[],
  options: WorkOptions,
  elsewhere: Deliver,
): Promise<Outcome> {
  const { io, forge } = work;
  const delivered: Delivered[] = [];
  const failed: Remark[] = [];
  for (const batch of signed) {
    const project = batch.drafts[0]?.statement.project ?? '';
    await keepSigned(io.environment, project, signedText(batch));
  }
  if (options.print === true) {
    if (options.json !== true) for (const batch of signed) io.out(signedText(batch));
    return { delivered: [], failed: [] };
  }
  await uninterrupted(async () => {
    for (const [number, batches] of byPull(signed)) {
      if (forge === null) continue;
      try {
        const url = await postComment(forge.client, forge.name, number, bodyOf(number, batches));
        delivered.push({ to: `#${number}`, url });
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        failed.push(notPosted(number, error));
      }
    }
  });
  const homeless = signed.filter(({ drafts }) => drafts.some(({ pulls }) => pulls.length === 0));
  if (homeless.length > 0 && elsewhere !== null) delivered.push(...(await elsewhere(homeless)));
  else if (options.json !== true) for (const batch of homeless) io.out(signedText(batch));
  return { delivered, failed };
}

function notPosted(number: number, error: Unreadable): Remark {
  return {
    code: 'not-posted',
    message: `what you signed could not be posted on #${number}: ${error.message}`,
    remedy: 'it is printed below: post it as a comment, between two lines of ```',
  };
}

function byPull(signed: readonly SignedBatch[]): Map<number, SignedBatch[]> {
  const found = new Map<number, SignedBatch[]>();
  for (const batch of signed) {
    const numbers = batch.drafts.flatMap(({ pulls }) => pulls.map(({ number }) => number));
    for (const number of new Set(numbers)) found.set(number, [...(found.get(number) ?? []), batch]);
  }
  return found;
}

/** One comment for each pull request: the signed texts whole, since the signature is over all of each. */
function bodyOf(number: number, batches: readonly SignedBatch[]): string {
  const about = batches.flatMap(({ drafts }) =>
    drafts.filter(({ pulls }) => pulls.some((pull) => pull.number === number)),
  );
  const hints = about.map(({ statement }) => `${hintLine(statement)}\n`).join('');
  const blocks = batches.map((batch) => `\`\`\`\n${signedText(batch)}\`\`\`\n`);
  return `Signed with \`countersign\`:\n\n${hints}\n${blocks.join('\n')}`;
}

function report({ io }: Workplace, signed: readonly SignedBatch[], { delivered, failed }: Outcome): void {
  for (const one of failed) io.err(remarkText(one));
  if (failed.length > 0) for (const batch of signed) io.out(signedText(batch));
  const statements = signed.reduce((sum, { drafts }) => sum + drafts.length, 0);
  const posted = delivered.length === 0 ? '' : `; posted on ${delivered.map(({ to }) => to).join(', ')}`;
  io.err(`signed ${counted(statements, 'statement')} with ${counted(signed.length, 'signature')}${posted}\n`);
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
