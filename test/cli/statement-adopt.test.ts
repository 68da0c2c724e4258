import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAIN } from '../../src/core/report/paint.ts';
import { keepSigned } from '../../src/cli/review/kept.ts';
import { printReview } from '../../src/cli/statement-review.ts';
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

test('its serial goes on from what this machine knows of this person', async () => {
  const base = await fork.setPolicy({ unsigned: 'adopt' });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
  const home = await mkdtemp(join(tmpdir(), 'cs-'));
  const environment = { HOME: home };
  const serialOf = async (as: string, serial?: string): Promise<string | undefined> => {
    let out = '';
    const io = {
      out: (text: string) => (out += text),
      err: () => undefined,
      path: () => fork.dir,
      paint: PLAIN,
      environment,
    };
    const range = { repository: fork.dir, base, head, branch: 'master', decision: 'approve' };
    await printReview({ ...range, as, ...(serial === undefined ? {} : { serial }) }, io);
    return /^serial: (.*)$/m.exec(out)?.[1];
  };
  try {
    expect(await serialOf('bob')).toBe('1');
    const signed = await fork.review({ as: 'bob', base, head, serial: 10 });
    await keepSigned(environment, 'github.com/acme/nixpkgs', signed);
    expect([await serialOf('bob'), await serialOf('carol'), await serialOf('bob', '3')]).toEqual([
      '11',
      '1',
      '3',
    ]);
    // Nobody else's key speaks for them.
    const forged = await fork.review({ as: 'carol', base, head, serial: 99, key: 'bob' });
    await keepSigned(environment, 'github.com/acme/nixpkgs', forged);
    expect(await serialOf('carol')).toBe('1');
  } finally {
    await rm(home, { recursive: true });
  }
});
