import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicyChange } from '../../src/core/policy/policy-change.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { policyFiles, policyText } from '../fork/policy.ts';

let fork: Fork;
let base: string;
beforeAll(async () => {
  fork = await openFork({ alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  base = await fork.setPolicy();
  await fork.git('branch', '--force', 'master', base);
});
afterAll(async () => {
  await fork.close();
});

const policyAt = (options: Parameters<typeof policyText>[1]): Promise<string> =>
  fork.commit({ files: policyFiles(fork.people, options), as: 'alice', on: base });

interface Compared {
  readonly identical: boolean;
  readonly changes: readonly PolicyChange[];
  readonly lockouts: readonly { readonly code: string; readonly message: string }[];
}

async function diff(before: string, after: string): Promise<Compared> {
  const { code, out, err } = await fork.cli('policy', 'diff', before, after, '--json');
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Compared;
}

describe('policy diff', () => {
  test('of two revisions says what becomes possible, the worst first', async () => {
    const weaker = await policyAt({
      mode: 'observe',
      governance: '{ people: 1, from: admins }',
      require: ['{ name: everything, people: 1, approvals: 1, from: maintainers }'],
    });
    const { changes, identical } = await diff(base, weaker);
    expect(identical).toBe(false);
    expect(changes.map(({ code, effect, danger }) => [code, effect, danger])).toEqual([
      ['mode-observe', 'gain', 'critical'],
      ['governance-lowered', 'gain', 'critical'],
      ['quorum-lowered', 'gain', 'high'],
    ]);
    const { out } = await fork.cli('policy', 'diff', base, weaker);
    expect(out.split('\n').slice(0, 2)).toEqual([
      'what becomes possible',
      '  critical: on `master` changes are only observed: nothing blocks a merge any more [mode-observe]',
    ]);
  });

  test('says that a comment changes nothing, and that the same is the same', async () => {
    const commented = await fork.commit({
      files: { '.countersign/policy.yaml': `# a comment\n${policyText(fork.people)}` },
      as: 'alice',
      on: base,
    });
    expect(await diff(base, commented)).toMatchObject({ identical: false, changes: [] });
    const { out } = await fork.cli('policy', 'diff', base, commented);
    expect(out).toContain('the text differs, and nothing changes of what it means\n');
    expect(await diff(base, base)).toMatchObject({ identical: true, changes: [] });
  });

  test('reads certificates: a key taken away and a subkey added are told by their owner', async () => {
    const bob = fork.people.get('bob');
    if (bob?.kind !== 'openpgp') throw new Error('bob has no certificate');
    const path = `.countersign/keys/${bob.fingerprint}.asc`;
    const without = await fork.commit({ files: { [path]: null }, as: 'alice', on: base });
    expect((await diff(base, without)).changes.map(({ code, people }) => [code, people])).toEqual([
      ['certificate-removed', ['bob']],
    ]);
    expect((await diff(without, base)).changes.map(({ code, effect }) => [code, effect])).toEqual([
      ['certificate-brought', 'gain'],
    ]);
    await fork.keys.gpg([
      '--batch',
      '--passphrase',
      '',
      '--quick-add-key',
      bob.fingerprint,
      'ed25519',
      'sign',
    ]);
    const more = await fork.keys.exportCertificate(bob.fingerprint);
    const added = await fork.commit({
      files: { [path]: Buffer.from(more).toString('latin1') },
      as: 'alice',
      on: base,
    });
    const { changes } = await diff(base, added);
    expect(changes.map(({ code, effect, people }) => [code, effect, people])).toEqual([
      ['signing-key-added', 'gain', ['bob']],
    ]);
  });

  test('a policy that is gone, broken or never was', async () => {
    const gone = await fork.commit({ files: { '.countersign/policy.yaml': null }, as: 'alice', on: base });
    expect((await diff(base, gone)).changes.map(({ code }) => code)).toEqual(['policy-removed']);
    const broken = await fork.commit({
      files: { '.countersign/policy.yaml': `${policyText(fork.people)}\nmore: 1\n` },
      as: 'alice',
      on: base,
    });
    for (const [before, after, code, words] of [
      [gone, base, 2, 'there is no policy'],
      [base, broken, 1, 'policy-unknown-key'],
      [base, 'nowhere', 2, 'names no commit'],
      [base, 'nowhere.yaml', 2, 'nowhere.yaml'],
    ] as const) {
      const answer = await fork.cli('policy', 'diff', before, after);
      expect([answer.code, answer.err]).toEqual([code, expect.stringContaining(words)]);
    }
  });
});

describe('policy explain', () => {
  test('answers who, with how many, by which requirement, for paths that governance holds too', async () => {
    await fork.git('checkout', '--quiet', '--force', 'master');
    const args = [
      'policy',
      'explain',
      '--json',
      '--paths',
      'lib/a.nix',
      '.countersign/policy.yaml',
      'x/.GITATTRIBUTES',
    ];
    const { code, out } = await fork.cli(...args);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      project: 'github.com/acme/nixpkgs',
      branches: [
        { match: ['master'], require: [{ name: 'everything', need: 2, mayLose: 2, indispensable: [] }] },
      ],
      governance: { people: 3, need: 3, mayLose: 1 },
      paths: [
        { path: 'lib/a.nix', governed: false, branches: [{ name: 'stable', requirements: ['everything'] }] },
        { path: '.countersign/policy.yaml', governed: true },
        { path: 'x/.GITATTRIBUTES', governed: true },
      ],
    });
  });

  test('from below the repository and from a revision it is the same policy', async () => {
    await fork.git('checkout', '--quiet', '--force', 'master');
    const folder = join(fork.dir, 'below');
    await mkdir(folder, { recursive: true });
    const below = await fork.cli('policy', 'explain', '--repository', folder);
    const revision = await fork.cli('policy', 'explain', '--policy', base);
    expect(below.out.split('\n').slice(1)).toEqual(revision.out.split('\n').slice(1));
  });

  test('in words: what is asked for, what may be lost, who could block', async () => {
    const tight = await policyAt({
      governance: '{ people: 4, from: admins }',
      require: [
        '{ name: everything, people: 2, approvals: 1, from: maintainers }',
        '{ name: lib, paths: ["lib/**"], approvals: 2, from: core }',
      ],
      merges: '{ github-button: clean }',
      unsigned: 'adopt',
      extra: '    freshness: { days: 7, people: 2 }',
    });
    const { out } = await fork.cli('policy', 'explain', '--policy', tight, '--paths', 'lib/x');
    expect(out).toContain(
      '  users update to a commit that 2 people of `admins` (alice, bob, carol, dave) called the newest within 7 days\n' +
        '    2 may be lost: 4 can sign now, and it takes 2\n',
    );
    expect(out).toContain(
      '  `lib`: a change of `lib/**` needs 2 approvals by people of `core` (alice, bob, carol, dave) who wrote none of it\n',
    );
    expect(out).toContain(
      '1 may be lost: 4 can sign now, and it takes 3 where one of them wrote the change\n',
    );
    expect(out).toContain('nobody may be lost: 4 can sign now, and it takes 4\n');
    expect(out).toContain('for governance: each of `alice`, `bob`, `carol` and `dave`\n');
    expect(out).toContain("GitHub's button may merge, if the merge adds nothing of its own\n");
    expect(out).toContain('waits for one of them to adopt it\n');
    expect(out).toContain('under `stable`: `everything` and `lib`\n');
    expect(out).toContain('[lockout-quorum-tight]');
  });

  test('refuses a branch that no rule is about, and a policy with errors', async () => {
    expect((await fork.cli('policy', 'explain', '--policy', base, '--branch', 'other')).code).toBe(64);
    const file = join(fork.keys.home, 'broken.yaml');
    await writeFile(file, policyText(fork.people).replace('people: 3', 'people: 30'));
    const { code, err } = await fork.cli('policy', 'explain', '--policy', file);
    expect([code, err]).toEqual([1, expect.stringContaining('policy-quorum-impossible')]);
  });
});

