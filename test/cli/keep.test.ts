import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keep } from '../../src/cli/keep.ts';
import { describe as inWords, type Finding } from '../../src/core/verdict/finding.ts';
import { withLock } from '../../src/git/lock.ts';
import { openMemory, type Exclusive, type Memory, type Remembered } from '../../src/trust/memory.ts';
import { DIGEST, keepIn, oid } from '../trust/texts.ts';

const KEY = { branch: 'master', introduction: oid('a'), policy: null };
const remembered: Remembered = {
  verifier: '0.1.0',
  state: {
    ...{ branch: 'master', introduction: oid('a'), commit: oid('b'), policy: DIGEST, freshness: null },
    ...{ steps: 3, commits: 7, ratified: [] },
  },
  project: null,
  ledger: null,
};

let home: string;
let memory: Memory;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cs-'));
  memory = openMemory(join(home, 'countersign'), KEY);
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

/** What is said where remembering ends so. */
async function said(remember: () => Promise<boolean>, environment = { HOME: home }): Promise<Finding> {
  const found = await keep({ accepted: oid('b'), remember }, { environment });
  if (found === null) throw new Error('it was kept');
  expect([found.code, found.outcome]).toEqual(['memory-not-kept', 'pass']);
  return found;
}

const writing =
  (exclusive: Exclusive = withLock, next: Remembered = remembered) =>
  async (): Promise<boolean> => {
    await memory.update(exclusive, () => Promise.resolve(next));
    return true;
  };

describe('each cause of what is not remembered has its own words and its own way out', () => {
  async function all(): Promise<readonly (readonly [string, Finding])[]> {
    const folder = dirname(memory.path);
    const found: (readonly [string, Finding])[] = [];

    found.push(['no-place', await said(writing(), { HOME: '' })]);
    found.push(['overtaken', await said(() => Promise.resolve(false))]);

    await mkdir(`${memory.path}.lock`, { recursive: true });
    const impatient: Exclusive = (path, act) =>
      withLock(path, act, { beatMs: 60_000, staleMs: 60_000, waitMs: 0 });
    found.push(['locked', await said(writing(impatient))]);
    await rm(`${memory.path}.lock`, { recursive: true });

    let turn = 0;
    const another = (): Promise<Remembered> => {
      turn += 1;
      return Promise.resolve({ ...remembered, state: { ...remembered.state, steps: 10 + turn } });
    };
    found.push([
      'contended',
      await said(async () => {
        await memory.update(withLock, async () => {
          await memory.update((_path, act) => act(), another);
          return remembered;
        });
        return true;
      }),
    ]);

    await writeFile(memory.path, 'nonsense');
    found.push(['damaged', await said(writing())]);
    await rm(memory.path);

    // No disk of this machine is full.
    const full: Exclusive = () =>
      Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC', syscall: 'write' }));
    found.push(['full', await said(writing(full))]);

    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
    // Nobody makes anything there, not even root.
    await symlink('/sys', folder);
    found.push(['unwritable', await said(writing())]);
    return found;
  }

  test('which does not send anybody to where nothing is wrong', async () => {
    const found = await all();
    const words = found.map(([why, one]) => {
      expect(one.data).toMatchObject({ why });
      const { cause, remedy } = inWords(one);
      expect(cause).toMatch(/^proven, but not remembered: /);
      expect(remedy.length).toBeGreaterThan(0);
      return { why, cause, remedy: remedy.join('\n') };
    });
    expect(new Set(words.map(({ cause }) => cause)).size).toBe(words.length);
    expect(new Set(words.map(({ remedy }) => remedy)).size).toBe(words.length);
    const older = words.filter(({ cause }) => cause.endsWith('an older state could be served next time'));
    expect(older.map(({ why }) => why)).toEqual(['no-place', 'locked', 'full', 'unwritable']);
    const saying = (pattern: RegExp): readonly string[] =>
      words.filter(({ remedy }) => pattern.test(remedy)).map(({ why }) => why);
    expect(saying(/make that folder writable/)).toEqual(['unwritable']);
    expect(saying(/XDG_STATE_HOME/)).toEqual(['no-place', 'unwritable']);
    expect(saying(/make room/)).toEqual(['full']);
    expect(saying(/remove that lock/)).toEqual(['locked']);
    expect(saying(/run this again/)).toEqual(['overtaken', 'locked', 'contended', 'damaged', 'full']);
    const locked = words.find(({ why }) => why === 'locked');
    expect(locked?.cause).toContain(`another process keeps \`${memory.path}.lock\``);
  });

  test.runIf(process.getuid?.() === 0)('such as a folder of another user', async () => {
    await keepIn(memory, remembered);
    execFileSync('chown', ['-R', '12345', dirname(memory.path)]);
    const found = await said(writing());
    expect(found.data).toEqual({ why: 'foreign', folder: dirname(memory.path) });
    expect(inWords(found).remedy.join('\n')).toContain('chown');
  });

  test('what is wrong with the repository is none of them', async () => {
    const broken = keep(
      { accepted: oid('b'), remember: () => Promise.reject(new Error('no such object')) },
      { environment: { HOME: home } },
    );
    await expect(broken).rejects.toThrow('no such object');
  });

  test('what was not accepted is not remembered, and nothing is said', async () => {
    const found = await keep({ accepted: null, remember: writing() }, { environment: { HOME: home } });
    expect(found).toBeNull();
    expect(await memory.read()).toEqual({ state: 'none' });
  });
});
