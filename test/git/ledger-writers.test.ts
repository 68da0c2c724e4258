import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Statement } from '../../src/core/statement/statement.ts';
import { openFork } from '../fork/fork.ts';
import { gitIn, oid } from './scratch.ts';

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const WRITERS = 10;

/** Each is a process of its own, two of them in one clone at a time: two terminals of one person. */
test('ten writers at one time to one bare repository lose nothing', { timeout: 240_000 }, async () => {
  const root = await mkdtemp(join(tmpdir(), 'cw-'));
  const fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh' });
  try {
    const base = await fork.setPolicy();
    await fork.git('branch', '--force', 'master', base);
    const remote = join(root, 'remote.git');
    gitIn(root, ['clone', '-q', '--bare', fork.dir, remote]);
    // A slow server, so that pushes overlap.
    await writeFile(join(remote, 'hooks/pre-receive'), '#!/bin/sh\nsleep 0.1\n', { mode: 0o755 });

    const write = async (index: number): Promise<{ readonly path: string; readonly attempts: number }> => {
      const clone = join(root, `clone-${Math.floor(index / 2)}`);
      const file = join(root, `review-${index}.txt`);
      // What is reviewed is not here: an archive judges nothing.
      const statement: Statement = {
        type: 'review',
        project: 'github.com/acme/nixpkgs',
        branch: 'master',
        base: oid(base),
        head: oid(String(index).repeat(40)),
        change: '0'.repeat(64),
        decision: 'approve',
        reviewer: 'bob',
        serial: 1,
        notes: [],
      };
      await writeFile(file, await fork.say(statement, 'bob'));
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: join(root, `home-${Math.floor(index / 2)}`),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'alice',
        GIT_AUTHOR_EMAIL: 'alice@example.org',
        GIT_COMMITTER_NAME: 'alice',
        GIT_COMMITTER_EMAIL: 'alice@example.org',
      };
      const args = ['--disable-warning=ExperimentalWarning', MAIN, 'archive', '--json', '--statements', file];
      const { stdout } = await run(process.execPath, args, { cwd: clone, env });
      const said = JSON.parse(stdout) as { outcome: string; added: string[]; attempts: number };
      expect(said.outcome).toBe('appended');
      return { path: said.added[0] ?? '', attempts: said.attempts };
    };
    for (let clone = 0; clone < WRITERS / 2; clone += 1) {
      gitIn(root, ['clone', '-q', '--no-local', remote, join(root, `clone-${clone}`)]);
      await mkdir(join(root, `home-${clone}`));
    }
    const written = await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)));

    const ledger = (args: readonly string[]): string[] =>
      gitIn(remote, [...args, 'countersign/ledger'])
        .toString()
        .trimEnd()
        .split('\n');
    expect(ledger(['ls-tree', '-r', '--name-only'])).toEqual(written.map(({ path }) => path).sort());
    expect(new Set(written.map(({ path }) => path)).size).toBe(WRITERS);
    // One line of commits, each adding its file: no state that anybody saw is missing from a later one.
    const line = ledger(['log', '--format=parents: %p']);
    expect(line).toHaveLength(WRITERS);
    expect(line.filter((parents) => parents.split(' ').length > 2)).toEqual([]);
    expect(ledger(['log', '--format=', '--name-status', '--root']).every((one) => one.startsWith('A'))).toBe(
      true,
    );
    // Otherwise they came one after the other, and nothing was shown.
    expect(written.reduce((sum, { attempts }) => sum + attempts, 0)).toBeGreaterThan(WRITERS);
  } finally {
    await fork.close();
    await rm(root, { recursive: true, force: true });
  }
});
