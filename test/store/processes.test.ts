import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';

const run = promisify(execFile);

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sp-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('three processes on one file do everything once, whatever fails in between', async () => {
  const path = join(directory, 's.sqlite');
  const store = openStore(path);
  const numbers = Array.from({ length: 400 }, (_, index) => index);
  store.want(
    numbers.map((number) => ({ key: `work ${number}`, body: '{}', priority: 0 })),
    Date.now(),
  );
  const script = join(import.meta.dirname, 'drain.ts');
  const start = String(Date.now() + 1500);
  const drained = await Promise.all([1, 2, 3].map(() => run(process.execPath, [script, path, start])));
  const lines = drained.map(({ stdout }) => stdout.trim().split('\n').filter(Boolean));
  expect(lines.filter((own) => own.length > 0).length).toBeGreaterThan(1);
  const did = lines.flat().filter((line) => line.startsWith('did '));
  const expected = [
    ...numbers.map((number) => `did work ${number}`),
    ...numbers.filter((number) => number % 7 === 0).map((number) => `did again ${number}`),
  ];
  expect(did.toSorted()).toEqual(expected.toSorted());
  expect(lines.flat().filter((line) => line.startsWith('failed work '))).toHaveLength(40);
  expect(store.backlog(Date.now())).toEqual({ waiting: 0, leased: 0, nextDue: null });
  store.close();
});
