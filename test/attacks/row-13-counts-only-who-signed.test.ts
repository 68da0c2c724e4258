import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();
const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;

test('row 13: whatever subset signs, exactly those are counted, and the quorum is theirs', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy({
    require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
  });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const signed = new Map<string, string>();
  for (const name of NAMES) signed.set(name, await fork.review({ as: name, base, head }));
  const forged = await fork.review({ as: 'dave', base, head, key: 'carol' });
  await fc.assert(
    fc.asyncProperty(fc.subarray([...NAMES]), fc.boolean(), async (reviewers, forge) => {
      const statements = reviewers.map((name) => signed.get(name) ?? '');
      const report = await fork.verify(base, head, forge ? [...statements, forged] : statements);
      const approvers = reviewers.filter((name) => name !== 'alice');
      expect(report.people.approvers).toEqual(approvers);
      expect(report.people.behind).toEqual(['alice', ...approvers]);
      expect(report.outcome).toBe(approvers.length >= 2 ? 'pass' : 'pending');
    }),
    { numRuns: 20 },
  );
});
