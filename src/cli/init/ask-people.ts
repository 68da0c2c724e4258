import { cleanSentence } from '../../core/report/clean.ts';
import type { Io } from '../io.ts';
import { findingText, KeysRefusal } from '../keys/outcome.ts';
import type { OfferedKey } from '../keys/offer.ts';
import { UsageError } from '../revisions.ts';
import { askLine } from '../review/ask.ts';
import { Refusal } from '../review/refusal.ts';
import { parseName, readKey, readOwnKey, sameKey, shownKey, type FirstPerson } from './people.ts';

/** Asks for people and keys, oneself first, until an empty line; what cannot be used is said and asked for again. */
export async function askPeople(directory: string, io: Io): Promise<readonly FirstPerson[]> {
  io.err('Who is in the policy? First you, with the key that your git signs with.\n');
  const you = await askUntil('your name (letters and digits): ', parseName, io);
  const people: FirstPerson[] = [{ name: you, key: await readOwnKey(directory, io) }];
  for (const { key } of people) io.err(`  the key that git signs with here: ${shownKey(key)}\n`);
  for (;;) {
    const name = await askUntil(
      'another name (empty for nobody): ',
      (typed) => {
        if (typed === '') return typed;
        if (people.some((one) => one.name === typed)) throw new UsageError(`\`${typed}\` is in it already`);
        return parseName(typed);
      },
      io,
    );
    if (name === '') return people;
    const key = await askKey(name, people, io);
    if (key !== null) people.push({ name, key });
  }
}

/** Empty: this person is left out after all. */
async function askKey(name: string, people: readonly FirstPerson[], io: Io): Promise<OfferedKey | null> {
  const question = `the public key of ${name} (a file, an SSH key, a fingerprint; empty for nobody): `;
  const key = await askUntil(
    question,
    async (typed) => {
      if (typed === '') return null;
      const read = await readKey(typed, io);
      const owner = people.find((one) => sameKey(one.key, read));
      if (owner !== undefined)
        throw new UsageError(`that is ${owner.name}'s key: a key speaks for one person only`);
      return read;
    },
    io,
  );
  if (key !== null) io.err(`  ${shownKey(key)}\n`);
  return key;
}

/** Asks until what was typed can be used. Throws `Interrupted`. */
export async function askUntil<T>(
  question: string,
  take: (typed: string) => T | Promise<T>,
  io: Io,
): Promise<T> {
  for (;;) {
    const typed = await askLine(question);
    try {
      return await take(typed);
    } catch (error) {
      if (error instanceof UsageError) io.err(`${cleanSentence(error.message)}\n`);
      else if (error instanceof KeysRefusal || error instanceof Refusal) io.err(findingText(error.finding));
      else throw error;
    }
  }
}
