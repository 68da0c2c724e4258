import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFork, type Fork } from '../fork/fork.ts';
import { policyText } from '../fork/policy.ts';

let fork: Fork;
let base: string;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh' });
  base = await fork.setPolicy();
});
beforeEach(async () => {
  await fork.git('checkout', '--quiet', '--force', '-B', 'master', base);
});
afterAll(async () => {
  await fork.close();
});

interface Said {
  readonly code: string;
  readonly severity: string;
  readonly remedy: string | null;
}

async function lint(text: string, ...args: string[]): Promise<{ code: number; said: readonly Said[] }> {
  await mkdir(join(fork.dir, '.countersign'), { recursive: true });
  await writeFile(join(fork.dir, '.countersign/policy.yaml'), text);
  const { code, out } = await fork.cli('policy', 'lint', '--json', ...args);
  const { diagnostics } = JSON.parse(out) as { diagnostics: Said[] };
  return { code, said: diagnostics };
}

describe('policy lint', () => {
  test.each([
    ['aprovals: 1', 'approvals: 1', 'policy-unknown-key', 'did you mean `approvals`?'],
    ['maintaniers', 'from: maintainers', 'policy-unknown-group', 'did you mean `maintainers`?'],
    [
      'admins: [alicia, bob, carol]',
      'admins: [alice, bob, carol]',
      'policy-unknown-person',
      'did you mean `alice`?',
    ],
  ])('says what `%s` may have been meant to be', async (wrong, right, code, meant) => {
    const text = policyText(fork.people);
    const replaced = right.startsWith('from')
      ? text.replace(/(from: )maintainers/, `$1${wrong}`)
      : text.replace(right, wrong);
    expect(replaced).not.toBe(text);
    const { code: exit, said } = await lint(replaced);
    expect(exit).toBe(1);
    expect(said.find((one) => one.code === code)?.remedy).toContain(meant);
  });

  test('warns of a rule for no branch that is here, and of a button that nobody would recognise', async () => {
    const gone = await lint(policyText(fork.people, { match: '[main]', merges: '{ github-button: clean }' }));
    expect(gone.code).toBe(0);
    expect(gone.said.map(({ code, severity }) => [code, severity])).toEqual(
      expect.arrayContaining([
        ['policy-branch-unmatched', 'warning'],
        ['web-flow-certificate-missing', 'warning'],
      ]),
    );
    const elsewhere = {
      match: '[main, "mas*"]',
      merges: '{ github-button: clean }',
      project: 'git.example.org/a',
    };
    const there = (await lint(policyText(fork.people, elsewhere))).said.map(({ code }) => code);
    expect(there).not.toContain('policy-branch-unmatched');
    expect(there).not.toContain('web-flow-certificate-missing');
  });

  test('reads a policy at a commit, and names what is neither file nor commit', async () => {
    const found = await fork.cli('policy', 'lint', base);
    expect([found.code, found.out]).toEqual([
      0,
      expect.stringContaining(`${base}:.countersign/policy.yaml: 0 errors`),
    ]);
    const none = await fork.cli('policy', 'lint', 'nowhere');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('`nowhere` names no commit')]);
    const file = await fork.cli('policy', 'lint', 'nowhere.yaml');
    expect(file.err).toBe(
      'countersign policy lint: `nowhere.yaml` cannot be read: there is no such file [file-unreadable]\n',
    );
  });
});

test('policy explain says once that a policy is broken, and answers first what was asked', async () => {
  await lint(policyText(fork.people).replace('version: 1', 'version: 7'));
  const broken = await fork.cli('policy', 'explain');
  expect([broken.code, broken.err.match(/error/g)?.length]).toEqual([1, 2]);
  expect(broken.err).not.toContain('countersign policy explain:');
  await lint(policyText(fork.people));
  const { out } = await fork.cli('policy', 'explain', '--paths', 'pkgs/a.nix');
  expect(out.indexOf('these paths')).toBeLessThan(out.indexOf('changes of'));
});
