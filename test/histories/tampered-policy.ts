import type { Oid } from '../../src/core/object/id.ts';
import type { Built } from './build.ts';
import { changed, extended, withTexts } from './edits.ts';
import type { History } from './history.ts';
import { honest } from './honest.ts';
import { WEAK, type TamperedHistory } from './tampered.ts';

const linear = honest('linear');
const merges = honest('merges');
const governed = honest('policy-by-governance');
const rotated = honest('key-rotation');

/** Who tampers with what judges: policy, keys, people. */
export const policyTampering: readonly TamperedHistory[] = [
  {
    name: 'swapped-policy',
    about: 'one person with one friend brings a policy by which one is enough, and goes on by it',
    from: extended(linear, { by: 'alice', policy: WEAK, approved: ['bob'] }, { by: 'alice' }),
    expect: { outcome: 'pending', at: 4, codes: ['governance-missing'] },
  },
  {
    name: 'swapped-policy-in-a-merge',
    about: 'the merge of a reviewed change brings another policy by itself',
    from: changed(merges, 2, { policy: { ...WEAK, inMerge: true } }),
    expect: { outcome: 'pending', at: 2, codes: ['governance-missing', 'merge-resolution'] },
  },
  {
    name: 'policy-rolled-back',
    about: 'the policy of the introduction is brought back: row 14 in history',
    from: extended(
      { ...linear, policy: WEAK, steps: [{ by: 'alice', policy: strong() }] },
      { by: 'bob', approved: ['alice'] },
      { by: 'alice', policy: WEAK, approved: ['bob'] },
      { by: 'alice' },
    ),
    expect: { outcome: 'pending', at: 3, codes: ['governance-missing'] },
  },
  {
    name: 'policy-deleted',
    about: 'governance itself removes the policy: nothing after it can be proven',
    from: extended(
      linear,
      { by: 'alice', files: { '.countersign/policy.yaml': null }, approved: ['bob', 'carol'] },
      { by: 'bob', approved: ['alice'] },
    ),
    expect: { outcome: 'undetermined', at: 5, codes: ['policy-missing'] },
  },
  {
    name: 'replaced-key',
    about: "alice's key is replaced by mallory's, with the review of one friend",
    from: changed(linear, 3, { by: 'carol', policy: { newKeys: ['alice'] }, approved: ['bob'] }),
    expect: { outcome: 'pending', at: 3, codes: ['governance-missing'] },
  },
  {
    name: 'replaced-certificate',
    about: "under bob's fingerprint lies the certificate of another key",
    from: linear,
    tamper(built) {
      const bob = built.scene.signers.get('bob')?.key;
      const dave = built.scene.signers.get('dave')?.key;
      if (bob?.kind !== 'openpgp' || dave?.kind !== 'openpgp') throw new Error('no OpenPGP keys');
      const files = {
        [`.countersign/keys/${bob.fingerprint}.asc`]: Buffer.from(dave.certificate).toString('latin1'),
      };
      return land(built, built.at(-1), { by: 'alice', files, approved: ['carol'] });
    },
    expect: { outcome: 'pending', at: 4, codes: ['governance-missing'] },
  },
  {
    name: 'old-key-after-rotation',
    about: 'a key that a rotation took out signs a commit after it',
    from: changed(rotated, 3, { by: 'old alice' }),
    expect: { outcome: 'pending', at: 3, codes: ['commit-key-unknown'] },
  },
  {
    name: 'old-key-reviews-after-rotation',
    about: 'a key that a rotation took out reviews a change after it',
    from: changed(rotated, 5, { approved: [] }),
    tamper(built) {
      const [base, head] = [built.at(4), built.at(5)];
      withTexts(built, [built.scene.review({ as: 'bob', key: 'old bob', base, head })]);
      return null;
    },
    expect: { outcome: 'pending', at: 5, codes: ['people-missing'] },
  },
  {
    name: 'self-made-quorum',
    about: 'who joins by a change of policy speaks for that change',
    from: changed(governed, 1, { by: 'alice', approved: ['erin', 'bob'] }),
    expect: { outcome: 'pending', at: 1, codes: ['governance-missing'] },
  },
  {
    name: 'leaving-quorum',
    about: 'mallory takes the place of everybody else, with a friend',
    from: extended(
      linear,
      { by: 'alice', policy: { people: ['alice', 'mallory'], ...WEAK }, approved: ['bob', 'mallory'] },
      { by: 'mallory' },
    ),
    expect: { outcome: 'pending', at: 4, codes: ['governance-missing'] },
  },
  {
    name: 'removed-person',
    about: 'who has left the roster reviews what comes after',
    from: changed(governed, 5, { approved: ['bob'] }),
    expect: { outcome: 'pending', at: 5, codes: ['people-missing'] },
  },
  {
    name: 'observed',
    about: 'a branch that is only observed proves nothing: row 64',
    from: { ...linear, policy: { mode: 'observe' } },
    expect: { outcome: 'undetermined', at: 1, codes: ['observe-mode'] },
  },
  {
    name: 'observed-later',
    about: 'governance turned the branch to observing: what comes after is not proven',
    from: extended(
      linear,
      { by: 'alice', policy: { mode: 'observe' }, approved: ['bob', 'carol'] },
      { by: 'bob', approved: ['alice'] },
    ),
    expect: { outcome: 'undetermined', at: 5, codes: ['observe-mode'] },
  },
];

/** Lands one more step with its statements in the ledger, and gives the line with it. */
function land(built: Built, on: Oid, step: Parameters<Built['extend']>[1]): readonly Oid[] {
  const { commit, entries } = built.extend(on, step);
  built.ledger.append(entries);
  return [...built.line, commit];
}

function strong(): NonNullable<History['policy']> {
  return {
    governance: '{ people: 3, from: admins }',
    require: ['{ name: everything, people: 2, approvals: 1, from: maintainers }'],
  };
}
