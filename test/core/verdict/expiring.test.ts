import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFork, type Fork, type Report } from '../../fork/fork.ts';

let fork: Fork;
let base: string;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  fork.people.set('erin', await fork.keys.makeGpgKey('erin', { expires: 'seconds=2635200' }));
  fork.people.set('frank', await fork.keys.makeGpgKey('frank', { expires: 'seconds=648000' }));
  base = await fork.setPolicy();
});
afterAll(() => fork.close());

const warnings = ({ findings }: Report) => findings.filter(({ code }) => code === 'key-expires-soon');

describe('a key that ends soon', () => {
  test('is named where somebody signs a commit or a review with it, once, and stops nothing', async () => {
    const first = await fork.commit({ as: 'erin', on: base });
    const head = await fork.commit({ as: 'erin', on: first, files: { more: 'text' } });
    const report = await fork.verify(base, head, [await fork.review({ as: 'frank', base, head })]);
    expect(warnings(report)).toMatchObject([
      { outcome: 'pass', data: { owner: 'erin', days: 30, urgent: false } },
      { outcome: 'pass', data: { owner: 'frank', days: 7, urgent: true } },
    ]);
    expect([report.outcome, report.people.approvers]).toEqual(['pass', ['frank']]);
    const range = ['--repository', fork.dir, '--base', base, '--head', head, '--branch', 'master'];
    const { out } = await fork.cli('verify', ...range);
    expect(out).toContain("erin's key");
    expect(out).toContain('expires in 30 days');
  });

  test('is not named where nobody signs with it, nor where keys do not end', async () => {
    const head = await fork.commit({ as: 'bob', on: base });
    expect(warnings(await fork.verify(base, head, [await fork.review({ as: 'alice', base, head })]))).toEqual(
      [],
    );
  });

  test('is not named for what has landed: there, dates say nothing', async () => {
    const head = await fork.commit({ as: 'erin', on: base });
    const verdict = await fork.judgeStep(base, head);
    const codes = verdict.rulings.flatMap(({ findings }) => findings.map(({ code }) => code));
    expect(codes).not.toContain('key-expires-soon');
  });
});
