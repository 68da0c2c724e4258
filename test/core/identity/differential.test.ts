import { afterAll, beforeAll, expect, it } from 'vitest';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { must, openKeys, run } from '../../keys/keys.ts';
import type { GpgKey, Keys } from '../../keys/keys.ts';
import { open, use } from './opened.ts';

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

/** What gpg has no batch command for: answers to its questions, a line each. */
async function edit(args: readonly string[], ...answers: string[]): Promise<Buffer> {
  const options = [
    '--no-tty',
    '--yes',
    '--command-fd',
    '0',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
  ];
  const input = Buffer.from(answers.map((answer) => `${answer}\n`).join(''));
  return must('gpg', await run('gpg', ['--homedir', keys.home, ...options, ...args], input));
}

interface Line {
  readonly fingerprint: string;
  readonly canSign: boolean;
  readonly expiresAt: number | null;
  readonly revoked: boolean;
  readonly expired: boolean;
}

/** What gpg says of every key of a certificate; a subkey falls with its primary key, as gpg has it on use. */
async function accordingToGpg(fingerprint: string): Promise<Line[]> {
  const listed = must(
    'gpg',
    await keys.gpg(['--with-colons', '--with-subkey-fingerprint', '--list-keys', fingerprint]),
  );
  const rows = listed
    .toString()
    .split('\n')
    .map((line) => line.split(':'));
  const lines = rows.flatMap((fields, index): Line[] => {
    if (fields[0] !== 'pub' && fields[0] !== 'sub') return [];
    const own = rows.slice(index).find(([kind]) => kind === 'fpr');
    return [
      {
        fingerprint: own?.[9] ?? '',
        // Capital letters are about the certificate as a whole.
        canSign: (fields[11] ?? '').includes('s'),
        expiresAt: fields[6] === '' ? null : Number(fields[6]),
        revoked: fields[1] === 'r',
        expired: fields[1] === 'e',
      },
    ];
  });
  const ends = lines[0]?.expiresAt ?? Infinity;
  return lines.map((line) => {
    const expiresAt = Math.min(line.expiresAt ?? Infinity, ends);
    return { ...line, expiresAt: expiresAt === Infinity ? null : expiresAt };
  });
}

async function accordingToUs(fingerprint: string): Promise<Line[]> {
  const [certificate] = await open(await keys.exportCertificate(fingerprint));
  const now = Math.floor(Date.now() / 1000) + 1;
  return (certificate?.keys ?? []).map((key) => {
    const problems = standingOf(key, use(now, false));
    const revoked = problems.some((problem) => problem.startsWith('key-revoked-'));
    return {
      fingerprint: key.fingerprint,
      canSign: key.standing.canSign,
      expiresAt: key.standing.expiresAt,
      revoked,
      // gpg names the worse of the two.
      expired: !revoked && problems.includes('key-expired'),
    };
  });
}

const old = { at: '20200101T000000', expires: '1y' } as const;
const quick = (...args: string[]) => keys.gpg(args).then((ran) => must('gpg', ran));
const revokeSubkey = (key: GpgKey, index: number, reason: string) =>
  edit(['--edit-key', key.fingerprint], `key ${index}`, 'revkey', 'y', reason, '', 'y', 'save');

it.each<[string, string, (name: string) => Promise<GpgKey>]>([
  [
    'an ordinary key',
    '---',
    (name) => keys.makeGpgKey(name, { algorithm: 'default', signingSubkeys: ['ed25519'] }),
  ],
  [
    'a primary key that only certifies, with several signing subkeys',
    '----',
    (name) => keys.makeGpgKey(name, { usage: 'cert', signingSubkeys: ['ed25519', 'rsa2048', 'nistp384'] }),
  ],
  ['an expired key', 'ee', (name) => keys.makeGpgKey(name, { ...old, signingSubkeys: ['ed25519'] })],
  [
    'an expired subkey below a prolonged primary key',
    '-e',
    async (name) => {
      const key = await keys.makeGpgKey(name, { ...old, signingSubkeys: ['ed25519'] });
      await quick('--quick-set-expire', key.fingerprint, '10y');
      return key;
    },
  ],
  [
    'a prolonged subkey below an expired primary key',
    'ee',
    async (name) => {
      const key = await keys.makeGpgKey(name, { ...old, signingSubkeys: ['ed25519'] });
      await quick('--quick-set-expire', key.fingerprint, '10y', key.fingerprints[1] ?? '');
      return key;
    },
  ],
  [
    'a subkey that took the place of an expired one',
    '-e-',
    async (name) => {
      const key = await keys.makeGpgKey(name, { ...old, usage: 'cert', signingSubkeys: ['ed25519'] });
      await quick('--quick-set-expire', key.fingerprint, 'never');
      await quick('--quick-add-key', key.fingerprint, 'ed25519', 'sign', '1y');
      return key;
    },
  ],
  [
    'a key with a name that was taken back',
    '-',
    async (name) => {
      const key = await keys.makeGpgKey(name, { ...old, expires: '20y' });
      await quick('--quick-add-uid', key.fingerprint, `${name} <${name}@example.net>`);
      await quick(
        '--faked-system-time',
        '20300101T000000!',
        '--quick-revoke-uid',
        key.fingerprint,
        `${name} <${name}@example.net>`,
      );
      return key;
    },
  ],
  [
    'a revoked subkey beside a good one',
    '-r-',
    async (name) => {
      const key = await keys.makeGpgKey(name, { signingSubkeys: ['ed25519', 'ed25519'] });
      await revokeSubkey(key, 1, '0');
      return key;
    },
  ],
  [
    'a superseded subkey',
    '--r',
    async (name) => {
      const key = await keys.makeGpgKey(name, { signingSubkeys: ['ed25519', 'ed25519'] });
      await revokeSubkey(key, 2, '2');
      return key;
    },
  ],
  [
    'a revoked key that has expired as well',
    'rr',
    async (name) => {
      const key = await keys.makeGpgKey(name, { ...old, signingSubkeys: ['ed25519'] });
      const revocation = await edit(['--gen-revoke', key.fingerprint], 'y', '2', '', 'y');
      must('gpg', await keys.gpg(['--import'], revocation));
      return key;
    },
  ],
  [
    'a key that appoints somebody to revoke it',
    '--',
    async (name) => {
      const [key, bob] = [
        await keys.makeGpgKey(name, { signingSubkeys: ['ed25519'] }),
        await keys.makeGpgKey('bob'),
      ];
      await edit(['--edit-key', key.fingerprint], 'addrevoker', bob.fingerprint, 'y', 'save');
      return key;
    },
  ],
  [
    'a key that is revoked by whom it appointed',
    'rr',
    async (name) => {
      const [key, carol] = [
        await keys.makeGpgKey(name, { signingSubkeys: ['ed25519'] }),
        await keys.makeGpgKey('carol'),
      ];
      await edit(['--edit-key', key.fingerprint], 'addrevoker', carol.fingerprint, 'y', 'save');
      const revocation = await edit(['--desig-revoke', key.fingerprint], 'y', '1', '', 'y');
      must('gpg', await keys.gpg(['--import'], revocation));
      return key;
    },
  ],
])('agrees with gpg on %s', async (_, expected, make) => {
  const key = await make('alice');
  const theirs = await accordingToGpg(key.fingerprint);
  // A letter for each key: revoked, expired, neither.
  expect(theirs.map(({ revoked, expired }) => (revoked ? 'r' : expired ? 'e' : '-')).join('')).toBe(expected);
  expect(await accordingToUs(key.fingerprint)).toEqual(theirs);
});
