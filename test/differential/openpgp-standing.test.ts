import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StandingProblem } from '../../src/core/identity/standing.ts';
import { must, openKeys } from '../keys/keys.ts';
import type { GpgKey, GpgKeyOptions, Keys } from '../keys/keys.ts';
import { gpgAnswer, openBytes, ourAnswer } from './answers.ts';
import type { Answer } from './answers.ts';

/**
 * What gpg says of keys that expired, were prolonged or revoked, and what we say. Keys are made in 2020 and judged in 2030;
 * where the two judge otherwise, the case says why.
 */
const TEXT = Buffer.from('text\n');
const MADE = '20200101T000000';
const SIGNED = '20200301T000000';
const LATER = '20210601T000000';
const JUDGED = '20300101T000000';
const JUDGED_AT = Date.UTC(2030, 0, 1) / 1000;
const YEAR = 'seconds=31536000';

interface Case {
  readonly name: string;
  readonly make: GpgKeyOptions;
  /** Which key of the certificate signs; 0 is the primary key. */
  readonly by?: number;
  readonly signWith?: readonly string[];
  /** What happens to the certificate between signing and judging. */
  readonly then?: (key: GpgKey) => Promise<unknown>;
  readonly gpg: Answer['says'];
  readonly ours: readonly StandingProblem[];
  readonly inHistory?: readonly StandingProblem[];
}

let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

const at = (time: string) => ['--faked-system-time', `${time}!`];
const mustGpg = async (args: readonly string[], input?: string) =>
  must('gpg', await keys.gpg(args, input === undefined ? undefined : Buffer.from(input)));
const prolong =
  (expires: string, time = LATER, ...subkeys: string[]) =>
  (key: GpgKey) =>
    mustGpg([...at(time), '--quick-set-expire', key.fingerprint, expires, ...subkeys]);
/** gpg's menu of reasons: 0 none, 1 compromised, 2 superseded, 3 no longer used. */
const revoke =
  (reason: 0 | 1 | 2 | 3, subkey?: number) =>
  (key: GpgKey): Promise<unknown> => {
    const chosen = subkey === undefined ? [] : [`key ${subkey}`];
    const answers = [...chosen, 'revkey', 'y', String(reason), '', 'y', 'save', ''].join('\n');
    return mustGpg(
      [...at(LATER), '--command-fd', '0', '--status-fd', '2', '--edit-key', key.fingerprint],
      answers,
    );
  };

const signing: GpgKeyOptions = { at: MADE };
const below: GpgKeyOptions = { at: MADE, usage: 'cert', signingSubkeys: ['ed25519', 'nistp256'] };
const CASES: readonly Case[] = [
  { name: 'a primary key', make: signing, gpg: 'good', ours: [] },
  { name: 'first subkey of a primary key that only certifies', make: below, by: 1, gpg: 'good', ours: [] },
  { name: 'second subkey of it', make: below, by: 2, gpg: 'good', ours: [] },
  expired('a primary key that expired', { ...signing, expires: YEAR }),
  expired('a subkey that expired with its primary key', { ...below, expires: YEAR }, 1),
  expired('a primary key whose end came forward', signing, 0, prolong(YEAR, SIGNED)),
  expired('a subkey whose end came forward', below, 1, prolong(YEAR, SIGNED, '*')),
  {
    name: 'a primary key that was prolonged',
    make: { ...signing, expires: YEAR },
    then: prolong('never', SIGNED),
    gpg: 'good',
    ours: [],
  },
  {
    name: 'a primary key that was prolonged after it expired',
    make: { ...signing, expires: YEAR },
    then: prolong('never'),
    gpg: 'good',
    ours: [],
  },
  {
    name: 'a subkey that was renewed with its primary key',
    make: { ...below, expires: YEAR },
    by: 1,
    then: async (key) => {
      await prolong('never', SIGNED)(key);
      await prolong('never', SIGNED, '*')(key);
    },
    gpg: 'good',
    ours: [],
  },
  expired('a subkey whose primary key alone was prolonged', { ...below, expires: YEAR }, 1, prolong('never')),
  revoked('a primary key revoked without a reason', 'hard', 0, revoke(0)),
  revoked('a primary key revoked as compromised', 'hard', 0, revoke(1)),
  revoked('a primary key revoked as superseded', 'soft', 0, revoke(2)),
  revoked('a primary key revoked as retired', 'soft', 0, revoke(3)),
  revoked('a subkey revoked without a reason', 'hard', 1, revoke(0, 1)),
  revoked('a subkey revoked as compromised', 'hard', 1, revoke(1, 1)),
  revoked('a subkey revoked as superseded', 'soft', 1, revoke(2, 1)),
  revoked('a subkey revoked as retired', 'soft', 1, revoke(3, 1)),
  revoked('a subkey of a revoked primary key', 'hard', 1, revoke(1)),
  {
    name: 'the other subkey of a revoked one',
    make: below,
    by: 2,
    then: revoke(1, 1),
    gpg: 'good',
    ours: [],
  },
  {
    name: 'a signature that ended by its own word',
    make: signing,
    signWith: ['--default-sig-expire', '1m'],
    gpg: 'good, signature expired',
    ours: ['signature-expired'],
    inHistory: [],
  },
];

