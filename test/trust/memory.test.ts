import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Unreadable } from '../../src/gather/ports.ts';
import { withLock } from '../../src/git/lock.ts';
import {
  DamagedMemory,
  forgetMemory,
  openMemory,
  type MemoryKey,
  type Recalled,
  type Remembered,
} from '../../src/trust/memory.ts';
import { DIGEST, keepIn, oid } from './texts.ts';

let home: string;
let directory: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cs-'));
  directory = join(home, 'state', 'countersign');
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const KEY: MemoryKey = { branch: 'master', introduction: oid('a'), policy: null };
const remembered: Remembered = {
  verifier: '0.1.0',
  state: {
    branch: 'master',
    introduction: oid('a'),
    commit: oid('b'),
    policy: DIGEST,
    freshness: null,
    steps: 3,
    commits: 7,
    ratified: [oid('c')],
  },
  project: null,
  ledger: oid('d'),
};

describe('what was proven is remembered', () => {
  test('by branch, introduction and given policy', async () => {
    expect(await openMemory(directory, KEY).read()).toEqual({ state: 'none' });
    await keepIn(openMemory(directory, KEY), remembered);
    const read = await openMemory(directory, KEY).read();
    expect(read).toMatchObject({ state: 'known', remembered });
    for (const other of [
      { ...KEY, branch: 'stable' },
      { ...KEY, introduction: oid('b') },
      { ...KEY, policy: DIGEST },
    ]) {
      expect(await openMemory(directory, other).read(), JSON.stringify(other)).toEqual({ state: 'none' });
    }
  });

  test('is chosen again where somebody else wrote meanwhile, whose lock or ours was lost', async () => {
    const memory = openMemory(directory, KEY);
    const other = { ...remembered, state: { ...remembered.state, commit: oid('e'), steps: 9 } };
    const seen: Recalled['state'][] = [];
    const unlocked = <T>(_path: string, act: () => Promise<T>): Promise<T> => act();
    await memory.update(unlocked, async (last) => {
      seen.push(last.state);
      if (last.state === 'none') await memory.update(unlocked, () => Promise.resolve(other));
      return last.state === 'none' ? remembered : null;
    });
    expect(seen).toEqual(['none', 'known']);
    expect(await memory.read()).toMatchObject({ remembered: other });
  });

  test('a folder that others may write is closed before anybody waits in it', async () => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    const folder = join(directory, 'history');
    await chmod(folder, 0o777);
    let mode = 0;
    await memory.update(
      async (_path, act) => {
        mode = (await stat(folder)).mode & 0o777;
        return act();
      },
      (last) => Promise.resolve(last.state === 'ignored' ? remembered : null),
    );
    expect(mode).toBe(0o700);
    expect((await memory.read()).state).toBe('known');
  });

  test('for the user alone, and nothing else is left lying around', async () => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    await keepIn(memory, { ...remembered, ledger: null });
    expect(await readdir(join(directory, 'history'))).toHaveLength(1);
    expect((await stat(memory.path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'history'))).mode & 0o777).toBe(0o700);
    expect(await memory.read()).toMatchObject({ remembered: { ledger: null } });
  });

  test('of writers at one time one wins, whole', async () => {
    const memory = openMemory(directory, KEY);
    const states = Array.from({ length: 6 }, (_, steps) => ({
      ...remembered,
      state: { ...remembered.state, steps },
    }));
    await Promise.all(states.map((state) => keepIn(memory, state)));
    const read = await memory.read();
    expect(states.map(({ state }) => state.steps)).toContain(
      read.state === 'known' ? read.remembered.state.steps : null,
    );
    expect(await readdir(join(directory, 'history'))).toHaveLength(1);
  });

  test('after reading again what is there, and only if something is chosen', async () => {
    const memory = openMemory(directory, KEY);
    const seen: string[] = [];
    const lower = (last: Recalled): Promise<Remembered | null> => {
      seen.push(last.state);
      return Promise.resolve(last.state === 'known' ? null : remembered);
    };
    await memory.update(withLock, lower);
    const before = await stat(memory.path);
    await memory.update(withLock, lower);
    expect(seen).toEqual(['none', 'known']);
    expect((await stat(memory.path)).ino).toBe(before.ino);
    await writeFile(memory.path, 'nonsense');
    await expect(memory.update(withLock, lower)).rejects.toBeInstanceOf(DamagedMemory);
    expect(await readFile(memory.path, 'utf8')).toBe('nonsense');
    expect(await readdir(join(directory, 'history'))).toHaveLength(1);
  });

  test('never a state of another branch', async () => {
    const state = { ...remembered.state, branch: 'stable' };
    await expect(keepIn(openMemory(directory, KEY), { ...remembered, state })).rejects.toThrow();
  });
});

