import { performance } from 'node:perf_hooks';
import { openCoverage, type Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly what: string;
  readonly input: Uint8Array;
}

export interface Watched {
  /** Told before every input, so that what hangs or runs out of memory is known. */
  before(target: number, input: Uint8Array): void;
  found(finding: Finding): void;
}

/** One input may take so long, in milliseconds, on a machine that does other things as well. */
const SLOW_MS = 1000;
const BATCH = 200;

/** Fuzzes one target at a time, batch after batch; keeps inputs that reach what no earlier one reached. */
export class Fuzzer {
  executions = 0;
  readonly #targets: readonly Target[];
  readonly #corpora: Buffer[][];
  readonly #words: readonly Buffer[][];
  readonly #coverage: Coverage = openCoverage();
  readonly #random: Random;
  readonly #watched: Watched;
  readonly #known = new Set<string>();

  constructor(targets: readonly Target[], random: Random, watched: Watched) {
    this.#targets = targets;
    this.#corpora = targets.map(({ seeds }) => [...seeds]);
    this.#words = targets.map(({ words }) => words.map((word) => Buffer.from(word, 'latin1')));
    this.#random = random;
    this.#watched = watched;
  }

  /** Every seed once, as it is. */
  async start(): Promise<void> {
    for (const [index, { seeds }] of this.#targets.entries()) {
      for (const seed of seeds) await this.#execute(index, seed);
    }
    this.#coverage.learn(this.#coverage.fresh());
  }

  async batch(index: number, until: number): Promise<void> {
    const corpus = this.#corpora[index] ?? [];
    const inputs: Buffer[] = [];
    while (inputs.length < BATCH && performance.now() < until) {
      const input = mutate(this.#random.pick(corpus), this.#random, corpus, this.#words[index] ?? []);
      inputs.push(input);
      await this.#execute(index, input);
    }
    if (this.#coverage.fresh().length > 0) await this.#keepNews(index, inputs);
  }

  inCorpus(): number {
    return this.#corpora.reduce((sum, corpus) => sum + corpus.length, 0);
  }

  covered(): number {
    return this.#coverage.size();
  }

  /** Halves the batch until the inputs are found that reached something new. */
  async #keepNews(index: number, inputs: readonly Buffer[]): Promise<void> {
    const waiting = [inputs];
    for (let some = waiting.pop(); some !== undefined; some = waiting.pop()) {
      for (const input of some) await this.#execute(index, input);
      const fresh = this.#coverage.fresh();
      if (fresh.length === 0) continue;
      const [only, ...more] = some;
      if (only !== undefined && more.length === 0) {
        this.#coverage.learn(fresh);
        this.#corpora[index]?.push(only);
        continue;
      }
      const middle = some.length >> 1;
      waiting.push(some.slice(middle), some.slice(0, middle));
    }
  }

  async #execute(index: number, input: Buffer): Promise<void> {
    const target = this.#targets[index];
    if (target === undefined) return;
    this.#watched.before(index, input);
    this.executions += 1;
    try {
      const took = await timed(target, input);
      // Once more: the machine may have been busy with something else.
      if (took > SLOW_MS && (await timed(target, input)) > SLOW_MS) {
        this.#report(target, `slower than ${SLOW_MS} ms`, input);
      }
    } catch (error) {
      this.#report(target, error instanceof Error ? `${error.name}: ${error.message}` : String(error), input);
    }
  }

  #report({ name }: Target, what: string, input: Buffer): void {
    const kind = `${name} ${what.replace(/[0-9A-Fa-f]{8,}|\d+/g, '#')}`;
    if (this.#known.has(kind)) return;
    this.#known.add(kind);
    this.#watched.found({ target: name, what, input: new Uint8Array(input) });
  }
}

async function timed({ run }: Target, input: Buffer): Promise<number> {
  const start = performance.now();
  const running = run(Buffer.from(input));
  if (running !== undefined) await running;
  return performance.now() - start;
}
