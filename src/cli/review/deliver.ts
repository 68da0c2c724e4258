import { Unreadable } from '../../gather/ports.ts';
import { postComment } from '../../github/comments.ts';
import { uninterrupted } from './ask.ts';
import { hintLine } from './gathered.ts';
import { keepSigned, markDelivered } from './kept.ts';
import type { Remark } from './refusal.ts';
import { signedText, type SignedBatch } from './sign.ts';
import type { WorkOptions, Workplace } from './workplace.ts';

/** Where a signed text went. */
export interface Delivered {
  readonly to: string;
  readonly url: string | null;
}

/** What else can be done with signed texts than to post them; `null`: nothing else. */
export type Deliver = ((signed: readonly SignedBatch[]) => Promise<readonly Delivered[]>) | null;

export interface Outcome {
  readonly delivered: readonly Delivered[];
  readonly failed: readonly Remark[];
  /** The files of what there was no place for: it is printed, and nobody else has it. */
  readonly unsent: readonly string[];
}

/** Keeps what was signed, then posts it, or prints what belongs to no pull request. */
export async function deliver(
  work: Workplace,
  signed: readonly SignedBatch[],
  options: WorkOptions,
  elsewhere: Deliver,
): Promise<Outcome> {
  const { io, forge } = work;
  const delivered: Delivered[] = [];
  const failed: Remark[] = [];
  const paths = new Map<SignedBatch, string>();
  try {
    for (const batch of signed) {
      const project = batch.drafts[0]?.statement.project ?? '';
      paths.set(batch, await keepSigned(io.environment, project, signedText(batch)));
    }
  } catch (error) {
    // There was room a moment ago. What is signed must not be lost, and is not posted either.
    for (const batch of signed) io.out(signedText(batch));
    throw error;
  }
  const pathOf = (batch: SignedBatch): readonly string[] => [paths.get(batch) ?? ''];
  if (options.print === true) {
    if (options.json !== true) for (const batch of signed) io.out(signedText(batch));
    return { delivered, failed, unsent: [] };
  }
  const sent = new Set<SignedBatch>();
  const missed = new Set<SignedBatch>();
  await uninterrupted(async () => {
    for (const [number, batches] of byPull(signed)) {
      if (forge === null) continue;
      try {
        const url = await postComment(forge.client, forge.name, number, bodyOf(number, batches));
        delivered.push({ to: `#${number}`, url });
        for (const batch of batches) sent.add(batch);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        failed.push(notPosted(number, error));
        for (const batch of batches) missed.add(batch);
      }
    }
  });
  const homeless = signed.filter(({ drafts }) => drafts.some(({ pulls }) => pulls.length === 0));
  if (homeless.length > 0 && elsewhere !== null) {
    delivered.push(...(await elsewhere(homeless)));
    for (const batch of homeless) sent.add(batch);
  } else {
    for (const batch of homeless) missed.add(batch);
    if (options.json !== true) for (const batch of homeless) io.out(signedText(batch));
  }
  // A batch that some pull request lacks is not all where it belongs.
  for (const batch of missed) sent.delete(batch);
  for (const path of [...sent].flatMap(pathOf)) await markDelivered(path);
  return { delivered, failed, unsent: homeless.filter((batch) => !sent.has(batch)).flatMap(pathOf) };
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
