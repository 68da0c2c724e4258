import { describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/core/identity/certificate.ts';
import { FLAG, makeHandCertificate, type Binding, type HandSubkey } from '../keys/hand-certificates.ts';
import { hexOf, makeHandKey, type HandKey } from '../keys/hand-keys.ts';
import { HAND_TIME, issuerFingerprint, mpi, number, subpacket } from '../keys/packets.ts';
import { useFork } from './attack.ts';
import {
  aboutCommit,
  aboutStatement,
  commitByHand,
  handPerson,
  handSign,
  policyWith,
  reviewByHand,
} from './by-hand.ts';

const shared = useFork();
const primary = makeHandKey('ed25519-legacy');
const subkey = makeHandKey('p256');
const mallory = makeHandKey('ed25519-legacy');

/** What a signature by `subkey` gets where erin's certificate has it bound in this way. */
async function judge(parts: { subkeys: readonly HandSubkey[] }, signer: HandKey = subkey) {
  const { fork } = shared;
  const base = await policyWith(fork, { erin: handPerson('erin', { primary, ...parts }) });
  const signed = await commitByHand(fork, base, handSign(signer));
  const head = await fork.commit({ as: 'alice', on: base });
  const approval = await reviewByHand(fork, { as: 'erin', base, head }, handSign(signer));
  return { signed: await fork.verify(base, signed), approved: await fork.verify(base, head, [approval]) };
}

const good: Binding = {};

test('row 33: a subkey that is bound, may sign and signs back does count: what follows fails for its own reason', async () => {
  const { signed, approved } = await judge({ subkeys: [{ key: subkey }] });
  expect(signed.people.authors).toEqual(['erin']);
  expect(approved.people.approvers).toEqual(['erin']);
  const unhashed = await judge({ subkeys: [{ key: subkey, bindings: [{ back: { area: 'unhashed' } }] }] });
  expect(unhashed.signed.people.authors).toEqual(['erin']);
});

describe('row 33: a subkey does not count', () => {
  const other = makeHandKey('p256');
  const one = mpi(Buffer.alloc(32, 1));
  const asErin = [subpacket(2, number(HAND_TIME, 4)), issuerFingerprint(primary)];
  test.each<[string, readonly Binding[], readonly string[]]>([
    ['without a back signature', [{ back: null }], ['back-signature-missing']],
    [
      'with a back signature over something else',
      [{ back: { value: Buffer.concat([one, one]) } }],
      ['back-signature-bad'],
    ],
    [
      'with a back signature that is cut off',
      [{ back: { value: Buffer.alloc(64, 1) } }],
      ['back-signature-bad'],
    ],
    ['with a back signature by another key', [{ back: { by: other } }], ['back-signature-bad']],
    ['with a back signature of another type', [{ back: { type: 0x18 } }], ['back-signature-bad']],
    ['without the flag for signing', [{ flags: FLAG.authenticate }], ['key-not-for-signing']],
    ['for encryption only', [{ flags: FLAG.encrypt }], ['key-not-for-signing']],
    ['without any flags', [{ flags: null }], ['key-not-for-signing']],
    [
      'whose newest binding takes the flag away',
      [good, { flags: FLAG.authenticate, createdAt: 1_700_000_001 }],
      ['key-not-for-signing'],
    ],
    [
      'bound by another key in the name of the primary key',
      [{ by: mallory, hashed: asErin }],
      ['binding-bad'],
    ],
    ['bound by another key', [{ by: mallory }], ['key-not-bound']],
    ['bound with a wrong type', [{ type: 0x10 }], ['key-not-bound']],
    ['not bound at all', [], ['key-not-bound']],
  ])('%s', async (_, bindings, problems) => {
    const { signed, approved } = await judge({ subkeys: [{ key: subkey, bindings }] });
    const about = aboutCommit(signed);
    expect(about).toMatchObject({ code: 'commit-key-standing', outcome: 'fail' });
    expect(about['problems']).toEqual(expect.arrayContaining([...problems]));
    expect(aboutStatement(approved)).toMatchObject({ code: 'statement-key-standing' });
    expect([signed.people.authors, approved.people.approvers]).toEqual([[], []]);
  });
});

describe('row 33: a subkey of another certificate', () => {
  const alices = { primary, subkeys: [{ key: subkey }] };
  /** Mallory claims erin's subkey: all of her own signatures are right, and she has no back signature to give. */
  const claimed = { primary: mallory, subkeys: [{ key: subkey, bindings: [{ back: null }] }] };

  test('taken below a primary key of its own speaks for its owner, whichever file comes first', async () => {
    const { fork } = shared;
    for (const name of ['aaa', 'zzz']) {
      const thief = handPerson('mallory', claimed);
      const files = { [`.countersign/keys/${name}.asc`]: Buffer.from(thief.certificate).toString() };
      const base = await policyWith(fork, { erin: handPerson('erin', alices) }, { files });
      const head = await commitByHand(fork, base, handSign(subkey));
      expect((await fork.verify(base, head)).people.authors).toEqual(['erin']);
    }
  });

  test('gives its thief nothing, pinned or not', async () => {
    const { fork } = shared;
    const thief = handPerson('mallory', claimed);
    const base = await policyWith(fork, { mallory: thief });
    const head = await commitByHand(fork, base, handSign(subkey));
    const report = await fork.verify(base, head);
    expect(aboutCommit(report)).toMatchObject({
      code: 'commit-key-standing',
      problems: ['back-signature-missing'],
    });
    expect(report.people.authors).toEqual([]);

    const both = await policyWith(fork, { mallory: thief, erin: handPerson('erin', alices) });
    const disputed = await fork.verify(both, await commitByHand(fork, both, handSign(subkey)));
    expect(disputed.people.authors).not.toContain('mallory');
  });

  test('copied with its binding below another primary key is not bound there', async () => {
    const whole = makeHandCertificate(alices);
    const own = makeHandCertificate({ primary });
    const stranger = makeHandCertificate({ primary: mallory });
    const moved = Buffer.concat([stranger, whole.subarray(own.length)]);
    const { keyring } = await openKeyring([{ path: 'a', bytes: moved }]);
    const [certificate] = keyring.certificates;
    const found = certificate?.keys.find(({ fingerprint }) => fingerprint === hexOf(subkey));
    expect(certificate?.primary).toBe(hexOf(mallory));
    expect(found?.standing.binding).not.toBe('verified');
    expect(found?.standing.canSign).toBe(false);
  });
});
