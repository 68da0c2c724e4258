import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test('row 16: deleting the policy is a governance change', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({ files: { '.countersign': null }, as: 'alice', on: base });
  const report = await fork.verify(base, head, [await fork.review({ as: 'bob', base, head })]);
  expect(report.outcome).toBe('pending');
  expect(report.codes).toEqual(expect.arrayContaining(['governance-missing', 'proposed-policy-missing']));
});

test('row 16: where the base has no policy, nothing is green', async () => {
  const { fork } = shared;
  const policy = await fork.setPolicy();
  const base = await fork.commit({ files: { '.countersign': null }, as: 'alice', on: policy });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  const report = await fork.verify(base, head);
  expect([report.code, report.outcome, report.codes]).toEqual([2, 'undetermined', ['policy-missing']]);
});

test.each([
  [
    'is a link',
    { '.countersign/policy.yaml': { link: '../policy.yaml' }, 'policy.yaml': 'version: 1\n' },
    'policy-refused',
  ],
  ['is executable', { '.countersign/policy.yaml': { executable: 'version: 1\n' } }, 'policy-refused'],
  ['is broken', { '.countersign/policy.yaml': 'version: 1\npeople: [\n' }, 'policy-invalid'],
  ['has a twin', { '.countersign/Policy.yaml': 'version: 1\n' }, 'policy-refused'],
  ['is a folder', { '.countersign/policy.yaml': null, '.countersign/policy.yaml/x': 'x' }, 'policy-refused'],
])('row 16: a policy that %s judges nothing', async (_how, files, code) => {
  const { fork } = shared;
  const policy = await fork.setPolicy();
  const base = await fork.commit({ files, as: 'alice', on: policy });
  const head = await fork.commit({ files: { 'pkgs/a.nix': `${code}\n` }, as: 'alice' });
  const report = await fork.verify(base, head);
  expect([report.code, report.outcome]).toEqual([2, 'undetermined']);
  expect(report.codes).toContain(code);
});

test('row 16: a change that would leave an unreadable policy behind fails, with the line', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const head = await fork.commit({
    files: { '.countersign/policy.yaml': 'version: 1\nnonsense: 2\n' },
    as: 'alice',
    on: base,
  });
  const statements = [
    await fork.review({ as: 'bob', base, head }),
    await fork.review({ as: 'carol', base, head }),
  ];
  const report = await fork.verify(base, head, statements);
  expect(report.outcome).toBe('fail');
  const found = report.findings.find(({ code }) => code === 'proposed-policy-invalid');
  expect(found?.data['diagnostics']).toContainEqual(
    expect.objectContaining({ line: 2, code: 'policy-unknown-key' }),
  );
});
