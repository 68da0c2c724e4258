import { cleanSentence } from '../../core/report/clean.ts';
import type { Io } from '../io.ts';
import { findingText, KeysRefusal } from '../keys/outcome.ts';
import { UsageError } from '../revisions.ts';
import { askLine } from '../review/ask.ts';
import { Refusal } from '../review/refusal.ts';
import { parseName, readKey, readOwnKey, type FirstPerson } from './people.ts';

/** Asks for people and keys, oneself first, until an empty line; what cannot be used is said and asked for again. */
export async function askPeople(directory: string, io: Io): Promise<readonly FirstPerson[]> {
  const people: FirstPerson[] = [];
  io.err('Who is in the policy? First you, with the key that your git signs with.\n');
  for (;;) {
    const first = people.length === 0;
    const name = await askLine(
      first ? 'your name (letters and digits): ' : 'another name (empty for nobody): ',
    );
    if (name === '' && !first) return people;
    try {
      parseName(name);
      if (people.some((one) => one.name === name)) throw new UsageError(`\`${name}\` is in it already`);
      const key = first
        ? await readOwnKey(directory, io)
        : await readKey(await askLine(`the public key of ${name} (a file, an SSH key, a fingerprint): `), io);
      people.push({ name, key });
    } catch (error) {
      if (error instanceof UsageError) io.err(`${cleanSentence(error.message)}\n`);
      else if (error instanceof KeysRefusal || (error instanceof Refusal && !first))
        io.err(findingText(error.finding));
      else throw error;
    }
  }
}