describe('a change that touches the policy', () => {
  test('is judged with what it means, and with whom it might lock out', async () => {
    const bob = fork.people.get('bob');
    if (bob?.kind !== 'openpgp') throw new Error('bob has no certificate');
    const head = await fork.commit({
      files: {
        ...policyFiles(fork.people, { mode: 'observe' }),
        [`.countersign/keys/${bob.fingerprint}.asc`]: null,
      },
      as: 'alice',
      on: base,
    });
    const report = await fork.verify(base, head);
    expect(report.codes).toContain('lockout-quorum-tight');
    expect(report.codes).toContain('lockout-no-key');
    expect(report.outcome).toBe('pending');
    const verdict = await fork.judgeStep(base, head);
    expect(verdict.policyChanges?.map(({ code }) => code)).toEqual(['mode-observe', 'certificate-removed']);
  });

  test('and any other is not: it says nothing of the policy', async () => {
    const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'alice', on: base });
    const verdict = await fork.judgeStep(base, head);
    expect(verdict.policyChanges).toBeUndefined();
    expect((await fork.verify(base, head)).codes.filter((code) => code.startsWith('lockout'))).toEqual([]);
  });
});

describe('policy lint', () => {
  test('warns of lock-out at its place, once', async () => {
    const folder = join(fork.keys.home, 'lint');
    await mkdir(join(folder, 'keys'), { recursive: true });
    const file = join(folder, 'policy.yaml');
    await writeFile(file, policyText(fork.people, { governance: '{ people: 3, from: admins }' }));
    const { code, out } = await fork.cli('policy', 'lint', file, '--json');
    const { diagnostics } = JSON.parse(out) as {
      diagnostics: { code: string; line: number; severity: string; message: string }[];
    };
    const line =
      policyText(fork.people)
        .split('\n')
        .findIndex((text) => text.startsWith('governance')) + 1;
    const lockouts = diagnostics.filter((one) => one.code.startsWith('lockout'));
    expect(code).toBe(0);
    expect(lockouts).toMatchObject([
      { code: 'lockout-quorum-unreachable', severity: 'warning', line },
      { code: 'lockout-quorum-tight' },
    ]);
  });
});
