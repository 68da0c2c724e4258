import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findToken } from '../../src/cli/github-token.ts';

/** Nobody is logged in here, so a program of that name says what it was asked. */
const GH = '#!/bin/sh\n[ "$4" = none.example.org ] && exit 1\necho "$@" | tr " " "_"\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cg-'));
  await writeFile(join(folder, 'gh'), GH, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('the token', () => {
  test('is that of the environment for github.com', async () => {
    expect(await findToken('github.com', { GITHUB_TOKEN: ' secret\n' })).toBe('secret');
    expect(await findToken('github.com', { GITHUB_TOKEN: '', GH_TOKEN: 'other' })).toBe('other');
  });

  test('of the environment goes to no host that a remote names, unless the API is named as well', async () => {
    const environment = { GITHUB_TOKEN: 'secret' };
    expect(await findToken('git.example.org', environment)).toBe('auth_token_--hostname_git.example.org');
    expect(await findToken('none.example.org', environment)).toBeNull();
    const named = { ...environment, GITHUB_API_URL: 'https://git.example.org/api/v3' };
    expect(await findToken('git.example.org', named)).toBe('secret');
  });

  test('with characters that no header may have is none', async () => {
    expect(await findToken('github.com', { GITHUB_TOKEN: 'a\nb: c' })).toBeNull();
  });
});
