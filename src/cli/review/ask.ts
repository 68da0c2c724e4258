import { createInterface } from 'node:readline';
import type { Io } from '../io.ts';
import { Interrupted } from './refusal.ts';

/** Whether a person can be asked something: keys come from a terminal, and questions go to one. */
export function canAsk(io: Io): boolean {
  return io.terminal?.in === true && io.terminal.err;
}

/** Asks for one line. Ctrl-C, and the end of the input, stop the whole command. Throws `Interrupted`. */
export function askLine(question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const line = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
    let answer: string | null = null;
    line.on('SIGINT', () => {
      line.close();
    });
    line.on('close', () => {
      if (answer === null) reject(new Interrupted());
      else resolve(answer.trim());
    });
    line.question(question, (text) => {
      answer = text;
      line.close();
    });
  });
}

/** Yes or no; no where nothing is typed. */
export async function askYes(question: string): Promise<boolean> {
  for (;;) {
    const answer = (await askLine(`${question} [y/N] `)).toLowerCase();
    if (answer === 'y' || answer === 'yes') return true;
    if (answer === '' || answer === 'n' || answer === 'no') return false;
  }
}

/** Does something that Ctrl-C must not cut in two: posting what is signed, or a pager that has keys of its own. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const others = process.listeners('SIGINT');
  const wait = (): void => undefined;
  process.removeAllListeners('SIGINT').on('SIGINT', wait);
  try {
    return await work();
  } finally {
    process.off('SIGINT', wait);
    for (const one of others) process.on('SIGINT', one);
  }
}
