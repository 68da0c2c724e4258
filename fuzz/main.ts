import { createHash, randomInt } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Finding } from './loop.ts';
import { openTargets } from './targets.ts';
import { HEAD_BYTES, SHARED_BYTES, type Message, type Progress, type Work } from './worker.ts';

const USAGE = `usage: npm run fuzz -- --minutes N [--seed N] [--target NAME]
       npm run fuzz -- --target NAME --input FILE      runs one input again

Changes real signatures, keys, objects and texts by chance and looks at what the parsers and verifiers make of them.
Findings are printed, their inputs written to reports/fuzz/; the exit code is 1 if there are any.
`;

const FOLDER = 'reports/fuzz';
/** Without a new input for so long, the present one hangs. */
const HANG_MS = 20_000;
const MOST_HEAP_MB = 1024;
/** What the heap may grow by after its first measurement; the inputs that are kept are part of it. */
const MOST_GROWTH = 96 << 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    target: { type: 'string' },
    input: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const minutes = Number(values.minutes ?? '1');
const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed);
if (values.help === true) process.stdout.write(USAGE);
else if (values.input !== undefined) await again(values.target ?? '', values.input);
else if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write(USAGE);
  process.exitCode = 64;
} else process.exitCode = await watch({ seed, milliseconds: minutes * 60_000, only: values.target ?? null });

async function again(name: string, file: string): Promise<void> {
  const target = (await openTargets()).find((one) => one.name === name);
  if (target === undefined) throw new Error(`no target is called ${name}`);
  await target.run(await readFile(file));
  process.stdout.write('nothing is wrong with this input\n');
}

/** The work is done in a thread of its own, so that this one sees it hang or run out of memory. */
async function watch(work: Omit<Work, 'shared'>): Promise<number> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const head = new Int32Array(shared, 0, 3);
  const begun = performance.now();
  const findings: string[] = [];
  let names: readonly string[] = [];
  let last: Progress | null = null;
  process.stdout.write(`seed ${work.seed}\n`);

  const keep = async ({ target, what, input }: Finding): Promise<void> => {
    const name = createHash('sha256').update(input).digest('hex').slice(0, 16);
    const file = `${FOLDER}/${target}-${name}.bin`;
    findings.push(file);
    process.stdout.write(`FINDING ${target}: ${what}\n  ${input.length} bytes in ${file}\n`);
    await mkdir(FOLDER, { recursive: true });
    await writeFile(file, input);
  };
  const present = (what: string): Finding => ({
    target: names[head[1] ?? 0] ?? 'start',
    what,
    input: new Uint8Array(shared.slice(HEAD_BYTES, HEAD_BYTES + (head[2] ?? 0))),
  });
  const show = (progress: Progress): void => {
    last = progress;
    process.stdout.write(`${sentence(progress, performance.now() - begun)}\n`);
  };

  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { ...work, shared } satisfies Work,
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  });
  const writing: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    let counted = 0;
    let since = performance.now();
    const timer = setInterval(() => {
      const now = Atomics.load(head, 0);
      if (now !== counted) [counted, since] = [now, performance.now()];
      else if (now > 0 && performance.now() - since > HANG_MS) {
        writing.push(keep(present(`hangs: nothing for ${HANG_MS} ms`)));
        void worker.terminate();
      }
    }, 1000);
    worker.on('message', (message: Message) => {
      if (message.kind === 'targets') names = message.names;
      else if (message.kind === 'finding') writing.push(keep(message.finding));
      else show(message);
    });
    worker.on('error', (error) => writing.push(keep(present(`ends the thread: ${String(error)}`))));
    worker.on('exit', () => {
      clearInterval(timer);
      resolve();
    });
  });
  await Promise.all(writing);
  return conclude(last, findings);
}

function sentence({ executions, covered, corpus, heap }: Progress, milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const rate = Math.round(executions / seconds);
  const mib = heap.map((bytes) => (bytes / (1 << 20)).toFixed(1));
  return `${seconds.toFixed(0)} s: ${executions} executions, ${rate} a second; ${covered} blocks of code, ${corpus} inputs kept; heap ${mib[0] ?? ''} to ${mib[1] ?? ''} MiB`;
}

function conclude(last: Progress | null, findings: readonly string[]): number {
  const [first, now] = last?.heap ?? [0, 0];
  const grown = now - first > MOST_GROWTH;
  if (grown) process.stdout.write(`FINDING the heap has grown by ${now - first} bytes\n`);
  const count = findings.length + (grown ? 1 : 0);
  process.stdout.write(`${count === 0 ? 'no' : count} finding${count === 1 ? '' : 's'}\n`);
  return count === 0 && last !== null ? 0 : 1;
}
