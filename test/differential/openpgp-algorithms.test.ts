import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must, openKeys } from '../keys/keys.ts';
import type { GpgAlgorithm, GpgKey, Keys } from '../keys/keys.ts';
import { armorPgp } from '../keys/packets.ts';
import { gpgAnswer, openBytes, ourAnswer, readStatus } from './answers.ts';

/** Every algorithm that gpg 2.2 makes, as a primary key and as a signing subkey; tampered at every place that has a name. */
const TEXT = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\ntext\n');
const SUPPORTED: readonly GpgAlgorithm[] = [
  'rsa2048',
  'rsa3072',
  'nistp256',
  'nistp384',
  'nistp521',
  'ed25519',
];
/** Good to gpg, and refused by us on purpose (trust.md D21, README of the vectors). */
const STRICTER = [
  ['rsa1024', 'weak-key'],
  ['dsa2048', 'dsa-refused'],
  ['brainpoolP256r1', 'algorithm-unsupported'],
] as const satisfies readonly (readonly [GpgAlgorithm, string])[];

let keys: Keys;
let made: ReadonlyMap<GpgAlgorithm, GpgKey>;
beforeAll(async () => {
  keys = await openKeys();
  const all = [...SUPPORTED, ...STRICTER.map(([algorithm]) => algorithm)];
  made = new Map(
    await Promise.all(
      all.map(async (algorithm) => {
        const signingSubkeys: readonly GpgAlgorithm[] = SUPPORTED.includes(algorithm)
          ? [algorithm, 'ed25519']
          : [];
        return [algorithm, await keys.makeGpgKey('alice', { algorithm, signingSubkeys })] as const;
      }),
    ),
  );
});
afterAll(() => keys.close());

function keyOf(algorithm: GpgAlgorithm): GpgKey {
  const key = made.get(algorithm);
  if (key === undefined) throw new Error(algorithm);
  return key;
}

async function compare(key: GpgKey, armor: Uint8Array, payload: Uint8Array = TEXT) {
  const ours = await ourAnswer(await openBytes(key.certificate), armor, payload);
  expect(ours.answer).toEqual(await gpgAnswer(keys, armor, payload));
  return ours;
}

