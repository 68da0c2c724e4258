import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ListedKey } from '../../src/cli/keys/list.ts';
import { listKeys } from '../../src/cli/keys/list.ts';
import { makeAuthenticator } from '../keys/authenticator.ts';
import type { GpgKey } from '../keys/keys.ts';
import { BOB, policyOf, runCountersign, useKeysStage } from './keys-stage.ts';

const stage = useKeysStage();
const DAY = 86_400;

const people = new Map<string, GpgKey>();
const token = makeAuthenticator('ed25519');
const tokenKey = token.publicKey.split(' ').slice(0, 2).join(' ');
let policy: string;
let certificates: Record<string, Uint8Array>;

beforeAll(async () => {
  const { keys } = stage();
  for (const [name, options] of [
    ['alice', { algorithm: 'rsa3072', expires: '300d' }],
    ['carol', { expires: '45d' }],
    ['dave', { expires: '10d', signingSubkeys: ['nistp256'] }],
    ['erin', { at: '20200101T000000', expires: '2020-02-01' }],
    ['frank', {}],
    ['mallory', {}],
  ] as const) {
    people.set(name, await keys.makeGpgKey(name, options));
  }
  const frank = people.get('frank')?.fingerprint ?? '';
  const revocation = await readFile(join(keys.home, 'openpgp-revocs.d', `${frank}.rev`), 'utf8');
  await keys.gpg(['--import'], Buffer.from(revocation.replace(/^:-----/m, '-----')));
  const [alice, carol] = [people.get('alice')?.fingerprint ?? '', people.get('carol')?.fingerprint ?? ''];
  await keys.gpg(['--local-user', carol, '--quick-sign-key', alice]);
  certificates = {};
  for (const [name, { fingerprint }] of people) {
    if (name !== 'mallory') certificates[`${name}.asc`] = await keys.exportCertificate(fingerprint);
  }
  policy = policyOf(
    [...people].map(([name, key]) => `  ${name}: { keys: [{ openpgp: ${key.fingerprint} }] }\n`).join('') +
      `  trent: { keys: [{ ssh: "${tokenKey}", presence: verified }] }\n`,
  );
});

const listed = async (): Promise<Map<string, ListedKey>> => {
  const { code, out } = await stage().run('list', '--json');
  expect(code).toBe(0);
  const { keys } = JSON.parse(out) as { keys: ListedKey[] };
  return new Map(keys.map((key) => [key.person, key]));
};

