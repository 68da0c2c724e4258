import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFork, type Fork } from '../fork/fork.ts';

let fork: Fork;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh', dave: 'ssh' });
});
afterAll(async () => {
  await fork.close();
});

test('an adoption made by hand, and an approval by another, let the work of an outsider land', async () => {
  const base = await fork.setPolicy({ unsigned: 'adopt' });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' } });
  const args = ['--repository', fork.dir, '--base', base, '--head', head, '--branch', 'master'];
  const made = await fork.cli('statement', 'adopt', ...args, '--as', 'bob', '--note', 'read every line');
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(
    /^countersign: adopt\/v1\nproject: github\.com\/acme\/nixpkgs\nbranch: master\nbase: [0-9a-f]{40}\nhead: [0-9a-f]{40}\nchange: sha256:[0-9a-f]{64}\nadopter: bob\nserial: 1\nnote: read every line\n$/,
  );
  const key = fork.people.get('bob');
  if (key?.kind !== 'ssh') throw new Error('bob has another key');
  const signature = await fork.keys.sshSign(key, new TextEncoder().encode(made.out), 'countersign@v1');
  const adoption = `${made.out}${Buffer.from(signature).toString('latin1')}`;
  const approval = await fork.review({ as: 'alice', base, head });
  const report = await fork.verify(base, head, [adoption, approval]);
  expect(report.outcome).toBe('pass');
  expect(report.people).toMatchObject({ adopters: ['bob'], approvers: ['alice'] });
});

test('it refuses what a review refuses, in its own name', async () => {
  const base = await fork.setPolicy({ unsigned: 'adopt' });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' } });
  const args = ['--repository', fork.dir, '--base', base, '--head', head, '--branch', 'master'];
  const { code, out, err } = await fork.cli('statement', 'adopt', ...args, '--as', 'mallory');
  expect([code, out]).toEqual([64, '']);
  expect(err).toMatch(/^countersign statement adopt: nobody in the policy is called `mallory`/);
});
