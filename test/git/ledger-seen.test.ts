import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Unreadable } from '../../src/gather/ports.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { readSeen, updateSeen, type LedgerMemory } from '../../src/git/ledger-seen.ts';
import { oid } from './scratch.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => oid(digit.repeat(40))) as [Oid, Oid, Oid];

let memory: LedgerMemory;
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'cl-'));
  memory = { directory, url: 'https://example.org/acme/x', project: 'example.org/acme/x' };
});
afterEach(() => {
  rmSync(memory.directory, { recursive: true, force: true });
});

const update = (choose: (last: Oid | null) => Promise<Oid | null>): Promise<void> =>
  updateSeen(memory, 'sha1', choose);
const put = (tip: Oid): Promise<void> => update(() => Promise.resolve(tip));
const files = (): readonly string[] => readdirSync(join(memory.directory, 'ledgers'));

test('two that choose at one time do so one after the other, each by what the last one wrote', async () => {
  await put(A);
  const seen: (Oid | null)[] = [];
  let inside = 0;
  const choose =
    (tip: Oid) =>
    async (last: Oid | null): Promise<Oid> => {
      inside += 1;
      expect(inside).toBe(1);
      seen.push(last);
      await sleep(50);
      inside -= 1;
      return tip;
    };
  await Promise.all([update(choose(B)), update(choose(C))]);
  const last = await readSeen(memory, 'sha1');
  expect(seen).toEqual([A, last === C ? B : C]);
  expect(files()).toHaveLength(1);
});

test('what somebody wrote whose lock or ours was lost is chosen from again, and not written over', async () => {
  await put(A);
  const seen: (Oid | null)[] = [];
  await update((last) => {
    seen.push(last);
    if (last === A) writeFileSync(join(memory.directory, 'ledgers', nameOf()), JSON.stringify({ tip: C }));
    return Promise.resolve(last === A ? B : null);
  });
  expect(seen).toEqual([A, C]);
  expect(await readSeen(memory, 'sha1')).toBe(C);
});

test('where nothing can be kept, that is said, and nothing stays behind', async () => {
  const nowhere = join(memory.directory, 'nowhere');
  // Nobody makes anything there, not even root.
  symlinkSync('/sys', nowhere);
  const lost = updateSeen({ ...memory, directory: nowhere }, 'sha1', () => Promise.resolve(A));
  await expect(lost).rejects.toBeInstanceOf(Unreadable);
  await expect(lost).rejects.toThrow(/cannot be remembered in .*nowhere\/ledgers\/.*older one is served/);
  await put(A);
  const failing = update(() => Promise.reject(new Unreadable('object-missing', 'not here')));
  await expect(failing).rejects.toMatchObject({ code: 'object-missing' });
  expect(files()).toHaveLength(1);
});

function nameOf(): string {
  return files().find((name) => name.endsWith('.json')) ?? '';
}