describe('keys list', () => {
  test('as JSON says of every pin what it is and what is wrong with it', async () => {
    await stage().reset(policy, certificates);
    const keys = await listed();
    expect([...keys.keys()]).toEqual(['bob', ...people.keys(), 'trent', 'updater']);
    expect(keys.get('bob')).toEqual({
      person: 'bob',
      kind: 'person',
      format: 'ssh',
      fingerprint: expect.stringMatching(/^SHA256:/) as string,
      type: 'ssh-ed25519',
      bits: 256,
      expiresAt: null,
      daysLeft: null,
      presence: null,
      certifiedBy: [],
      problems: [],
    });
    expect(keys.get('alice')).toMatchObject({
      fingerprint: people.get('alice')?.fingerprint,
      format: 'openpgp',
      type: 'rsa',
      bits: 3072,
      certifiedBy: ['carol'],
      problems: [],
    });
    expect(keys.get('trent')).toMatchObject({ type: 'sk-ssh-ed25519@openssh.com', presence: 'verified' });
    const codes = [...keys].map(([name, { problems }]) => [name, problems.map(({ code }) => code)]);
    expect(Object.fromEntries(codes)).toEqual({
      bob: [],
      alice: [],
      carol: ['key-expires-soon'],
      dave: ['key-expires-soon'],
      erin: ['key-expired'],
      frank: ['key-revoked-hard'],
      mallory: ['policy-certificate-missing'],
      trent: [],
      updater: ['policy-certificate-missing'],
    });
    expect(keys.get('updater')).toMatchObject({ kind: 'bot', type: null });
    expect([44, 45]).toContain(keys.get('carol')?.daysLeft);
    expect([9, 10]).toContain(keys.get('dave')?.daysLeft);
    expect((keys.get('carol')?.expiresAt ?? 0) - Date.now() / 1000).toBeLessThanOrEqual(45 * DAY);
    expect(keys.get('erin')?.daysLeft).toBeLessThan(-2000);
  });

  test('as a table has warnings in words, and what to do on standard error', async () => {
    await stage().reset(policy, certificates);
    const { out, err } = await stage().run('list');
    const rowOf = (name: string): string => out.split('\n').find((line) => line.startsWith(name)) ?? '';
    expect(rowOf('PERSON')).toMatch(/KEY +ALGORITHM +EXPIRES +HARDWARE +CERTIFIED BY +PROBLEMS$/);
    expect(rowOf('alice')).toMatch(/rsa 3072 +20\d\d-[01]\d-[0-3]\d +- +carol$/);
    expect(rowOf('carol')).toMatch(/in 4[45] days: soon .*key-expires-soon$/);
    expect(rowOf('dave')).toMatch(/in (?:9|10) days: renew now .*key-expires-soon$/);
    expect(rowOf('erin')).toMatch(/expired 2020-0[12]-\d\d .*key-expired$/);
    expect(rowOf('frank')).toMatch(/revoked .*key-revoked-hard$/);
    expect(rowOf('trent')).toMatch(/never +touch and PIN/);
    expect(rowOf('updater (bot)')).toMatch(/unknown +unknown/);
    for (const { fingerprint } of people.values()) expect(out).toContain(fingerprint);
    expect(err).toContain(`gpg --quick-set-expire ${people.get('dave')?.fingerprint ?? ''}`);
    const hexOf = (name: string): string => people.get(name)?.fingerprint ?? '';
    expect(err).toContain(`\`gpg --quick-set-expire ${hexOf('erin')} 2y\``);
    expect(err).toContain('then `countersign keys add erin FILE` brings the new certificate');
    expect(err).toContain(`\`countersign keys remove frank ${hexOf('frank')}\``);
    expect(err).toContain(`gpg --armor --export ${hexOf('mallory')} > mallory.asc`);
    expect(`${out}${err}`).not.toContain('\u001b');
  });

  test('on a terminal has colour too', async () => {
    await stage().reset(policy, certificates);
    let out = '';
    await listKeys(
      {},
      {
        out: (text) => void (out += text),
        err: () => undefined,
        path: (given) => join(stage().dir, given),
        paint: (kind, text) => `<${kind}>${text}</${kind}>`,
        environment: {},
      },
    );
    expect(out).toMatch(/<pending>in 4[45] days: soon *<\/pending>.*<pending>key-expires-soon<\/pending>/);
    expect(out).toMatch(/<fail>in (?:9|10) days: renew now *<\/fail>.*<fail>key-expires-soon<\/fail>/);
    expect(out).toMatch(/<fail>revoked *<\/fail>.*<fail>key-revoked-hard<\/fail>/);
  });

  test('names people who share a key, and pins that are subkeys', async () => {
    const dave = people.get('dave');
    await stage().reset(
      policyOf(`  dave: { keys: [{ openpgp: ${dave?.fingerprints[1] ?? ''} }] }\n`),
      certificates,
    );
    expect((await listed()).get('dave')?.problems.map(({ code }) => code)).toEqual(['policy-pin-is-subkey']);
  });

  test('finds the policy from a folder below, and not that of a repository around', async () => {
    await stage().reset(policy, certificates);
    const below = join(stage().dir, 'a/b');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(below, { recursive: true });
    expect((await runCountersign(['keys', 'list'], below)).code).toBe(0);
    await mkdir(join(stage().dir, 'a/.git'));
    const { code, err } = await runCountersign(['keys', 'list'], below);
    expect([code, err.includes('[policy-missing]')]).toEqual([2, true]);
    const named = await runCountersign(['keys', 'list', '--policy', '../../.countersign/policy.yaml'], below);
    expect(named.code).toBe(0);
  });

  test('of a broken policy prints what lint prints, and exits 1', async () => {
    await stage().reset(policyOf(`  alice: { keys: [{ ssh: "${BOB}" }] }\n`));
    const plain = await stage().run('list');
    expect([plain.code, plain.out]).toEqual([1, '']);
    const lint = await runCountersign(['policy', 'lint'], stage().dir);
    expect(plain.err).toBe(lint.out);
    const json = await stage().run('list', '--json');
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      1,
      { ok: false, diagnostics: [{ code: 'policy-key-shared' }] },
    ]);
  });
});

describe('policy lint', () => {
  test('warns of keys that end, at the place of their pins', async () => {
    await stage().reset(policy, certificates);
    const { code, out } = await runCountersign(['policy', 'lint', '--json'], stage().dir);
    const { diagnostics } = JSON.parse(out) as {
      diagnostics: { code: string; line: number; severity: string }[];
    };
    expect(code).toBe(0);
    const lineOf = (name: string): number =>
      policy.split('\n').findIndex((line) => line.startsWith(`  ${name}:`)) + 1;
    const keys = diagnostics.filter((one) => one.code.startsWith('key-'));
    expect(diagnostics.map(({ line }) => line)).toEqual(
      diagnostics.map(({ line }) => line).toSorted((a, b) => a - b),
    );
    const alone = diagnostics.filter((one) => one.code === 'person-in-no-group');
    expect(alone.map(({ line }) => line)).toEqual([...people.keys(), 'trent'].map(lineOf));
    expect(keys.map((one) => [one.code, one.line, one.severity])).toEqual([
      ['key-expires-soon', lineOf('carol'), 'warning'],
      ['key-expires-soon', lineOf('dave'), 'warning'],
      ['key-expired', lineOf('erin'), 'warning'],
      ['key-revoked-hard', lineOf('frank'), 'warning'],
    ]);
  });
});
