import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeFiles } from '../../src/cli/keys/write.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cw-'));
  await writeFile(join(dir, 'old'), 'old');
});
afterEach(() => rm(dir, { recursive: true, force: true }));
const at = (name: string): string => join(dir, name);
const codeOf = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) =>
      typeof error === 'object' && error !== null && 'finding' in error ? error.finding : error,
  );

describe('files are changed all or none', () => {
  test('new, changed and removed, with mode 644 whatever the umask, and nothing left beside them', async () => {
    await chmod(at('old'), 0o600);
    await writeFile(at('gone'), 'gone');
    await changeFiles([
      { path: at('keys/new'), bytes: bytes('new'), before: null },
      { path: at('old'), bytes: bytes('changed'), before: bytes('old') },
      { path: at('gone'), bytes: null, before: bytes('gone') },
    ]);
    expect((await readdir(dir, { recursive: true })).sort()).toEqual(['keys', 'keys/new', 'old']);
    expect(await readFile(at('old'), 'utf8')).toBe('changed');
    expect((await stat(at('old'))).mode & 0o777).toBe(0o644);
  });

  test.each([
    ['somebody changed a file meanwhile', bytes('older'), 'file-changed'],
    ['a file is there that was not', null, 'file-changed'],
  ])('not where %s', async (_what, before, code) => {
    const work = changeFiles([
      { path: at('new'), bytes: bytes('new'), before: null },
      { path: at('old'), bytes: bytes('changed'), before },
    ]);
    expect(await codeOf(work)).toMatchObject({ code });
    expect(await readdir(dir)).toEqual(['old']);
    expect(await readFile(at('old'), 'utf8')).toBe('old');
  });

  test('not through a link', async () => {
    await symlink('old', at('link'));
    const work = changeFiles([{ path: at('link'), bytes: bytes('x'), before: bytes('old') }]);
    expect(await codeOf(work)).toMatchObject({ code: 'file-unwritable' });
    expect(await readFile(at('old'), 'utf8')).toBe('old');
  });

  test('not where the second of two cannot be prepared', async () => {
    await writeFile(at('blocked'), 'x');
    const work = changeFiles([
      { path: at('old'), bytes: bytes('changed'), before: bytes('old') },
      { path: at('blocked/below'), bytes: bytes('x'), before: null },
    ]);
    expect(await codeOf(work)).toMatchObject({ code: 'file-unwritable' });
    expect(await readFile(at('old'), 'utf8')).toBe('old');
    expect((await readdir(dir)).sort()).toEqual(['blocked', 'old']);
  });
});
