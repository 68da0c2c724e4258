import { describe, expect, test } from 'vitest';
import { makeAuthenticator, type Authenticator } from '../keys/authenticator.ts';
import { policyText } from '../fork/policy.ts';
import type { Fork } from '../fork/fork.ts';
import { useFork } from './attack.ts';
import { aboutCommit, aboutStatement, commitByHand, pinnable, reviewByHand } from './by-hand.ts';

const shared = useFork();
const NOBODY = 0x00;
const TOUCHED = 0x01;
const VERIFIED = 0x04;

describe.each(['ed25519', 'p256'] as const)('row 35: a signature of an sk %s key', (kind) => {
  const token = makeAuthenticator(kind);

  test.each([
    [null, 'touch'],
    ['touch', 'touch'],
    ['verified', 'verified'],
    ['none', 'none'],
  ] as const)('where the pin says presence %s', async (written, demand) => {
    const { fork } = shared;
    const base = await policyWithToken(fork, token, written);
    for (const flags of [NOBODY, TOUCHED, VERIFIED, TOUCHED | VERIFIED]) {
      const sign = (namespace: string) => (bytes: Uint8Array) => token.sign(bytes, namespace, flags);
      const enough =
        demand === 'none' || ((flags & TOUCHED) !== 0 && (demand === 'touch' || (flags & VERIFIED) !== 0));
      const signed = await fork.verify(base, await commitByHand(fork, base, sign('git')));
      const head = await fork.commit({ as: 'alice', on: base });
      const approval = await reviewByHand(fork, { as: 'erin', base, head }, sign('countersign@v1'));
      const approved = await fork.verify(base, head, [approval]);

      expect([flags, signed.people.authors]).toEqual([flags, enough ? ['erin'] : []]);
      expect([flags, approved.people.approvers]).toEqual([flags, enough ? ['erin'] : []]);
      if (enough) continue;
      expect(aboutCommit(signed)).toMatchObject({ code: 'commit-not-touched', outcome: 'fail', demand });
      expect(aboutStatement(approved)).toMatchObject({ code: 'statement-not-touched', demand });
    }
  });
});

async function policyWithToken(fork: Fork, token: Authenticator, presence: string | null): Promise<string> {
  const policy = await fork.setPolicy();
  const people = new Map([...fork.people, ['erin', pinnable('erin', token.publicKey)] as const]);
  const demand = presence === null ? '' : `\n        presence: ${presence}`;
  const text = policyText(people).replace(/(ssh: sk-\S+ \S+)/, `$1${demand}`);
  return fork.commit({ files: { '.countersign/policy.yaml': text }, as: 'alice', on: policy });
}
