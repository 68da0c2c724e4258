import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Branch } from '../../bench/branches.ts';
import { gitLog } from '../../bench/git-log.ts';
import { openGnupgHome } from '../../bench/gnupg.ts';
import type { GnupgHome } from '../../bench/gnupg.ts';
import { checkCommits, checkRaw, readVerificationKeys } from '../../bench/in-process.ts';
import { buildRepository } from '../../bench/repository.ts';
import type { BenchRepository } from '../../bench/repository.ts';

const MIXED: Branch = {
  name: 'mixed',
  count: 12,
  // Without RSA-4096, whose primes take seconds to find.
  signers: { dave: 20, erin: 20, carol: 20, 'carol-ssh': 20, 'dave-ssh': 20 },
  kept: true,
};
const ECDSA: Branch = {
  name: 'ecdsa',
  count: 6,
  signers: { frank: 40, mallory: 30, 'frank-ssh': 30 },
  kept: true,
};

const roots: string[] = [];
let repository: BenchRepository;
let home: GnupgHome;

async function build(branches: readonly Branch[]): Promise<BenchRepository> {
  const root = mkdtempSync(join(tmpdir(), 'csb-test-'));
  roots.push(root);
  return buildRepository(root, branches);
}

beforeAll(async () => {
  repository = await build([MIXED, ECDSA]);
  home = await openGnupgHome(repository.keys);
});

afterAll(async () => {
  await home.close();
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

test.each([MIXED, ECDSA])('git, gpg, ssh-keygen and we find all of `$name` good', async ({ name, count }) => {
  const branch = repository.branches.find((built) => built.name === name);
  const commits = branch?.commits ?? [];
  expect((await gitLog(repository, name, home.dir)).good).toBe(count);
  expect((await checkCommits(commits, await readVerificationKeys(repository.keys), 1)).good).toBe(count);
  expect((await checkRaw(commits, 1)).good).toBe(count);
});

test('ids are the same each time, on each machine', async () => {
  const again = await build([MIXED]);
  expect(again.branches[0]?.head).toBe(repository.branches[0]?.head);
  expect(again.branches[0]?.head).toBe('7adeb4abe31a9fdad9e0865f97a19633aa05e4da');
});
