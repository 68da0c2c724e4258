import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packCommits } from './log-pack.ts';

const COMMITS = 4000;
/** All of them together are more than the bound, so that holding them would show. */
const MESSAGE = 'a line of a long message\n'.repeat(3600);
const BOUND_KIB = 300 * 1024;

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');
const measuring = `
  process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));
  const { run } = await import(${JSON.stringify(program)});
  await run();
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cm-'));
  packCommits(directory, COMMITS, MESSAGE);
}, 120_000);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('the memory that log takes does not grow with the history', () => {
  expect((COMMITS * MESSAGE.length) / 1024).toBeGreaterThan(BOUND_KIB);
  const script = `
    "$0" --no-warnings --input-type=module -e "$1" -- main log --json --repository "$2" 2>"$2/peak" | tail -n 1
    cat "$2/peak"
  `;
  const out = execFileSync('sh', ['-c', script, process.execPath, measuring, directory], {
    encoding: 'utf8',
  });
  const [last = '', peak = ''] = out.trim().split('\n');
  // The first commit comes last: everything was listed.
  expect(JSON.parse(last)).toMatchObject({ kind: 'ssh', status: 'good' });
  expect(Number(peak)).toBeGreaterThan(0);
  expect(Number(peak)).toBeLessThan(BOUND_KIB);
}, 120_000);
