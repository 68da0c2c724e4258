import { expect, test } from 'vitest';
import { must } from '../keys/keys.ts';
import { useFork } from './attack.ts';
import { aboutCommit, commitByHand, policyWith } from './by-hand.ts';

const shared = useFork();

test.each([
  ['the primary key', []],
  ['a subkey', ['ed25519']],
] as const)(
  'row 34: what %s signed still verifies after its owner prolonged it',
  async (_, signingSubkeys) => {
    const { fork } = shared;
    const key = await fork.keys.makeGpgKey('erin', { at: '20200101T000000', expires: '1y', signingSubkeys });
    const signer = key.fingerprints.at(-1) ?? '';
    let armor: Uint8Array = new Uint8Array();
    const signOnce = async (bytes: Uint8Array): Promise<Uint8Array> => {
      armor = await fork.keys.signDetached(signer, bytes, ['--faked-system-time', '20200601T000000!']);
      return armor;
    };
    const base = await policyWith(fork, { erin: key });
    const head = await commitByHand(fork, base, signOnce, Date.UTC(2020, 5, 1) / 1000);
    expect(aboutCommit(await fork.verify(base, head))).toMatchObject({ problems: ['key-expired'] });

    // A new binding of the same key, years after the commit: openpgpjs issue 1800 is what comes of judging it by its date.
    must('gpg', await fork.keys.gpg(['--quick-set-expire', key.fingerprint, '20y']));
    if (signer !== key.fingerprint) {
      must('gpg', await fork.keys.gpg(['--quick-set-expire', key.fingerprint, '20y', signer]));
    }
    const certificate = await fork.keys.exportCertificate(key.fingerprint);
    const renewed = await fork.commit({
      files: { [`.countersign/keys/${key.fingerprint}.asc`]: Buffer.from(certificate).toString() },
      as: 'alice',
      on: base,
    });
    // The very same commit, judged by the policy with the prolonged certificate.
    const report = await fork.verify(renewed, head);
    expect(report.people.authors).toEqual(['erin']);
    expect(report.codes.filter((code) => code.startsWith('commit-'))).toEqual([]);
    expect(armor.length).toBeGreaterThan(0);
  },
);
