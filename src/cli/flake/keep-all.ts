import type { Finding } from '../../core/verdict/finding.ts';
import type { TrustedAnswer } from '../history/trusted.ts';
import type { Io } from '../io.ts';
import { keep } from '../keep.ts';
import type { InputResult } from './words.ts';

/**
 * Remembers what is proven of the branches of inputs, each once. The lock file is a memory of its own, so what cannot be
 * remembered stops nothing: the inputs say so.
 *
 * @param holds whether what was proven of an input's branch counts from now on
 */
export async function keepAll(
  results: readonly InputResult[],
  holds: (one: InputResult) => boolean,
  io: Io,
): Promise<readonly InputResult[]> {
  const unkept = new Map<TrustedAnswer, Finding | null>();
  const shown: InputResult[] = [];
  for (const one of results) {
    const { trusted, problems } = one;
    if (trusted === null || !holds(one)) {
      shown.push(one);
      continue;
    }
    const known = unkept.get(trusted);
    const found = known === undefined ? await keep(trusted, io) : known;
    unkept.set(trusted, found);
    shown.push(found === null ? one : { ...one, problems: [...problems, found] });
  }
  return shown;
}
