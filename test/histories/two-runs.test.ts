import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openMemory } from '../../src/trust/memory.ts';
import { verifyFrom } from './ask.ts';
import type { Built } from './build.ts';
import { honest } from './honest.ts';
import { useUser } from './user.ts';

const user = useUser();
const SCRIPT = resolve(import.meta.dirname, 'remembering.ts');

interface Run {
  /** Resolves once it has said this; rejects where it ends without. */
  readonly said: (word: string) => Promise<void>;
  readonly tell: () => void;
}

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

function start(built: Built, step: number): Run {
  const args = ['--disable-warning=ExperimentalWarning', SCRIPT, built.dir, user.home, built.at(0)];
  const child = spawn(process.execPath, [...args, built.at(step)], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const words: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout })
    .on('line', (line) => {
      words.push(line);
      for (const wake of waiting) wake();
    })
    .on('close', () => {
      words.push('ended');
      for (const wake of waiting) wake();
    });
  const { stdin } = child;
  return {
    tell: () => void stdin.write('\n'),
    async said(word) {
      while (!words.includes(word)) {
        if (words.includes('ended')) throw new Error(`ended without \`${word}\`: ${words.join(', ')}`);
        await new Promise<void>((wake) => waiting.add(wake));
      }
    },
  };
}

async function remembered(built: Built): Promise<unknown> {
  const state = join(user.home, '.local/state/countersign');
  const memory = openMemory(state, { branch: 'master', introduction: built.at(0), policy: null });
  const found = await memory.read();
  expect(readdirSync(join(state, 'history'))).toHaveLength(1);
  return found.state === 'known' ? built.line.indexOf(found.remembered.state.commit) : found.state;
}

test.each([
  ['the older state is about to be written', 2, 3],
  ['the newer state is about to be written', 3, 2],
])(
  'two processes remember at one time, while %s: the newer one stays (rows 19 and 62)',
  async (_, one, other) => {
    const built = user.build(honest('linear'));
    expect((await verifyFrom(user.home, built, built.at(1))).code).toBe(0);
    const [first, second] = [start(built, one), start(built, other)];
    // Both have begun where step 1 was the newest that was seen.
    await Promise.all([first.said('proven'), second.said('proven')]);
    first.tell();
    await first.said('reading');
    second.tell();
    second.tell();
    // It ends only if it does not wait for the first, which then writes what it has chosen before.
    await Promise.race([second.said('remembered'), sleep(1_500)]);
    first.tell();
    await Promise.all([first.said('remembered'), second.said('remembered')]);
    expect(await remembered(built)).toBe(3);
  },
);

test('processes that begin together leave the newest', async () => {
  const built = user.build(honest('linear'));
  const runs = [1, 2, 3, 2, 1].map((step) => start(built, step));
  await Promise.all(runs.map((run) => run.said('proven')));
  for (const run of runs) {
    run.tell();
    run.tell();
  }
  await Promise.all(runs.map((run) => run.said('remembered')));
  expect(await remembered(built)).toBe(3);
});