function expired(name: string, make: GpgKeyOptions, by = 0, then?: Case['then']): Case {
  const rest = { gpg: 'good, key expired', ours: ['key-expired'], inHistory: [] } as const;
  return { name, make, by, ...(then && { then }), ...rest };
}

function revoked(name: string, kind: 'hard' | 'soft', by: number, then: Case['then']): Case {
  const ours: readonly StandingProblem[] = [kind === 'hard' ? 'key-revoked-hard' : 'key-revoked-soft'];
  const make = by === 0 ? signing : below;
  return {
    name,
    make,
    by,
    ...(then && { then }),
    gpg: 'good, key revoked',
    ours,
    inHistory: kind === 'hard' ? ours : [],
  };
}

describe('gpg and we agree on', () => {
  it.each(CASES)('$name', async ({ make, by = 0, signWith = [], then, gpg, ours, inHistory = ours }) => {
    const key = await keys.makeGpgKey('alice', make);
    const fingerprint = key.fingerprints[by] ?? '';
    const armor = await keys.signDetached(fingerprint, TEXT, [...at(SIGNED), ...signWith]);
    await then?.(key);
    const judged = await gpgAnswer(keys, armor, TEXT, JUDGED);
    const opened = await openBytes(await keys.exportCertificate(key.fingerprint));
    const said = await ourAnswer(opened, armor, TEXT, JUDGED_AT);
    expect(judged).toEqual({ says: gpg, fingerprint, primary: key.fingerprint });
    expect(said).toMatchObject({ answer: judged, problems: ours, inHistory });
    const tampered = Buffer.from('other\n');
    expect((await gpgAnswer(keys, armor, tampered, JUDGED)).says).toBe('bad');
    expect((await ourAnswer(opened, armor, tampered, JUDGED_AT)).answer.says).toBe('bad');
  });
});

describe('the end of a key', () => {
  // RFC 9580 section 5.2.3.13 leaves open whether the second of its end belongs to a key. Like openpgp.js we say no.
  it('comes for us one second before it comes for gpg', async () => {
    const key = await keys.makeGpgKey('alice', { at: MADE, expires: YEAR });
    const armor = await keys.signDetached(key, TEXT, at(SIGNED));
    const opened = await openBytes(key.certificate);
    const end = Date.UTC(2020, 0, 1) / 1000 + 31_536_000;
    for (const [time, seconds, gpg, ours] of [
      ['20201230T235959', end - 1, 'good', 'good'],
      ['20201231T000000', end, 'good', 'good, key expired'],
      ['20201231T000001', end + 1, 'good, key expired', 'good, key expired'],
    ] as const) {
      expect((await gpgAnswer(keys, armor, TEXT, time)).says).toBe(gpg);
      expect((await ourAnswer(opened, armor, TEXT, seconds)).answer.says).toBe(ours);
    }
  });
});
