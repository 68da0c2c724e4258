import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKeys, type Keys } from '../keys/keys.ts';
import type { Signer } from '../verdicts/make/signers.ts';
import { askHistory } from './ask.ts';
import { buildHistory, type Built } from './build.ts';
import { withoutEntries } from './edits.ts';
import type { History } from './history.ts';
import { toolSigners } from './tool-signers.ts';

/** The other histories are signed by the tests themselves: this one by the tools that people have. */
const HISTORY: History = {
  about: 'commits, merges, reviews, adoptions, a rotation of the policy: by ssh-keygen and gpg',
  policy: { knowsGitHub: false },
  steps: [
    { by: 'alice', approved: ['bob'] },
    { by: 'bob', brings: [{ by: 'alice' }, { by: null }], adopted: ['carol'], approved: ['dave'] },
    {
      by: 'carol',
      policy: { governance: '{ people: 2, from: admins }' },
      approved: ['alice', 'bob'],
    },
    { by: 'dave', approved: ['bob'] },
    { by: null, ratified: ['alice', 'dave'] },
  ],
};

let keys: Keys;
let built: Built;
let signers: ReadonlyMap<string, Signer>;
beforeAll(async () => {
  keys = await openKeys();
  signers = await toolSigners(keys, { alice: 'ssh', bob: 'gpg', carol: 'ssh', dave: 'gpg' });
  built = buildHistory(HISTORY, signers);
});
afterAll(async () => {
  built.remove();
  await keys.close();
});

test('what the tools signed is proven, and git itself finds its signatures good', async () => {
  expect(await askHistory(built)).toMatchObject({ outcome: 'pass', proven: 5, commits: 7, ratified: [5] });
  const allowed = join(keys.home, 'allowed');
  const lines = [...signers].flatMap(([name, { key }]) =>
    key.kind === 'ssh' ? [`${name}@example.org namespaces="git" ${key.publicKey}`] : [],
  );
  writeFileSync(allowed, `${lines.join('\n')}\n`);
  const listed = execFileSync(
    'git',
    [
      '-c',
      `gpg.ssh.allowedSignersFile=${allowed}`,
      'log',
      '--first-parent',
      '--reverse',
      '--format=%G?',
      'master',
    ],
    {
      cwd: built.dir,
      env: { PATH: process.env['PATH'], HOME: keys.home, GNUPGHOME: keys.home, LC_ALL: 'C' },
    },
  );
  expect(listed.toString().trimEnd().split('\n')).toEqual([
    'G',
    'G',
    expect.stringMatching(/[GU]/),
    'G',
    expect.stringMatching(/[GU]/),
    'N',
  ]);
});

test('and what is missing is missing', async () => {
  withoutEntries(built, ({ step, by }) => step === 2 && by === 'carol');
  expect(await askHistory(built)).toMatchObject({ outcome: 'pending', at: 2, codes: ['commit-unsigned'] });
});
