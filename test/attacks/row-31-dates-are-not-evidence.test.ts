import { describe, expect, test } from 'vitest';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, commitByHand, policyWith, reviewByHand, revoked } from './by-hand.ts';

const shared = useFork();
const IN_2020 = Date.UTC(2020, 5, 1) / 1000;
const FAKED = ['--faked-system-time', '20200601T000000!'];

describe('row 31: what is dated before the end of its key', () => {
  test.each([
    [0, 'key-revoked-hard'],
    [1, 'key-revoked-hard'],
    [2, 'key-revoked-soft'],
    [3, 'key-revoked-soft'],
  ] as const)('does not count while it has not landed: revoked for reason %i', async (reason, problem) => {
    const { fork } = shared;
    const key = await fork.keys.makeGpgKey('erin', { at: '20200101T000000' });
    const sign = (bytes: Uint8Array): Promise<Uint8Array> => fork.keys.signDetached(key, bytes, FAKED);
    const judge = async (base: string) => {
      const early = await commitByHand(fork, base, sign, IN_2020);
      const head = await fork.commit({ as: 'alice', on: base });
      const approval = await reviewByHand(fork, { as: 'erin', base, head }, sign);
      return {
        signed: await fork.verify(base, early),
        approved: await fork.verify(base, head, [approval]),
        landed: await fork.judgeStep(base, early),
      };
    };
    const before = await judge(await policyWith(fork, { erin: key }));
    expect(before.signed.people.authors).toEqual(['erin']);
    expect(before.approved.people.approvers).toEqual(['erin']);

    const after = await judge(await policyWith(fork, { erin: await revoked(fork.keys, key, reason) }));
    expect(aboutCommit(after.signed)).toMatchObject({
      code: 'commit-key-standing',
      outcome: 'fail',
      problems: [problem],
    });
    expect(aboutStatement(after.approved)).toMatchObject({
      code: 'statement-key-standing',
      problems: [problem],
    });
    expect([after.signed.people.authors, after.approved.people.approvers]).toEqual([[], []]);
    // A hard revocation is no date: in history neither. A soft one leaves what has landed as it was.
    expect(after.landed.people.authors).toEqual(problem === 'key-revoked-soft' ? ['erin'] : []);
  });

  test('does not count while it has not landed: expired', async () => {
    const { fork } = shared;
    const key = await fork.keys.makeGpgKey('erin', { at: '20200101T000000', expires: '1y' });
    const sign = (bytes: Uint8Array): Promise<Uint8Array> => fork.keys.signDetached(key, bytes, FAKED);
    const base = await policyWith(fork, { erin: key });
    const early = await commitByHand(fork, base, sign, IN_2020);
    expect(aboutCommit(await fork.verify(base, early))).toMatchObject({
      code: 'commit-key-standing',
      problems: ['key-expired'],
    });
    expect((await fork.judgeStep(base, early)).people.authors).toEqual(['erin']);

    const head = await fork.commit({ as: 'alice', on: base });
    const report = await fork.verify(base, head, [
      await reviewByHand(fork, { as: 'erin', base, head }, sign),
    ]);
    expect(aboutStatement(report)).toMatchObject({
      code: 'statement-key-standing',
      problems: ['key-expired'],
    });
    expect(report.people.approvers).toEqual([]);
  });
});

test('row 31: removing the pin ends a key, whatever date it signs with, and nothing that landed earlier', async () => {
  const { fork } = shared;
  const key = await fork.keys.makeGpgKey('erin', { at: '20200101T000000' });
  const sign = (bytes: Uint8Array): Promise<Uint8Array> => fork.keys.signDetached(key, bytes, FAKED);
  const base = await policyWith(fork, { erin: key });
  const landed = await commitByHand(fork, base, sign, IN_2020);

  // Her certificate stays in the folder: only the pin says who is who.
  const certificate = {
    [`.countersign/keys/${key.fingerprint}.asc`]: Buffer.from(key.certificate).toString(),
  };
  const without = await fork.setPolicy({}, { on: landed });
  const removed = await fork.commit({ files: certificate, as: 'alice', on: without });
  const backdated = await commitByHand(fork, removed, sign, IN_2020);
  expect(aboutCommit(await fork.verify(removed, backdated))).toMatchObject({
    code: 'commit-key-unknown',
    key: key.fingerprint,
  });
  expect((await fork.judgeStep(removed, backdated)).people.authors).toEqual([]);
  expect((await fork.judgeStep(base, landed)).people.authors).toEqual(['erin']);
});
