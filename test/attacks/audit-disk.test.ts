import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jsonText } from '../../src/core/report/json.ts';
import { codeOf, policyOf, runCountersign, useKeysStage } from '../cli/keys-stage.ts';
import type { GpgKey } from '../keys/keys.ts';

/** What a terminal would take for a command, and what turns the order of letters round. */
const ESCAPES = '\u001b]0;owned\u0007\u001b[31m\u009b\u202e';
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

const stage = useKeysStage();
let alice: GpgKey;
let old: GpgKey;
let policy: string;
beforeAll(async () => {
  alice = await stage().keys.makeGpgKey('alice');
  old = await stage().keys.makeGpgKey('alice-old');
  policy = policyOf(
    `  alice: { keys: [{ openpgp: ${alice.fingerprint} }, { openpgp: ${old.fingerprint} }] }\n`,
  );
});

describe('the name of a key file reaches no terminal as it is', () => {
  const file = `${ESCAPES}.asc`;
  beforeEach(async () => {
    await stage().reset(policy, { [file]: old.certificate });
    await stage().keys.gpg(['--quick-set-expire', old.fingerprint, `${(years += 1)}y`]);
    await stage().put('new.asc', await stage().keys.exportCertificate(old.fingerprint));
  });
  let years = 1;

  test.each([
    ['when a certificate is renewed', ['add', 'alice', 'new.asc'], 0],
    ['when that is only tried', ['add', 'alice', 'new.asc', '--dry-run'], 0],
    ['when its key is removed', ['remove', 'alice', 'OLD'], 0],
    ['when keys are listed', ['list'], 0],
  ])('%s', async (_what, args, code) => {
    const result = await stage().run(...args.map((word) => (word === 'OLD' ? old.fingerprint : word)));
    expect(result.code).toBe(code);
    expect(result.out + result.err).not.toMatch(RAW);
    if (args[0] !== 'list') expect(result.out).toContain('\\u{1b}]0;owned\\u{7}');
  });

  test('nor does what stands in JSON of several lines', () => {
    const text = jsonText({ branch: `${ESCAPES}\n` }, 2);
    expect(text).toBe('{\n  "branch": "\\u001b]0;owned\\u0007\\u001b[31m\\u009b\\u202e\\n"\n}');
    expect(JSON.parse(text)).toEqual({ branch: `${ESCAPES}\n` });
  });

  test('nor does what was typed', async () => {
    for (const args of [[ESCAPES], ['keys', ESCAPES], ['keys', 'add', 'a', 'b', `--${ESCAPES}`]]) {
      const { code, err } = await runCountersign(args, stage().dir);
      expect(code).toBe(64);
      expect(err).toContain('error: unknown ');
      expect(err).toContain('\\u{1b}');
      expect(err).not.toMatch(RAW);
    }
  });
});

describe('a link in the place of a folder is not followed', () => {
  const outside = () => join(stage().dir, 'outside');
  const inside = () => join(stage().dir, '.countersign');
  const COMMANDS: readonly (readonly string[])[] = [
    ['add', 'alice', 'alice.asc'],
    ['remove', 'alice', 'OLD'],
    ['import', 'signers'],
    ['list'],
    ['export'],
  ];

  /** `.countersign`, or `keys` in it, moved away, with a link to where it is now. */
  async function link(name: string): Promise<string> {
    await stage().reset(policy, { 'old.asc': old.certificate });
    await stage().put('alice.asc', alice.certificate);
    await stage().put('signers', 'alice ssh-ed25519 AAAA\n');
    const place = name === 'keys' ? join(inside(), 'keys') : inside();
    await rename(place, outside());
    await symlink(outside(), place);
    return place;
  }

  const everything = async (): Promise<unknown> => {
    const found = await readdir(stage().dir, { recursive: true, withFileTypes: true });
    return Promise.all(
      found
        .filter((one) => one.isFile())
        .map((one) => join(one.parentPath, one.name))
        .sort()
        .map(async (path) => [path, await readFile(path, 'latin1')]),
    );
  };

  test.each(['keys', '.countersign'])('%s', async (name) => {
    await link(name);
    const before = await everything();
    for (const command of COMMANDS) {
      const args = command.map((word) => (word === 'OLD' ? old.fingerprint : word));
      const { code, err } = await stage().run(...args);
      expect([args, code, codeOf(err)]).toEqual([args, 2, 'folder-linked']);
      expect(err).toContain('take the link away');
    }
    for (const command of [['lint'], ['explain']]) {
      const { code, err } = await runCountersign(['policy', ...command], stage().dir);
      expect(code).toBe(2);
      expect(err).toContain('is a symbolic link');
    }
    expect(await everything()).toEqual(before);
  });

  test('nor by init, where the link leads to nothing', async () => {
    await stage().reset(policy);
    await rm(inside(), { recursive: true });
    await mkdir(outside());
    await symlink(outside(), inside());
    await stage().put('alice.asc', alice.certificate);
    const args = ['init', '--project', 'github.com/acme/nixpkgs', '--branch', 'master'];
    const { code, err } = await runCountersign([...args, '--person', 'alice=alice.asc'], stage().dir);
    expect([code, codeOf(err)]).toEqual([2, 'folder-linked']);
    expect(await readdir(outside())).toEqual([]);
  });

  test('but a folder that somebody named themselves may be one', async () => {
    await stage().reset(policy);
    await mkdir(join(outside(), 'keys'), { recursive: true });
    await writeFile(join(outside(), 'policy.yaml'), policy);
    await symlink(outside(), join(stage().dir, 'mine'));
    await stage().put('alice.asc', alice.certificate);
    const { code } = await stage().run('add', 'alice', 'alice.asc', '--policy', 'mine/policy.yaml');
    expect(code).toBe(0);
    expect(await readdir(join(outside(), 'keys'))).toEqual([`${alice.fingerprint}.asc`]);
  });
});
