import { expect, test } from 'vitest';
import { useFork } from './attack.ts';

const shared = useFork();
const [OLD, NEW] = ['1'.repeat(40), '2'.repeat(40)];

/** A commit of this index entry on `on`; git's own porcelain would look into the submodule. */
async function entry(on: string, mode: string, id: string, path: string): Promise<string> {
  const { fork } = shared;
  await fork.git('read-tree', on);
  await fork.git('update-index', '--add', '--cacheinfo', `${mode},${id},${path}`);
  const tree = await fork.git('write-tree');
  const key = fork.people.get('alice');
  if (key?.kind !== 'ssh') throw new Error('alice signs with SSH');
  const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key.path}`];
  const commit = await fork.git(...signing, 'commit-tree', '-S', '-p', on, '-m', 'entry', tree);
  await fork.git('reset', '--quiet', '--hard');
  return commit;
}

async function contentOf(text: string): Promise<string> {
  const { fork } = shared;
  const holder = await fork.commit({ files: { holder: text }, as: 'alice' });
  return fork.git('rev-parse', `${holder}:holder`);
}

/** The digest that a reviewer signs for a change. */
async function digest(base: string, head: string): Promise<string> {
  const text = await shared.fork.review({ as: 'bob', base, head });
  return /^change: (.*)$/m.exec(text)?.[1] ?? '';
}

test('row 56: a submodule that `ignore = all` hides is changed, and needs who its path needs', async () => {
  const { fork } = shared;
  const require = [
    '{ name: everything, people: 2, approvals: 1, from: maintainers }',
    '{ name: modules, paths: ["module"], approvals: 2, from: core }',
  ];
  const root = await fork.setPolicy({ require });
  const modules = '[submodule "m"]\n\tpath = module\n\turl = https://example.org/m\n\tignore = all\n';
  const listed = await fork.commit({ files: { '.gitmodules': modules }, as: 'alice', on: root });
  const base = await entry(listed, '160000', OLD, 'module');
  const head = await entry(base, '160000', NEW, 'module');
  await fork.git('config', 'diff.ignoreSubmodules', 'all');
  try {
    expect(await fork.git('diff', '--name-only', '--ignore-submodules=all', base, head)).toBe('');
    const one = await fork.review({ as: 'bob', base, head });
    const waiting = await fork.verify(base, head, [one]);
    expect([waiting.outcome, waiting.people.approvers]).toEqual(['pending', ['bob']]);
    const two = await fork.review({ as: 'carol', base, head });
    expect((await fork.verify(base, head, [one, two])).outcome).toBe('pass');
  } finally {
    await fork.git('config', '--unset', 'diff.ignoreSubmodules');
  }
});

test('row 56: which commit a submodule stands at is in the digest', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const [one, other] = [await entry(base, '160000', OLD, 'm'), await entry(base, '160000', NEW, 'm')];
  expect(await digest(base, one)).not.toBe(await digest(base, other));
  const review = await fork.review({ as: 'bob', base, head: one });
  expect((await fork.verify(base, one, [review])).outcome).toBe('pass');
  const edit = (text: string): string => text.replaceAll(one, other);
  const moved = await fork.review({ as: 'bob', base, head: one, edit });
  expect((await fork.verify(base, other, [moved])).codes).toContain('statement-change-differs');
});

test('row 56: a mode is in the digest: executable, link, and what was a file is a submodule', async () => {
  const { fork } = shared;
  const base = await fork.setPolicy();
  const content = await contentOf('target');
  const heads = [];
  for (const mode of ['100644', '100755', '120000']) heads.push(await entry(base, mode, content, 'tool'));
  heads.push(await entry(base, '160000', content, 'tool'));
  const digests = new Set<string>();
  for (const head of heads) digests.add(await digest(base, head));
  expect(digests.size).toBe(4);
});

test('row 56: `core.fileMode` and `core.symlinks` of the repository hide no change of a mode', async () => {
  const { fork } = shared;
  const root = await fork.setPolicy();
  const base = await entry(root, '100644', await contentOf('echo\n'), 'tool');
  const head = await entry(base, '100755', await contentOf('echo\n'), 'tool');
  await fork.git('config', 'core.fileMode', 'false');
  await fork.git('config', 'core.symlinks', 'false');
  try {
    expect((await fork.verify(base, head)).outcome).toBe('pending');
    const review = await fork.review({ as: 'bob', base, head });
    expect((await fork.verify(base, head, [review])).outcome).toBe('pass');
  } finally {
    await fork.git('config', 'core.fileMode', 'true');
    await fork.git('config', '--unset', 'core.symlinks');
  }
});
