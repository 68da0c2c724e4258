import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAllowed } from '../../../src/core/policy/pattern-list.ts';
import { openKeys, run } from '../../keys/keys.ts';
import type { Keys, SshKey } from '../../keys/keys.ts';

/** Lists of patterns, and whether each allows `git` and `countersign@v1`. */
const LISTS: readonly (readonly [list: string, git: boolean, statements: boolean])[] = [
  ['git', true, false],
  ['countersign@v1', false, true],
  ['git,countersign@v1', true, true],
  ['countersign@v1,git', true, true],
  ['*', true, true],
  ['g*,c*1', true, true],
  ['g?t', true, false],
  ['gi?t', false, false],
  ['?git', false, false],
  ['git*', true, false],
  ['**it', true, false],
  ['*n*n*n*', false, false],
  ['*n*s*n@v?', false, true],
  ['*o*s*n@v?', false, true],
  ['GIT', false, false],
  ['git ', false, false],
  ['!git', false, false],
  ['!git,git', false, false],
  ['git,!git', false, false],
  ['*,!countersign@*', true, false],
  ['!file,*', true, true],
  ['!!git,*', true, true],
  ['!*', false, false],
  ['!,*', true, true],
  ['file', false, false],
  [`git,${'x'.repeat(1022)}`, true, false],
  [`git,${'x'.repeat(1023)}`, false, false],
  [`!git,${'x'.repeat(1023)},*`, false, false],
];

test.each(LISTS)('`%s`', (list, git, statements) => {
  expect([isAllowed('git', list.split(',')), isAllowed('countersign@v1', list.split(','))]).toEqual([
    git,
    statements,
  ]);
});

test('many stars cost no more than letters times stars', () => {
  const pattern = `${'*a'.repeat(500)}b`;
  expect(isAllowed('a'.repeat(100_000), [pattern])).toBe(false);
});

describe('as ssh-keygen reads them', () => {
  const TEXT = Buffer.from('text\n');
  let keys: Keys;
  let alice: SshKey;
  const signatures = new Map<string, string>();
  beforeAll(async () => {
    keys = await openKeys();
    alice = await keys.makeSshKey('alice');
    for (const namespace of ['git', 'countersign@v1']) {
      const armor = await keys.sshSign(alice, TEXT, namespace);
      signatures.set(namespace, await keys.writeTemporary(armor));
    }
  });
  afterAll(() => keys.close());

  test.each(LISTS)('`%s`', async (list, git, statements) => {
    const line = `alice namespaces="${list}" ${alice.publicKey}\n`;
    const allowed = await keys.writeTemporary(Buffer.from(line));
    const says: boolean[] = [];
    for (const [namespace, path] of signatures) {
      const args = ['-Y', 'verify', '-f', allowed, '-I', 'alice', '-n', namespace, '-s', path];
      says.push((await run('ssh-keygen', args, TEXT)).code === 0);
    }
    expect(says).toEqual([git, statements]);
  });
});
