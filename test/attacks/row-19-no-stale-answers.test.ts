import { expect, test } from 'vitest';
import { openCertificates } from '../../src/core/identity/certificate.ts';
import { parseSshKeyBlob, parseSshPublicKey } from '../../src/core/signature/ssh-key.ts';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { makeAuthenticator, string } from '../keys/authenticator.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../keys/hand-keys.ts';
import { useFork } from './attack.ts';
import { aboutCommit, policyWith, revoked } from './by-hand.ts';

const shared = useFork();

test('row 19: the same commit in the same process, under another roster, gets another answer', async () => {
  const { fork } = shared;
  const key = await fork.keys.makeSshKey('erin');
  const base = await policyWith(fork, { erin: key });
  fork.people.set('erin', key);
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'erin', on: base });
  fork.people.delete('erin');
  const without = await fork.setPolicy({}, { on: base });
  const groups = { maintainers: ['alice', 'bob'], core: ['alice', 'bob'], admins: ['alice', 'bob', 'carol'] };
  const ask = async (tip: string) => (await fork.verify(tip, head)).people.authors;

  expect(await ask(base)).toEqual(['erin']);
  expect(aboutCommit(await fork.verify(without, head))).toMatchObject({ code: 'commit-key-unknown' });
  expect(await ask(base)).toEqual(['erin']);

  const carols = await fork.commit({ files: { 'pkgs/b.nix': '1\n' }, as: 'carol', on: base });
  const narrower = await fork.setPolicy({ groups }, { on: base });
  expect((await fork.verify(base, carols)).codes).not.toContain('commit-signer-not-allowed');
  expect((await fork.verify(narrower, carols)).codes).toContain('commit-signer-not-allowed');
  expect((await fork.verify(base, carols)).codes).not.toContain('commit-signer-not-allowed');
});

test('row 19: the same commit, under the same roster with another certificate, gets another answer', async () => {
  const { fork } = shared;
  const key = await fork.keys.makeGpgKey('erin');
  const base = await policyWith(fork, { erin: key });
  fork.people.set('erin', key);
  const head = await fork.commit({ files: { 'pkgs/a.nix': '1\n' }, as: 'erin', on: base });
  fork.people.delete('erin');
  const { certificate } = await revoked(fork.keys, key, 1);
  const file = `.countersign/keys/${key.fingerprint}.asc`;
  const after = await fork.commit({
    files: { [file]: Buffer.from(certificate).toString() },
    as: 'alice',
    on: base,
  });
  const gone = await fork.commit({ files: { [file]: null }, as: 'alice', on: base });

  expect((await fork.verify(base, head)).people.authors).toEqual(['erin']);
  expect(aboutCommit(await fork.verify(after, head))).toMatchObject({ problems: ['key-revoked-hard'] });
  expect((await fork.verify(base, head)).people.authors).toEqual(['erin']);
  expect(aboutCommit(await fork.verify(gone, head))).toMatchObject({ code: 'commit-key-unknown' });
});

test('row 19: what is remembered of a certificate belongs to the bytes that were opened', async () => {
  const primary = makeHandKey('ed25519-legacy');
  const fingerprint = hexOf(primary);
  const sound = makeHandCertificate({ primary });
  const ended = makeHandCertificate({ primary, revocations: [{ revocationReason: 1 }] });
  const standing = async (opened: Awaited<ReturnType<typeof openCertificates>>) =>
    (await opened.judge([fingerprint]))[0]?.keys[0]?.standing.revoked?.kind ?? null;
  const [before, after] = [
    await openCertificates([{ path: 'a.asc', bytes: sound }]),
    await openCertificates([{ path: 'a.asc', bytes: ended }]),
  ];
  expect([await standing(before), await standing(after)]).toEqual([null, 'soft']);
  // Asked again, in the other order: each still says what its own bytes say.
  expect([await standing(after), await standing(before)]).toEqual(['soft', null]);
  expect(await standing(await openCertificates([{ path: 'a.asc', bytes: sound }]))).toBeNull();
});

test('row 19: SSH keys that differ in one bit, or in the application alone, share nothing', async () => {
  const payload = Buffer.from('text\n');
  const token = makeAuthenticator('ed25519', 'ssh:');
  const [type = '', base64 = ''] = token.publicKey.split(' ');
  const blob = Buffer.from(base64, 'base64');
  const armor = token.sign(payload, 'git');
  const verify = (signature: Uint8Array) =>
    verifySignature({ payload, armor: signature, form: 'detached', namespace: 'git' }, noKeys);
  const first = parseSshPublicKey(token.publicKey);
  expect((await verify(armor)).status).toBe('good');

  const other = Buffer.concat([blob.subarray(0, -8), string('ssh:')]);
  expect(other).toEqual(blob);
  const applications = [string('ssh;'), string('ssh:x'), string('')];
  for (const application of applications) {
    const renamed = Buffer.concat([blob.subarray(0, -8), application]);
    const parsed = parseSshPublicKey(`${type} ${renamed.toString('base64')}`);
    if (!parsed.ok || !first.ok) throw new Error('both are keys');
    expect(parsed.key.blob).not.toBe(first.key.blob);
    expect(parsed.key.fingerprint).not.toBe(first.key.fingerprint);
    expect(Buffer.from(parseSshKeyBlob(renamed).application ?? []).toString()).toBe(
      application.subarray(4).toString(),
    );
  }
  // Every neighbour of a key that was just used is read for itself, and none of them answers for the other.
  let neighbours = 0;
  for (let bit = 0; bit < blob.length * 8; bit += 1) {
    const changed = Buffer.from(blob);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const parsed = parseSshPublicKey(`${type} ${changed.toString('base64')}`);
    if (!parsed.ok) continue;
    neighbours += 1;
    expect(parsed.key.blob).toBe(changed.toString('base64'));
    expect(first.ok && parsed.key.fingerprint === first.key.fingerprint).toBe(false);
    const resigned = Buffer.from(Buffer.from(armor).toString(), 'latin1');
    const swapped = swapBlob(resigned, blob, changed);
    expect((await verify(swapped)).status).toBe('bad');
  }
  expect(neighbours).toBeGreaterThan(0);
  expect((await verify(armor)).status).toBe('good');
});

/** The same armored SSHSIG with another key in it. */
function swapBlob(armor: Uint8Array, from: Buffer, to: Buffer): Uint8Array {
  const lines = Buffer.from(armor).toString().split('\n').slice(1, -2);
  const bytes = Buffer.from(lines.join(''), 'base64');
  const at = bytes.indexOf(from);
  const changed = Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + from.length)]);
  return Buffer.from(
    `-----BEGIN SSH SIGNATURE-----\n${changed.toString('base64')}\n-----END SSH SIGNATURE-----\n`,
  );
}
