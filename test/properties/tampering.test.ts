import { beforeAll, describe, expect, test } from 'vitest';
import { openCertificates } from '../../src/core/identity/certificate.ts';
import { noKeys, type VerificationKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { checkProof } from './meaning.ts';
import { LIGHT } from './runs.ts';
import { armored, flips, readSpecimens, type Specimen } from './specimen.ts';

const specimens = readSpecimens();
const rings = new Map<string, VerificationKeys>();
beforeAll(async () => {
  for (const { name, certificate } of specimens) rings.set(name, await ringOf(certificate));
});

async function ringOf(certificate: Uint8Array): Promise<VerificationKeys> {
  if (certificate.length === 0) return noKeys;
  return (await openCertificates([{ path: 'a', bytes: certificate }])).keys;
}

function verify(
  { kind, name }: Specimen,
  signature: Uint8Array,
  payload: Uint8Array,
  keys = rings.get(name) ?? noKeys,
) {
  const armor = armored({ kind }, signature);
  return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys);
}

/** All bits of what is quick to verify, one in each byte of the rest; in a light run of some bytes only. */
function changesOf(bytes: Uint8Array, thorough: boolean): readonly (readonly [number, Buffer])[] {
  const all = [...flips(bytes, thorough && !LIGHT ? undefined : [bytes.length % 8])];
  return LIGHT ? all.filter((_, index) => index % Math.ceil(all.length / 24) === 0) : all;
}

/** Runs through all changes, some at a time, so that the pool of threads is used. */
async function forAll<T>(changes: Iterable<T>, check: (change: T) => Promise<void>): Promise<number> {
  let count = 0;
  let some: Promise<void>[] = [];
  for (const change of changes) {
    count += 1;
    some.push(check(change));
    if (some.length === 64) {
      await Promise.all(some);
      some = [];
    }
  }
  await Promise.all(some);
  return count;
}

describe.each(specimens.map((one) => [one.name, one] as const))('one changed bit: %s', (_, one) => {
  test('unchanged it is good', async () => {
    const proof = await verify(one, one.signature, one.payload);
    expect([proof.status, proof.key?.fingerprint]).toEqual(['good', one.fingerprint]);
  });

  test('in the signature ends it, unless it is where nothing but a hint stands', async () => {
    let hints = 0;
    const count = await forAll(
      changesOf(one.signature, one.signature.length <= 320),
      async ([offset, changed]) => {
        const proof = await verify(one, changed, one.payload);
        checkProof(specimens, one.payload, armored(one, changed), proof);
        if (proof.status === 'good') hints += 1;
        else expect([offset, proof.reason]).not.toEqual([offset, null]);
      },
    );
    expect(count).toBeGreaterThanOrEqual(LIGHT ? 16 : one.signature.length);
    // An SSHSIG has no hints; specimens of OpenPGP have an empty unhashed area, so what is left is an RSA number's length.
    expect(hints).toBeLessThanOrEqual(one.kind === 'ssh' ? 0 : 24);
  });

  test('in what was signed makes it bad', async () => {
    const cut = [
      one.payload.subarray(1),
      one.payload.subarray(0, -1),
      Buffer.concat([one.payload, one.payload]),
    ];
    const changes = [
      ...changesOf(one.payload, one.signature.length <= 320),
      ...cut.map((changed) => [-1, changed] as const),
    ];
    await forAll(changes, async ([, changed]) => {
      expect(await verify(one, one.signature, changed)).toMatchObject({
        status: 'bad',
        reason: 'signature-bad',
      });
    });
  });

  test('in the key ends it', async () => {
    // A changed SSH key is a changed signature, which carries it: the test above has been there.
    if (one.kind === 'ssh') return;
    const at = one.certificate.indexOf(one.key);
    expect(at).toBeGreaterThan(0);
    const others = await forAll(changesOf(one.key, false), async ([offset, key]) => {
      const certificate = Buffer.concat([
        one.certificate.subarray(0, at),
        key,
        one.certificate.subarray(at + key.length),
      ]);
      const proof = await verify(one, one.signature, one.payload, await ringOf(certificate));
      expect([offset, proof.status]).not.toEqual([offset, 'good']);
    });
    expect(others).toBeGreaterThanOrEqual(LIGHT ? 16 : one.key.length);
  });

  test('is not needed where another key of the same kind is asked', async () => {
    for (const other of specimens) {
      if (other.name === one.name || one.kind === 'ssh') continue;
      expect((await verify(one, one.signature, one.payload, rings.get(other.name))).status).not.toBe('good');
    }
  });
});
