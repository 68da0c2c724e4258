import { expect, it } from 'vitest';
import { join } from 'node:path';
import { openCertificates } from '../../../src/core/identity/certificate.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import { must, run } from '../../keys/keys.ts';
import { armorPgp } from '../../keys/packets.ts';

const alice = makeHandKey('ed25519');
const bob = makeHandKey('p256', { version: 6 });
const subkey = makeHandKey('ed25519');
const ofAlice = makeHandCertificate({ primary: alice, subkeys: [{ key: subkey }] });
const ofBob = makeHandCertificate({ primary: bob });
const files = [ofAlice, ofBob].map((bytes, index) => ({ path: `${index}.gpg`, bytes }));

it('certificates are outlined without being judged, and judged once each when asked', async () => {
  const { outlines, unreadable, keys, judge } = await openCertificates([
    ...files,
    { path: 'text', bytes: Buffer.from('text') },
  ]);
  expect(unreadable).toEqual([{ path: 'text', reason: 'not-a-certificate' }]);
  expect(outlines.map(({ file, primary, keys: own }) => [file, primary, own.length])).toEqual([
    ['0.gpg', hexOf(alice), 2],
    ['1.gpg', hexOf(bob), 1],
  ]);
  expect(outlines[0]?.keys[0]).not.toHaveProperty('standing');
  expect(keys.find({ fingerprint: hexOf(subkey), keyId: null })).toMatchObject([{ primary: hexOf(alice) }]);
  expect(keys.find({ fingerprint: null, keyId: hexOf(bob).slice(0, 16) })).toMatchObject([
    { primary: hexOf(bob) },
  ]);
  expect(keys.find({ fingerprint: null, keyId: hexOf(bob).slice(-16) })).toEqual([]);

  const [first] = await judge([hexOf(bob), hexOf(bob), 'NOBODY']);
  const [again, other] = await judge([hexOf(bob), hexOf(alice)]);
  expect(again).toBe(first);
  expect([again?.primary, other?.primary]).toEqual([hexOf(bob), hexOf(alice)]);
  expect(other?.keys.map(({ standing }) => standing.binding)).toEqual(['verified', 'verified']);
});

/** Whether a process of its own has loaded the openpgp package after each of the steps. */
async function loads(certificates: readonly Uint8Array[]): Promise<unknown> {
  const texts = certificates.map((bytes) => armorPgp('PUBLIC KEY BLOCK', bytes));
  const source = join(import.meta.dirname, '../../../src/core/identity/certificate.ts');
  const script = `
    import { registerHooks } from 'node:module';
    let loaded = false;
    registerHooks({ resolve(name, context, next) { loaded ||= name === 'openpgp'; return next(name, context); } });
    const { openCertificates } = await import(${JSON.stringify(source)});
    const files = ${JSON.stringify(texts)}.map((text, index) => ({ path: String(index), bytes: Buffer.from(text) }));
    const { outlines, judge } = await openCertificates(files);
    const steps = [loaded];
    await judge([]);
    steps.push(loaded);
    await judge([outlines[0].primary]);
    steps.push(loaded);
    console.log(JSON.stringify(steps));`;
  return JSON.parse(
    must('node', await run(process.execPath, ['--input-type=module', '-e', script])).toString(),
  );
}

it('no library is needed to judge a certificate, nor to find out whose a shared key is', async () => {
  expect(await loads([ofAlice, ofBob])).toEqual([false, false, false]);
  const stolen = makeHandCertificate({ primary: bob });
  const mallory = makeHandCertificate({
    primary: makeHandKey('ed25519'),
    subkeys: [{ key: subkey, bindings: [{ back: null }] }],
  });
  expect(await loads([mallory, ofAlice, stolen])).toEqual([false, false, false]);
});
