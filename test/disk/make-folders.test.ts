import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolders } from '../../src/disk/make-folders.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mf-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('folders', () => {
  test('are made with all that is missing above them, each with the mode; what is there keeps its own', async () => {
    mkdirSync(join(root, 'a'), { mode: 0o750 });
    await makeFolders(join(root, 'a/b/c'), 0o700);
    expect(['a', 'a/b', 'a/b/c'].map((name) => modeOf(join(root, name)))).toEqual([0o750, 0o700, 0o700]);
    await makeFolders(join(root, 'a/b/c'), 0o755);
    expect(modeOf(join(root, 'a/b/c'))).toBe(0o700);
    await makeFolders('/');
  });

  test('are made through a link that leads to a folder', async () => {
    mkdirSync(join(root, 'real'));
    symlinkSync('real', join(root, 'link'));
    await makeFolders(join(root, 'link/x'));
    expect(existsSync(join(root, 'real/x'))).toBe(true);
  });

  test('are made by many at one time', async () => {
    const path = join(root, 'a/b/c/d');
    await Promise.all(Array.from({ length: 20 }, () => makeFolders(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test('that cannot be made are said to be so: a file or a link to nothing in the way', async () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync('nowhere', join(root, 'link'));
    await expect(makeFolders(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolders(join(root, 'file/x/y'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeFolders(join(root, 'link/x'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test.skipIf(!existsSync('/proc/self'))('nor is there an end waited for that never comes', async () => {
    await expect(makeFolders('/proc/countersign/x/y')).rejects.toMatchObject({ syscall: 'mkdir' });
  });
});
