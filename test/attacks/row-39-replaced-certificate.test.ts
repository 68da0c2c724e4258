import { expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../keys/hand-keys.ts';
import {
  armorPgp,
  issuerFingerprint,
  issuerKeyId,
  packet,
  signByHand,
  subpacket,
  TAG,
  number,
} from '../keys/packets.ts';
import { useFork } from './attack.ts';
import { aboutCommit, commitByHand, handPerson, handSign, policyWith } from './by-hand.ts';

const shared = useFork();
const erin = makeHandKey('ed25519-legacy');
const mallory = makeHandKey('ed25519-legacy');

/** Mallory's certificate with everything in it that a person or a tool may read as erin's. */
function disguised() {
  const person = handPerson('erin', {
    primary: mallory,
    userIds: [{ text: 'erin <erin@example.org>' }, { text: hexOf(erin) }],
  });
  const text = Buffer.from(person.certificate)
    .toString()
    .replace('BLOCK-----\n', `BLOCK-----\nComment: ${hexOf(erin)}\nFingerprint: ${hexOf(erin)}\n`);
  return { ...person, certificate: Buffer.from(text) };
}

test('row 39: a file that is named after a pinned fingerprint and holds another certificate makes nobody a signer', async () => {
  const { fork } = shared;
  const right = await policyWith(fork, { erin: handPerson('erin', { primary: erin }) });
  const before = await fork.verify(right, await commitByHand(fork, right, handSign(erin)));
  expect(before.people.authors).toEqual(['erin']);

  // The policy pins erin's fingerprint; her file holds mallory's key.
  const replaced = await policyWith(fork, { erin: { ...disguised(), fingerprint: hexOf(erin) } });
  const forged = await fork.verify(replaced, await commitByHand(fork, replaced, handSign(mallory)));
  expect(aboutCommit(forged)).toMatchObject({
    code: 'commit-key-unknown',
    outcome: 'fail',
    key: hexOf(mallory),
  });
  expect(forged.people.authors).toEqual([]);
  expect(forged.codes).toContain('certificate-missing');
  const hers = await fork.verify(replaced, await commitByHand(fork, replaced, handSign(erin)));
  expect(aboutCommit(hers)).toMatchObject({ code: 'commit-key-unknown', key: hexOf(erin) });
});

test('row 39: beside the right certificate another one under its name changes nothing', async () => {
  const { fork } = shared;
  for (const name of ['0', 'z']) {
    const files = {
      [`.countersign/keys/${name}-${hexOf(erin)}.asc`]: Buffer.from(disguised().certificate).toString(),
    };
    const base = await policyWith(fork, { erin: handPerson('erin', { primary: erin }) }, { files });
    const report = await fork.verify(base, await commitByHand(fork, base, handSign(erin)));
    expect(report.people.authors).toEqual(['erin']);
    const forged = await fork.verify(base, await commitByHand(fork, base, handSign(mallory)));
    expect(aboutCommit(forged)).toMatchObject({ code: 'commit-key-unknown' });
  }
});

test("row 39: a signature that names erin's key and was made by another does not become hers", async () => {
  const { fork } = shared;
  const files = { '.countersign/keys/mallory.asc': Buffer.from(disguised().certificate).toString() };
  const base = await policyWith(fork, { erin: handPerson('erin', { primary: erin }) }, { files });
  const time = subpacket(2, number(1_700_000_000, 4));
  for (const names of [
    { hashed: [time, issuerFingerprint(erin)], unhashed: [] },
    { hashed: [time, issuerKeyId(erin)], unhashed: [] },
    { hashed: [time], unhashed: [issuerKeyId(erin)] },
    { hashed: [time], unhashed: [issuerFingerprint(erin)] },
  ]) {
    const report = await fork.verify(base, await commitByHand(fork, base, handSign(mallory, names)));
    expect(aboutCommit(report)).toMatchObject({ code: 'commit-signature-bad', reason: 'signature-bad' });
    expect(report.people.authors).toEqual([]);
  }
  // Two names in one signature: nobody is to choose between them.
  const both = handSign(mallory, {
    hashed: [time, issuerFingerprint(mallory)],
    unhashed: [issuerKeyId(erin)],
  });
  const report = await fork.verify(base, await commitByHand(fork, base, both));
  expect(aboutCommit(report)).toMatchObject({ code: 'commit-signature-bad', reason: 'signature-malformed' });
});

test('row 39: fingerprints are computed from the material, for keys of both versions', async () => {
  for (const version of [4, 6] as const) {
    const key = makeHandKey('ed25519', { version });
    const bytes = makeHandCertificate({ primary: key });
    const named = { path: `${hexOf(erin)}.asc`, bytes };
    const { keyring, keys } = await openKeyring([named]);
    expect(keyring.certificates.map(({ primary }) => primary)).toEqual([hexOf(key)]);
    expect(keys.find({ fingerprint: hexOf(erin), keyId: null })).toEqual([]);

    // A bit of the material, or of the creation time, is another key with another fingerprint.
    for (const at of [bytes.indexOf(key.body) + 2, bytes.indexOf(key.body) + key.body.length - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      const other = await openKeyring([{ path: named.path, bytes: changed }]);
      expect(other.keyring.certificates.map(({ primary }) => primary)).not.toContain(hexOf(key));
      const payload = Buffer.from('text\n');
      const armor = Buffer.from(armorPgp('SIGNATURE', packet(TAG.signature, signByHand(key, payload))));
      const claim = { payload, armor, form: 'detached', namespace: 'git' } as const;
      expect((await verifySignature(claim, keys)).status).toBe('good');
      expect((await verifySignature(claim, other.keys)).status).toBe('unknown-key');
    }
  }
});
