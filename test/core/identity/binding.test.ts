import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import { standingOf } from '../../../src/core/identity/standing.ts';
import { parsePackets } from '../../../src/core/signature/openpgp-packet.ts';
import { verifySignature } from '../../../src/core/signature/verify.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { GpgKey, Keys } from '../../keys/keys.ts';
import { stealSubkey } from '../../keys/thief.ts';
import { keyOf, NOW, use } from './opened.ts';

const TEXT = Buffer.from('text\n');
let keys: Keys;
beforeAll(async () => {
  keys = await openKeys();
});
afterAll(() => keys.close());

const binary = async (armored: Uint8Array) =>
  new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], armored)));

describe('a key', () => {
  it('bound with SHA-1 is bound where that was before February 2023 only', async () => {
    const args = ['--cert-digest-algo', 'SHA1', '--allow-weak-digest-algos'];
    const options = { args, algorithm: 'rsa2048' } as const;
    const old = await keys.makeGpgKey('alice', { ...options, at: '20230131T000000' });
    const late = await keys.makeGpgKey('alice', { ...options, at: '20230202T000000' });
    expect(must('gpg', await keys.gpg(['--list-packets'], late.certificate)).toString()).toContain(
      'digest algo 2,',
    );
    expect(standingOf(await keyOf(old.certificate), use(NOW, true))).toEqual([]);
    expect(standingOf(await keyOf(late.certificate), use(NOW, true))).toEqual(['binding-bad']);
    const worse = await keys.makeGpgKey('alice', {
      algorithm: 'rsa2048',
      args: ['--cert-digest-algo', 'MD5', '--allow-weak-digest-algos'],
      at: '20100101T000000',
    });
    expect(standingOf(await keyOf(worse.certificate), use(NOW, true))).toEqual(['binding-bad']);
  });

  it('of somebody else, taken below one’s own primary key, has no back signature (attack 33)', async () => {
    const alice = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
    const stolen = await stealFrom(alice);
    const key = await keyOf(stolen, 1);
    expect(key.fingerprint).toBe(alice.fingerprints[1]);
    expect(key.standing).toMatchObject({ binding: 'verified', canSign: true, backSignature: 'missing' });
    expect(standingOf(key, use(NOW, true))).toEqual(['back-signature-missing']);
    // Whichever file comes first, what the subkey signs is its owner's.
    const signature = await keys.signDetached(alice.fingerprints[1] ?? '', TEXT);
    for (const files of [
      [stolen, alice.certificate],
      [alice.certificate, stolen],
    ]) {
      expect((await proof(files, signature)).key).toMatchObject({ primary: alice.fingerprint });
    }
  });

  it('put below another certificate as it is, is not bound', async () => {
    const [alice, mallory] = [
      await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] }),
      await keys.makeGpgKey('mallory'),
    ];
    const tail = await packetsFrom(alice.certificate, 14);
    const certificate = Buffer.concat([await binary(mallory.certificate), tail]);
    // Its own binding names alice: nobody claims it for mallory.
    expect(standingOf(await keyOf(certificate, 1), use(NOW, true))).toEqual(['key-not-bound']);
  });

  it('is not bound by signatures with one changed bit', async () => {
    const alice = await keys.makeGpgKey('alice', { signingSubkeys: ['ed25519'] });
    const bytes = Buffer.from(await binary(alice.certificate));
    let unbound = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        const { keyring } = await openKeyring([{ path: 'a', bytes: changed }]);
        const all = keyring.certificates.flatMap((certificate) => certificate.keys);
        unbound += all.filter(({ standing }) => standing.binding !== 'verified').length;
        // What is still bound is what alice made.
        const bound = all
          .filter(({ standing }) => standing.binding === 'verified')
          .map(({ fingerprint }) => fingerprint);
        expect(alice.fingerprints).toEqual(expect.arrayContaining(bound));
        expect(all.every(({ standing }) => standing.expiresAt === null && standing.revoked === null)).toBe(
          true,
        );
      }),
      { numRuns: 300 },
    );
    expect(unbound).toBeGreaterThan(0);
  });
});

async function proof(certificates: Uint8Array | readonly Uint8Array[], armor: Uint8Array) {
  const list = certificates instanceof Uint8Array ? [certificates] : certificates;
  const { keys } = await openKeyring(list.map((bytes, index) => ({ path: String(index), bytes })));
  return verifySignature({ payload: TEXT, armor, form: 'detached', namespace: 'git' }, keys);
}

/** A certificate's binary packets from the first one of type `tag`, by the offsets that gpg lists. */
async function packetsFrom(certificate: Uint8Array, tag: number): Promise<Uint8Array> {
  const bytes = await binary(certificate);
  const listed = must('gpg', await keys.gpg(['--list-packets'], bytes)).toString();
  const offset = new RegExp(`off=(\\d+) ctb=\\w+ tag=${tag} `).exec(listed)?.[1];
  if (offset === undefined) throw new Error('no such packet');
  return bytes.subarray(Number(offset));
}

/** Mallory's certificate over the body of alice's first subkey packet. */
async function stealFrom(alice: GpgKey): Promise<Uint8Array> {
  const [first] = parsePackets(await packetsFrom(alice.certificate, 14));
  if (first === undefined) throw new Error('no subkey');
  return stealSubkey(first.body);
}
