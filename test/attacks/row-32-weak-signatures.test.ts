import { createMessage, readKey, readSignature, verify as libraryVerify } from 'openpgp';
import { describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { sshsig, string } from '../keys/authenticator.ts';
import { must, type GpgKey, type Keys } from '../keys/keys.ts';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, commitByHand, policyWith, reviewByHand } from './by-hand.ts';

const shared = useFork();
const WEAK = '--allow-weak-digest-algos';

interface Row {
  readonly what: string;
  readonly algorithm: 'rsa1024' | 'rsa2048' | 'dsa2048' | 'ed25519';
  readonly args: readonly string[];
  readonly status: 'bad' | 'malformed' | 'unsupported';
  readonly reason: string;
  /** Whether gpg takes it, told that weak hashes are fine. */
  readonly gpg: boolean;
  /** Whether the library takes it, told that everything is fine. */
  readonly library: boolean;
  readonly twice?: 'packets' | 'blocks';
}

const ROWS: readonly Row[] = [
  {
    what: 'SHA-1',
    algorithm: 'rsa2048',
    args: ['--digest-algo', 'SHA1'],
    status: 'bad',
    reason: 'weak-hash',
    gpg: true,
    library: true,
  },
  {
    what: 'MD5',
    algorithm: 'rsa2048',
    args: ['--digest-algo', 'MD5'],
    status: 'bad',
    reason: 'weak-hash',
    gpg: true,
    library: true,
  },
  {
    what: 'RIPEMD-160',
    algorithm: 'rsa2048',
    args: ['--digest-algo', 'RIPEMD160'],
    status: 'bad',
    reason: 'weak-hash',
    gpg: true,
    library: true,
  },
  {
    what: 'RSA of 1024 bits',
    algorithm: 'rsa1024',
    args: [],
    status: 'bad',
    reason: 'weak-key',
    gpg: true,
    library: true,
  },
  {
    what: 'DSA',
    algorithm: 'dsa2048',
    args: [],
    status: 'unsupported',
    reason: 'dsa-refused',
    gpg: true,
    library: true,
  },
  {
    what: 'text mode',
    algorithm: 'ed25519',
    args: ['--textmode'],
    status: 'bad',
    reason: 'text-mode-signature',
    gpg: true,
    library: true,
  },
  {
    what: 'two signatures in one armor',
    algorithm: 'ed25519',
    args: [],
    status: 'malformed',
    reason: 'several-signatures',
    gpg: true,
    library: true,
    twice: 'packets',
  },
  {
    what: 'two armored signatures',
    algorithm: 'ed25519',
    args: [],
    status: 'malformed',
    reason: 'several-signatures',
    gpg: false,
    library: true,
    twice: 'blocks',
  },
];

describe.each(ROWS)('row 32: $what', ({ algorithm, args, status, reason, gpg, library, twice }) => {
  test(`is refused as ${reason}, also where the library would accept it`, async () => {
    const { fork } = shared;
    const key = await fork.keys.makeGpgKey('erin', { algorithm });
    const sign = (bytes: Uint8Array) => signWeakly(fork.keys, key, bytes, args, twice);
    const payload = Buffer.from('text\n');
    const armor = await sign(payload);
    const ring = await openKeyring([{ path: 'erin.asc', bytes: key.certificate }]);
    const proof = await verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, ring.keys);
    expect(proof).toMatchObject({ kind: 'openpgp', status, reason, key: null });
    if (gpg) expect(await gpgAccepts(fork.keys, armor, payload)).toBe(true);
    expect(await libraryAccepts(key, armor, payload)).toBe(library);

    const base = await policyWith(fork, { erin: key });
    const signed = await fork.verify(base, await commitByHand(fork, base, sign));
    expect(aboutCommit(signed)).toMatchObject({
      code: status === 'unsupported' ? 'commit-signature-unsupported' : 'commit-signature-bad',
      outcome: 'fail',
      reason,
    });
    const head = await fork.commit({ as: 'alice', on: base });
    const reviewed = await fork.verify(base, head, [
      await reviewByHand(fork, { as: 'erin', base, head }, sign),
    ]);
    // In a comment a second block is a signature without a text, and what stands before it counts for itself.
    if (twice === 'blocks') {
      expect(aboutStatement(reviewed)).toMatchObject({ code: 'statement-broken', problem: 'text-missing' });
      return;
    }
    expect(reviewed.people.approvers).toEqual([]);
    expect(aboutStatement(reviewed)).toMatchObject({ code: 'statement-signature', reason });
  });
});

test('row 32: ssh-rsa with SHA-1, and an SSHSIG that hashes with SHA-1, are refused', async () => {
  const { fork } = shared;
  const alice = fork.people.get('alice');
  if (alice?.kind !== 'ssh') throw new Error('alice has no SSH key');
  const blob = Buffer.from(alice.publicKey.split(' ')[1] ?? '', 'base64');
  const base = await fork.setPolicy();
  const value = Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(64))]);
  const head = await commitByHand(fork, base, () => sshsig(blob, 'git', value, { hashName: 'sha1' }));
  expect(aboutCommit(await fork.verify(base, head))).toMatchObject({ reason: 'weak-hash' });
});

async function signWeakly(
  keys: Keys,
  key: GpgKey,
  bytes: Uint8Array,
  args: readonly string[],
  twice: Row['twice'],
): Promise<Uint8Array> {
  const armor = await keys.signDetached(key, bytes, [WEAK, ...args]);
  if (twice === undefined) return armor;
  if (twice === 'blocks') return Buffer.concat([armor, armor]);
  const packets = must('gpg', await keys.gpg(['--dearmor'], armor));
  const both = Buffer.concat([packets, packets]).toString('base64');
  return Buffer.from(`-----BEGIN PGP SIGNATURE-----\n\n${both}\n-----END PGP SIGNATURE-----\n`);
}

async function gpgAccepts(keys: Keys, armor: Uint8Array, payload: Uint8Array): Promise<boolean> {
  const path = await keys.writeTemporary(armor);
  const { code } = await keys.gpg([WEAK, '--verify', path, '-'], payload);
  return code === 0;
}

/** The library with every refusal switched off: what must not rest on its defaults. */
async function libraryAccepts(key: GpgKey, armor: Uint8Array, payload: Uint8Array): Promise<boolean> {
  const config = {
    rejectHashAlgorithms: new Set<number>(),
    rejectMessageHashAlgorithms: new Set<number>(),
    rejectPublicKeyAlgorithms: new Set<number>(),
    rejectCurves: new Set<never>(),
    minRSABits: 512,
  };
  try {
    const certificate = await readKey({ armoredKey: Buffer.from(key.certificate).toString(), config });
    const { signatures } = await libraryVerify({
      message: await createMessage({ binary: payload }),
      signature: await readSignature({ armoredSignature: Buffer.from(armor).toString(), config }),
      verificationKeys: certificate.toPublic(),
      format: 'binary',
      config,
    });
    return (await Promise.all(signatures.map(({ verified }) => verified))).every(Boolean);
  } catch {
    return false;
  }
}
