import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { Fuzzer, type Finding } from './loop.ts';
import { MAX_INPUT_BYTES } from './mutate.ts';
import { seeded } from './random.ts';
import { openTargets } from './targets.ts';

/** What the thread that watches gives to the one that works. */
export interface Work {
  readonly seed: number;
  readonly milliseconds: number;
  readonly only: string | null;
  /** Counter, target, length, then the input: what runs just now. */
  readonly shared: SharedArrayBuffer;
}

export const HEAD_BYTES = 12;
export const SHARED_BYTES = HEAD_BYTES + 8 * MAX_INPUT_BYTES;

export type Message =
  | { readonly kind: 'targets'; readonly names: readonly string[] }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | ({ readonly kind: 'progress' | 'end' } & Progress);

export interface Progress {
  readonly executions: number;
  readonly covered: number;
  readonly corpus: number;
  /** Bytes of heap in use after collecting garbage; at the first progress and now. */
  readonly heap: readonly [first: number, now: number];
}

const PROGRESS_MS = 15_000;

async function work(
  { seed, milliseconds, only, shared }: Work,
  post: (message: Message) => void,
): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const usedHeap = (): number => {
    if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
    return process.memoryUsage().heapUsed;
  };
  const head = new Int32Array(shared, 0, 3);
  const current = new Uint8Array(shared, HEAD_BYTES);
  const all = await openTargets();
  const targets = only === null ? all : all.filter(({ name }) => name === only);
  post({ kind: 'targets', names: targets.map(({ name }) => name) });
  if (targets.length === 0)
    throw new Error(`no target is called ${only ?? ''}: ${all.map(({ name }) => name).join(', ')}`);

  const random = seeded(seed);
  const fuzzer = new Fuzzer(targets, random, {
    before(target, input) {
      Atomics.add(head, 0, 1);
      head[1] = target;
      head[2] = input.length;
      current.set(input.subarray(0, current.length));
    },
    found(finding) {
      post({ kind: 'finding', finding });
    },
  });
  await fuzzer.start();
  const end = performance.now() + milliseconds;
  let first = 0;
  const report = (kind: 'progress' | 'end'): void => {
    const now = usedHeap();
    first ||= now;
    const { executions } = fuzzer;
    post({ kind, executions, covered: fuzzer.covered(), corpus: fuzzer.inCorpus(), heap: [first, now] });
  };
  let next = performance.now() + PROGRESS_MS;
  for (let turn = 0; performance.now() < end; turn += 1) {
    // Slow targets get as much time as fast ones, not as many inputs.
    const until = Math.min(end, performance.now() + 250);
    while (performance.now() < until) await fuzzer.batch(turn % targets.length, until);
    if (performance.now() < next) continue;
    report('progress');
    next = performance.now() + PROGRESS_MS;
  }
  report('end');
}

if (parentPort !== null) {
  const port = parentPort;
  await work(workerData as Work, (message) => {
    port.postMessage(message);
  });
}