describe.each(SUPPORTED)('%s', (algorithm) => {
  it('is good to both as primary key and as either of two signing subkeys', async () => {
    const key = keyOf(algorithm);
    expect(key.fingerprints).toHaveLength(3);
    for (const fingerprint of key.fingerprints) {
      const { answer, problems } = await compare(key, await keys.signDetached(fingerprint, TEXT));
      expect(answer).toEqual({ says: 'good', fingerprint, primary: key.fingerprint });
      expect(problems).toEqual([]);
    }
  });

  it('is bad to both over another document', async () => {
    const armor = await keys.signDetached(keyOf(algorithm), TEXT);
    for (const payload of [Buffer.from(''), Buffer.concat([TEXT, Buffer.from('\n')]), TEXT.subarray(1)]) {
      expect((await compare(keyOf(algorithm), armor, payload)).answer.says).toBe('bad');
    }
  });

  it('is good to neither with a byte of the signature changed', async () => {
    const key = keyOf(algorithm);
    const packet = await binary(await keys.signDetached(key.fingerprint, TEXT));
    const opened = await openBytes(key.certificate);
    const answers = [];
    for (let step = 0; step <= 16; step += 1) {
      const at = Math.round((step * (packet.length - 1)) / 16);
      const armor = Buffer.from(armorPgp('SIGNATURE', flipped(packet, at)));
      const ours = await ourAnswer(opened, armor, TEXT);
      answers.push({
        at,
        gpg: (await gpgAnswer(keys, armor, TEXT)).says,
        ours: ours.answer.says,
        reason: ours.reason,
      });
    }
    // Nobody signed the unhashed area: gpg does not mind hints at the issuer that contradict each other, we do.
    const goodToGpg = answers.filter(({ gpg }) => gpg === 'good');
    expect(goodToGpg.filter(({ reason }) => reason !== 'signature-malformed')).toEqual([]);
    expect(answers.filter(({ ours }) => ours === 'good')).toEqual([]);
    expect(answers.at(-1)).toMatchObject({ gpg: 'bad', ours: 'bad' });
    expect(answers.length - goodToGpg.length).toBeGreaterThan(12);
  });

  it('speaks for nobody with a byte of its certificate changed', async () => {
    const key = keyOf(algorithm);
    const armor = await keys.signDetached(key.fingerprints[1] ?? '', TEXT);
    const certificate = await binary(key.certificate);
    const listed = await keys.gpg(['--list-packets'], certificate);
    const packets = [
      ...listed.stdout.toString().matchAll(/^# off=(\d+) ctb=\w+ tag=(\d+) hlen=(\d) plen=(\d+)/gm),
    ].map(([, offset, tag, header, length]) => ({
      tag,
      body: Number(offset) + Number(header),
      length: Number(length),
    }));
    // Primary key, user id, its self-signature, first subkey, its binding; what follows is the other subkey's.
    expect(packets.map(({ tag }) => tag)).toEqual(['6', '13', '2', '14', '2', '14', '2']);
    for (const { tag, body, length } of packets.slice(0, 5)) {
      for (const at of tag === '2'
        ? [body + 1, body + 3, body + length - 1]
        : [body + 2, body + length - 1]) {
        const changed = flipped(certificate, at);
        const { answer } = await ourAnswer(await openBytes(changed), armor, TEXT);
        expect([tag, at, answer.says === 'good', await isGoodWithOnly(changed, armor)]).toEqual([
          tag,
          at,
          false,
          false,
        ]);
      }
    }
    expect(await isGoodWithOnly(certificate, armor)).toBe(true);
  });
});

describe('we are stricter than gpg', () => {
  it.each(STRICTER)('with a key of type %s: %s', async (algorithm, reason) => {
    const key = keyOf(algorithm);
    const armor = await keys.signDetached(key, TEXT);
    expect((await gpgAnswer(keys, armor, TEXT)).says).toBe('good');
    expect(await ourAnswer(await openBytes(key.certificate), armor, TEXT)).toMatchObject({ reason });
  });

  it.each([
    [['--digest-algo', 'MD5'], 'weak-hash'],
    [['--digest-algo', 'SHA1'], 'weak-hash'],
    [['--digest-algo', 'RIPEMD160'], 'weak-hash'],
    [['--textmode'], 'text-mode-signature'],
  ])('with %j: %s', async (args, reason) => {
    const key = keyOf('rsa2048');
    const own = ['--allow-weak-digest-algos', ...args];
    const armor = await keys.signDetached(key.fingerprint, TEXT, own);
    expect((await gpgAnswer(keys, armor, TEXT)).says).toBe('good');
    expect(await ourAnswer(await openBytes(key.certificate), armor, TEXT)).toMatchObject({ reason });
  });

  it('with Ed25519 and SHA-224, which RFC 9580 section 5.2.3.3 forbids: weak-hash', async () => {
    const key = keyOf('ed25519');
    const armor = await keys.signDetached(key.fingerprint, TEXT, ['--digest-algo', 'SHA224']);
    expect((await gpgAnswer(keys, armor, TEXT)).says).toBe('good');
    expect(await ourAnswer(await openBytes(key.certificate), armor, TEXT)).toMatchObject({
      reason: 'weak-hash',
    });
  });

  it.each(['SHA224', 'SHA256', 'SHA384', 'SHA512'])('but not with %s', async (hash) => {
    const armor = await keys.signDetached(keyOf('rsa2048').fingerprint, TEXT, ['--digest-algo', hash]);
    expect((await compare(keyOf('rsa2048'), armor)).answer.says).toBe('good');
  });
});

it('neither knows a key that is not there', async () => {
  const armor = await keys.signDetached(keyOf('ed25519'), TEXT);
  const empty = await openKeys();
  try {
    expect((await gpgAnswer(empty, armor, TEXT)).says).toBe('unknown key');
    expect((await ourAnswer(await openBytes(keyOf('rsa2048').certificate), armor, TEXT)).answer.says).toBe(
      'unknown key',
    );
  } finally {
    await empty.close();
  }
});

async function binary(armored: Uint8Array): Promise<Buffer> {
  return must('gpg', await keys.gpg(['--dearmor'], armored));
}

function flipped(bytes: Uint8Array, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
  return changed;
}

/** What a gpg says that has nothing but this certificate. */
async function isGoodWithOnly(certificate: Uint8Array, armor: Uint8Array): Promise<boolean> {
  const ring = await keys.writeTemporary(certificate);
  const only = ['--no-default-keyring', '--keyring', `${ring}.kbx`];
  await keys.gpg([...only, '--import', ring]);
  const path = await keys.writeTemporary(armor);
  const { stdout } = await keys.gpg([...only, '--status-fd', '1', '--verify', path, '-'], TEXT);
  return readStatus(stdout.toString()).says === 'good';
}
