import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const MODULE = pathToFileURL(resolve(import.meta.dirname, '../../src/cli/compiled.ts')).href;

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-compiled-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** In a process of its own, since what is compiled is kept until a process ends. */
function keep(folder: string): string {
  const script = `const { keepCompiled } = await import(process.argv[1]); console.log(keepCompiled(process.argv[2]));`;
  const args = ['--input-type=module', '--eval', script, MODULE, folder];
  const env = { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1' };
  return execFileSync(process.execPath, args, { encoding: 'utf8', env }).trim();
}

describe('keepCompiled', () => {
  test('makes a folder for its owner alone, and keeps compiled code in it', () => {
    const folder = join(dir, 'compiled');
    expect(keep(folder)).toBe('true');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).not.toEqual([]);
    expect(keep(folder)).toBe('true');
  });

  test.each([0o750, 0o707, 0o777])('leaves a folder of mode %o alone', (mode) => {
    const folder = join(dir, 'compiled');
    mkdirSync(folder);
    chmodSync(folder, mode);
    expect(keep(folder)).toBe('false');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('follows no link', () => {
    mkdirSync(join(dir, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'compiled'));
    expect(keep(join(dir, 'compiled'))).toBe('false');
    expect(readdirSync(join(dir, 'elsewhere'))).toEqual([]);
  });

  test('goes without where no folder can be made', () => {
    expect(keep(join(dir, 'missing', 'compiled'))).toBe('false');
  });
});
