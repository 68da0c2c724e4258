import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();

test('row 12: one human with two keys is one person', async () => {
  const { fork } = shared;
  const second = await fork.keys.makeGpgKey('alice-again');
  const twoKeys = (text: string): string =>
    text.replace(/( {2}alice:\n {4}keys:\n)/, `$1      - openpgp: ${second.fingerprint}\n`);
  const plain = await fork.setPolicy();
  const policy = await fork.git('show', `${plain}:.countersign/policy.yaml`);
  const base = await fork.commit({
    files: {
      '.countersign/policy.yaml': twoKeys(policy),
      [`.countersign/keys/${second.fingerprint}.asc`]: Buffer.from(second.certificate).toString('latin1'),
    },
    as: 'alice',
  });
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
  fork.people.set('alice-again', second);
  const ssh = await fork.review({ as: 'alice', base, head });
  const openpgp = await fork.review({ as: 'alice', base, head, key: 'alice-again' });
  fork.people.delete('alice-again');

  const report = await fork.verify(base, head, [ssh, openpgp]);
  expect(report.outcome).toBe('pending');
  expect(report.people).toMatchObject({ authors: ['alice'], behind: ['alice'], approvers: [] });
  expect(report.codes).toContain('people-missing');
});
