import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfiguration } from '../../src/app/configuration.ts';
import { start } from '../../src/cli/start.ts';

const encoding = { type: 'pkcs8', format: 'pem' } as const;
const spki = { type: 'spki', format: 'pem' } as const;
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: encoding,
  publicKeyEncoding: spki,
});
const small = generateKeyPairSync('rsa', {
  modulusLength: 1024,
  privateKeyEncoding: encoding,
  publicKeyEncoding: spki,
});
const curve = generateKeyPairSync('ed25519', { privateKeyEncoding: encoding, publicKeyEncoding: spki });

describe('readConfiguration', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'co-'));
    writeFileSync(join(directory, 'key.pem'), rsa.privateKey);
    writeFileSync(join(directory, 'file'), 'x');
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const good = (): Record<string, string> => ({
    APP_ID: '123',
    PRIVATE_KEY: rsa.privateKey,
    WEBHOOK_SECRET: '1f3870be274f6c49b3e31a0c6728957f',
    COUNTERSIGN_DATA: join(directory, 'data'),
  });
  const problemsOf = (changes: Record<string, string | undefined>): readonly string[] => {
    const read = readConfiguration({ ...good(), ...changes });
    return read.ok ? [] : read.problems;
  };

  test('needs four things, and fills in the rest', () => {
    const read = readConfiguration(good());
    expect(read).toMatchObject({
      ok: true,
      configuration: {
        appId: 123,
        host: '127.0.0.1',
        port: 3000,
        logLevel: 'info',
        githubUrl: 'https://github.com',
        apiUrl: 'https://api.github.com',
        sweepMinutes: 60,
      },
    });
  });

  test('takes the key from a file, and with escaped line ends', () => {
    const { PRIVATE_KEY: pem = '', ...rest } = good();
    const file = readConfiguration({ ...rest, PRIVATE_KEY_PATH: join(directory, 'key.pem') });
    const escaped = readConfiguration({ ...rest, PRIVATE_KEY: pem.replaceAll('\n', '\\n') });
    for (const read of [file, escaped]) expect(read.ok && read.configuration.privateKey).toBe(pem);
  });

  test('names every problem at once', () => {
    const read = readConfiguration({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      GITHUB_URL: 'ftp://x',
      COUNTERSIGN_SWEEP_MINUTES: '0',
    });
    const named = [
      'APP_ID',
      'PRIVATE_KEY',
      'WEBHOOK_SECRET',
      'PORT',
      'COUNTERSIGN_DATA',
      'LOG_LEVEL',
      'GITHUB_URL',
      'COUNTERSIGN_SWEEP_MINUTES',
    ];
    expect(read.ok ? [] : read.problems).toHaveLength(named.length);
    for (const name of named)
      expect(read.ok ? [] : read.problems).toContainEqual(expect.stringContaining(name));
  });

  test.each([
    ['missing', ''],
    ['blank', '    '],
    ['short', 'x7Kq9Lm2Pz'],
    ['of 19 characters', 'abcdefghijklmnopqrs'],
    ["Probot's own", 'development'],
    ['a known word, made longer', 'development-development'],
    ['another known word', 'changeme-changeme-1234'],
    ['one character', 'a'.repeat(40)],
    ['three characters', 'abc'.repeat(20)],
  ])('refuses a secret that is %s (attack 42)', (_, secret) => {
    const problems = problemsOf({ WEBHOOK_SECRET: secret });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('openssl rand -hex 32');
  });

  test.each([
    ['no key', 'hello'],
    ['a public key', rsa.publicKey],
    ['a small RSA key', small.privateKey],
    ['a key of another kind', curve.privateKey],
    ['half a key', rsa.privateKey.slice(0, 400)],
  ])('refuses %s as private key, without showing it', (_, key) => {
    const problems = problemsOf({ PRIVATE_KEY: key });
    expect(problems).toEqual([expect.stringContaining('no RSA private key')]);
    expect(problems.join()).not.toContain(key.slice(30, 60) || key);
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ['two keys', { PRIVATE_KEY_PATH: '/nowhere' }, 'both set'],
    [
      'a key file that is not there',
      { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: '/nowhere/key' },
      'cannot be read (ENOENT)',
    ],
    ['an app id that is none', { APP_ID: 'Iv23abc' }, 'APP_ID'],
    ['a port that is none', { PORT: '80a' }, 'PORT'],
    ['plain HTTP to another machine', { GITHUB_API_URL: 'http://github.example' }, 'https://'],
    ['a URL with a password', { GITHUB_URL: 'https://a:b@github.com' }, 'user name'],
    ['a host that is none', { HOST: 'a b' }, 'HOST'],
  ])('refuses %s', (_, changes, words) => {
    expect(problemsOf(changes)).toEqual([expect.stringContaining(words)]);
  });

  test('refuses a data directory that cannot be one', () => {
    expect(problemsOf({ COUNTERSIGN_DATA: join(directory, 'file', 'below') })).toEqual([
      expect.stringContaining('cannot be written'),
    ]);
    expect(problemsOf({ COUNTERSIGN_DATA: join(directory, 'file') })).toHaveLength(1);
  });

  test('allows plain HTTP to this machine, and takes slashes off', () => {
    const read = readConfiguration({
      ...good(),
      GITHUB_URL: 'http://127.0.0.1:81/',
      GITHUB_API_URL: 'http://localhost:81/api/v3/',
    });
    expect(read.ok && [read.configuration.githubUrl, read.configuration.apiUrl]).toEqual([
      'http://127.0.0.1:81',
      'http://localhost:81/api/v3',
    ]);
  });

  test('`countersign start` ends with code 64 and says what is wrong on standard error', async () => {
    let err = '';
    let out = '';
    const io = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
    await expect(start({ ...good(), WEBHOOK_SECRET: 'development', PORT: 'x' }, io)).resolves.toBe(64);
    expect(err.split('\n').filter((line) => line.startsWith('  '))).toHaveLength(2);
    expect(out).toBe('');
  });
});
