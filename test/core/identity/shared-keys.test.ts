import { describe, expect, it } from 'vitest';
import { openCertificates } from '../../../src/core/identity/certificate.ts';
import { FLAG, makeHandCertificate } from '../../keys/hand-certificates.ts';
import type { Binding, HandCertificate } from '../../keys/hand-certificates.ts';
import { hexOf, makeHandKey } from '../../keys/hand-keys.ts';
import { mpi } from '../../keys/packets.ts';

const FALSE_VALUE = Buffer.concat([mpi(Buffer.alloc(32, 1)), mpi(Buffer.alloc(32, 1))]);
const alice = makeHandKey('ed25519-legacy');
const mallory = makeHandKey('ed25519-legacy');
const shared = makeHandKey('ed25519-legacy');
const other = makeHandKey('ed25519-legacy');

const opened = (...certificates: readonly HandCertificate[]) =>
  openCertificates(
    certificates.map((certificate, index) => ({
      path: String(index),
      bytes: makeHandCertificate(certificate),
    })),
  );
const withShared = (binding: Binding, parts: Partial<HandCertificate> = {}): HandCertificate => ({
  primary: mallory,
  subkeys: [{ key: shared, bindings: [binding] }],
  ...parts,
});

describe('a subkey in two certificates is that of its owner first', () => {
  const ofAlice = { primary: alice, subkeys: [{ key: shared }] };

  it.each<[string, HandCertificate]>([
    ['does not bind it', withShared({ value: FALSE_VALUE })],
    ['binds it without its consent', withShared({ back: null })],
    ['binds it with a false consent', withShared({ back: { value: FALSE_VALUE } })],
    ['binds it with its consent, but not for signing', withShared({ flags: FLAG.encrypt })],
    ['binds it with its consent, but has no self-signature', withShared({}, { userIds: [] })],
  ])('where the other one %s', async (_, ofMallory) => {
    for (const certificates of [
      [ofMallory, ofAlice],
      [ofAlice, ofMallory],
    ]) {
      const { keys } = await opened(...certificates);
      const found = keys.find({ fingerprint: hexOf(shared), keyId: null });
      expect(found.map(({ primary }) => primary)).toEqual([hexOf(alice), hexOf(mallory)]);
      const named = keys.find({ fingerprint: null, keyId: hexOf(shared).slice(-16) });
      expect(named.map(({ primary }) => primary)).toEqual([hexOf(alice), hexOf(mallory)]);
    }
  });

  it('and in the order of the files where it signs for both', async () => {
    const { keys } = await opened(withShared({}), ofAlice);
    const found = keys.find({ fingerprint: hexOf(shared), keyId: null });
    expect(found.map(({ primary }) => primary)).toEqual([hexOf(mallory), hexOf(alice)]);
  });
});

it('certificates are judged once each, and those that are not there not at all', async () => {
  const { judge } = await opened({ primary: alice }, { primary: mallory, subkeys: [{ key: other }] });
  const [first, ...none] = await judge([hexOf(alice), hexOf(alice), hexOf(other)]);
  expect(first?.primary).toBe(hexOf(alice));
  expect(none).toEqual([]);
  const [second, again] = await judge([hexOf(mallory), hexOf(alice)]);
  expect(again).toBe(first);
  expect(second?.keys.map(({ standing }) => standing.binding)).toEqual(['verified', 'verified']);
});
