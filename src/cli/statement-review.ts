import { rulesFor } from '../core/policy/branch-rules.ts';
import { cleanSentence } from '../core/report/clean.ts';
import { noteProblem } from '../core/statement/fields.ts';
import { encodeStatement, type Decision } from '../core/statement/statement.ts';
import { Unreadable } from '../gather/ports.ts';
import { openRepository } from '../git/reader.ts';
import { digestOf, readPolicy } from './at-commit.ts';
import { EXIT, type Io } from './io.ts';
import { resolveRange, UsageError } from './revisions.ts';
import { findSerial } from './statement-serial.ts';

export interface AdoptionOptions {
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  readonly branch?: string;
  readonly as: string;
  /** Left out: above all that this machine knows of this person on this branch. */
  readonly serial?: string;
  readonly note?: readonly string[];
}

export interface ReviewOptions extends AdoptionOptions {
  readonly decision: string;
}

/** `countersign statement review`: the text of a review, made from the person's own git data, never from a page. */
export async function printReview(options: ReviewOptions, io: Io): Promise<number> {
  return print('review', io, () => makeStatement(options, parseDecision(options.decision), io));
}

/** `countersign statement adopt`: the text of an adoption of all that the head brings, made in the same way. */
export async function printAdoption(options: AdoptionOptions, io: Io): Promise<number> {
  return print('adopt', io, () => makeStatement(options, null, io));
}

async function print(command: string, io: Io, make: () => Promise<string>): Promise<number> {
  try {
    io.out(await make());
    return EXIT.pass;
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof Unreadable)) throw error;
    io.err(`countersign statement ${command}: ${cleanSentence(error.message)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.undetermined;
  }
}

/** `decision`: a review's; `null` for an adoption. */
async function makeStatement(options: AdoptionOptions, decision: Decision | null, io: Io): Promise<string> {
  const given = options.serial === undefined ? null : parseSerial(options.serial);
  const notes = options.note ?? [];
  for (const note of notes) {
    const problem = noteProblem(note);
    if (problem !== null) throw new UsageError(`--note: ${problem}`);
  }
  const opened = await openRepository(io.path(options.repository));
  try {
    const { branch, base, head } = await resolveRange(opened, options);
    const { repository } = opened;
    const policy = await readPolicy(repository, base);
    if (!policy.people.has(options.as)) {
      const names = [...policy.people.keys()].join(', ');
      throw new UsageError(`nobody in the policy is called \`${options.as}\`: --as takes one of ${names}`);
    }
    if (rulesFor(policy, branch).length !== 1) {
      throw new UsageError(
        `the policy at the base has no one rule for the branch \`${branch}\`: nothing would count there`,
      );
    }
    if (await repository.isReachable(head, base)) {
      throw new UsageError(
        'the head brings nothing that the base does not have: are they the wrong way round?',
      );
    }
    const change = await digestOf(repository, base, head);
    const about = { project: policy.project, branch, base, head, person: options.as };
    const serial = given ?? (await findSerial(opened, about, io));
    const place = { project: policy.project, branch, base, head, change };
    return encodeStatement(
      decision === null
        ? { type: 'adopt', ...place, adopter: options.as, serial, notes }
        : { type: 'review', ...place, decision, reviewer: options.as, serial, notes },
    );
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  } finally {
    await opened.dispose();
  }
}

function parseDecision(text: string): Decision {
  if (text === 'approve' || text === 'reject' || text === 'withdraw') return text;
  throw new UsageError(`\`${text}\` is no decision: approve, reject or withdraw`);
}

function parseSerial(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`\`${text}\` is no serial: a whole number from 1 up`);
}