describe('a memory that somebody else may have written is ignored, and said to be', () => {
  test.each([0o640, 0o604, 0o666, 0o622, 0o700])('mode %o', async (mode) => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    await chmod(memory.path, mode);
    expect(await memory.read()).toMatchObject({ state: 'ignored' });
    await keepIn(memory, remembered);
    expect(await memory.read()).toMatchObject({ state: 'known' });
  });

  test('a link', async () => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    await rename(memory.path, `${memory.path}.other`);
    await symlink(`${memory.path}.other`, memory.path);
    expect(await memory.read()).toMatchObject({ state: 'ignored' });
  });

  test('a pipe, which nobody ever fills', async () => {
    const memory = openMemory(directory, KEY);
    await mkdir(join(directory, 'history'), { recursive: true });
    execFileSync('mkfifo', [memory.path]);
    expect(await memory.read()).toMatchObject({ state: 'ignored' });
  });

  test('in a folder that others may change, until it is written again', async () => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    await chmod(join(directory, 'history'), 0o777);
    expect(await memory.read()).toMatchObject({ state: 'ignored' });
    await keepIn(memory, remembered);
    expect(await memory.read()).toMatchObject({ state: 'known' });
  });

  test.runIf(process.getuid?.() === 0)('of another user', async () => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    execFileSync('chown', ['12345', memory.path]);
    expect(await memory.read()).toMatchObject({ state: 'ignored' });
    execFileSync('chown', ['12345', join(directory, 'history')]);
    await expect(keepIn(memory, remembered)).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});

describe('a memory that makes no sense is never taken for none', () => {
  test.each([
    ['no JSON', () => 'nonsense'],
    ['nothing', () => ''],
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['another version', (text: string) => text.replace('"version":1', '"version":2')],
    ['an unknown field', (text: string) => text.replace('"version":1', '"version":1,"more":1')],
    ['a short commit', (text: string) => text.replace(oid('b'), 'b')],
    ['another branch inside', (text: string) => text.replaceAll('"master"', '"stable"')],
    [
      'another branch in its state',
      (text: string) => text.replace(/"master"(?=,"introduction":"a0*","commit)/, '"stable"'),
    ],
    ['another introduction', (text: string) => text.replaceAll(oid('a'), oid('e'))],
    ['fewer than no steps', (text: string) => text.replace('"steps":3', '"steps":-3')],
    ['a byte too many', (text: string) => `${text}x`],
    ['too much', (text: string) => text + ' '.repeat(9_000_000)],
  ])('%s', async (_what, change) => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    const text = await readFile(memory.path, 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(memory.path, change(text));
    const read = memory.read();
    await expect(read).rejects.toBeInstanceOf(Unreadable);
    await expect(read).rejects.toThrow(/remove that file/);
  });
});

describe('forgetting', () => {
  test('takes every memory from one introduction on, by whichever policy, and no other', async () => {
    const other = { ...KEY, branch: 'stable' };
    await keepIn(openMemory(directory, KEY), remembered);
    await keepIn(openMemory(directory, { ...KEY, policy: DIGEST }), remembered);
    await keepIn(openMemory(directory, other), {
      ...remembered,
      state: { ...remembered.state, branch: 'stable' },
    });
    expect(await forgetMemory(directory, KEY)).toBe(2);
    expect(await openMemory(directory, KEY).read()).toEqual({ state: 'none' });
    expect(await openMemory(directory, other).read()).toMatchObject({ state: 'known' });
    expect(await forgetMemory(directory, KEY)).toBe(0);
  });

  test('also what cannot be read any more', async () => {
    const memory = openMemory(directory, KEY);
    await keepIn(memory, remembered);
    await writeFile(memory.path, 'nonsense');
    expect(await forgetMemory(directory, KEY)).toBe(1);
    expect(await memory.read()).toEqual({ state: 'none' });
  });
});
