import type { VerdictCase } from './case.ts';
import { change, elsewhere, landed, outside, proposed, SOCIAL } from './plots.ts';

/** Carry-over (trust.md C16), spent statements (C15) and revoked keys (D19). */
export const timeCases: readonly VerdictCase[] = [
  {
    name: 'carried-over-a-rebase',
    about:
      'alice rebased without changing anything: the approval of the earlier head holds, proven by re-creation',
    make(scene) {
      const { base, head: old } = change(scene);
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip, { as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pass',
      findings: ['approval-carried pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'carried-over-an-update',
    about:
      'alice merged the tip into her change and nothing else: the approval of what was there before holds',
    make(scene) {
      const { base, head: old } = change(scene);
      const tip = elsewhere(scene, base);
      const head = scene.merge(old, tip, { as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pass',
      findings: ['approval-carried pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'carried-over-where-the-policy-forbids-it',
    about: 'the policy wants every head reviewed anew',
    make(scene) {
      const { base, head: old } = change(scene, {
        policy: { extra: '    reviews: { carry-over: never }\n' },
      });
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip, { as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-head pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'carried-over-a-change',
    about: 'the rebase brought a blank more: what bob approved is not what would land',
    make(scene) {
      const { base, head: old } = change(scene);
      const tip = elsewhere(scene, base);
      const head = scene.commit({ on: tip, files: { 'pkgs/a.nix': '1 \n' }, as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-head pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'carried-over-a-resolved-conflict',
    about: 'the rebase had to resolve a conflict: nothing proves that it is the same change',
    make(scene) {
      const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
      const old = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const tip = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'carol' });
      const head = scene.commit({ on: tip, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-head pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'carried-over-by-a-former-author',
    about: 'bob approved a head that held his own commit; alice rebased it in her name: he still wrote it',
    make(scene) {
      const base = scene.policy();
      const old = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'bob' });
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip, { as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-head pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'carried-over-by-a-former-adopter',
    about:
      'carol adopted and approved outside work; dave rebased it in his name and answers for it: her approval holds',
    make(scene) {
      const { base, head: old } = outside(scene);
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip, { as: 'dave' });
      const said = [
        scene.adopt({ as: 'carol', base, head: old }),
        scene.review({ as: 'carol', base, head: old, serial: 2 }),
      ];
      return proposed(tip, head, said, [old]);
    },
    expect: {
      outcome: 'pass',
      findings: ['approval-carried pass', 'statement-other-head pass'],
      authors: ['dave'],
      behind: ['carol', 'dave'],
      approvers: ['carol'],
      counted: ['review carol'],
    },
  },
  {
    name: 'carried-over-from-a-false-base',
    about: 'the approval of the earlier head compares with a commit that never landed',
    make(scene) {
      const { base, head: old } = change(scene);
      const astray = scene.commit({ on: base, files: { 'pkgs/x.nix': '1\n' }, as: 'mallory' });
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip, { as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base: astray, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-head pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'carried-over-not-into-a-resolution',
    about: 'a merge holds content of its own: no approval of what it merged has seen that',
    make(scene) {
      const { base, head: old } = change(scene);
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip, { as: 'alice' });
      const merge = scene.merge(tip, head, { as: 'carol', files: { 'lib/evil.nix': 'x\n' } });
      return landed(tip, merge, [scene.review({ as: 'bob', base, head: old })]);
    },
    expect: {
      outcome: 'pending',
      findings: [
        'merge-resolution pass',
        'people-missing pending',
        'approvals-missing pending',
        'statement-other-head pass',
      ],
      authors: ['alice', 'carol'],
      behind: ['carol'],
      approvers: [],
      merger: 'carol',
      counted: [],
    },
  },
  {
    name: 'spent-after-a-revert',
    about: "alice's change landed, was reverted, and is proposed again with bob's old approval",
    make(scene) {
      const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const moved = elsewhere(scene, base);
      const step = scene.rebase(head, moved, { as: 'alice' });
      const tip = scene.commit({ on: step, files: { 'pkgs/a.nix': '0\n' }, as: 'carol', message: 'revert' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-spent pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'spent-and-reviewed-again',
    about: 'the same, and bob has looked at it again, on top of the revert',
    make(scene) {
      const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const moved = elsewhere(scene, base);
      const step = scene.rebase(head, moved, { as: 'alice' });
      const tip = scene.commit({ on: step, files: { 'pkgs/a.nix': '0\n' }, as: 'carol', message: 'revert' });
      return proposed(tip, head, [scene.review({ as: 'bob', base: tip, head, serial: 2 })]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'spent-adoption',
    about: 'outside work landed, was reverted, and comes again with the old adoption',
    make(scene) {
      const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } });
      const step = scene.rebase(head, elsewhere(scene, base), { as: 'alice' });
      const tip = scene.commit({ on: step, files: { 'pkgs/a.nix': '0\n' }, as: 'carol', message: 'revert' });
      return proposed(tip, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base: tip, head, serial: 2 }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'people-missing pending', 'statement-spent pass'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'spent-by-landing-itself',
    about:
      'bob approved an earlier head, which has landed since; the same content is brought back by another commit',
    make(scene) {
      const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
      const old = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const tip = scene.commit({ on: old, files: { 'pkgs/a.nix': '0\n' }, as: 'carol', message: 'revert' });
      const head = scene.commit({ on: tip, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-spent pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'key-revoked-by-its-owner',
    about: 'bob revokes the key with which he approved',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.revoke({ as: 'bob', of: 'bob' }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: [
        'key-revoked pass',
        'people-missing pending',
        'approvals-missing pending',
        'statement-key-standing pass',
      ],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: ['revoke bob'],
    },
  },
  {
    name: 'key-of-an-author-revoked-by-an-admin',
    about: "an admin revokes alice's key: her commit waits for somebody to take it over",
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.revoke({ as: 'carol', of: 'alice' }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['key-revoked pass', 'commit-key-standing pending', 'people-missing pending'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob', 'revoke carol'],
    },
  },
  {
    name: 'key-revoked-by-somebody-without-the-power',
    about: "dave is no admin: he cannot stop bob's key",
    make(scene) {
      const all = ['alice', 'bob', 'carol', 'dave'];
      const groups = { maintainers: all, core: all, admins: ['alice', 'bob', 'carol'] };
      const { base, head } = change(scene, { policy: { groups } });
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.revoke({ as: 'dave', of: 'bob' }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['revocation-refused pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'key-revoked-that-nobody-has',
    about: "the revocation names a key that is not bob's",
    make(scene) {
      const { base, head } = change(scene);
      const { key } = scene.signers.get('bob') ?? {};
      if (key?.kind !== 'openpgp') throw new Error('bob has no OpenPGP key');
      const revocation = {
        type: 'revoke',
        project: 'github.com/acme/nixpkgs',
        person: 'bob',
        key: `openpgp:${'A'.repeat(40)}`,
        revoker: 'bob',
        reason: 'lost',
      } as const;
      return proposed(base, head, [scene.review({ as: 'bob', base, head }), scene.sign([revocation], 'bob')]);
    },
    expect: {
      outcome: 'pass',
      findings: ['revocation-key-unknown pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'key-revoked-after-landing',
    about: 'in history a key counts because the roster at that point lists it',
    make(scene) {
      const { base, head } = change(scene);
      return landed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.revoke({ as: 'bob', of: 'bob' }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['revocation-noted pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'objection-with-a-revoked-key',
    about: 'one admin cannot take a "no" away by stopping the key that signed it',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
        scene.revoke({ as: 'carol', of: 'bob' }),
        scene.review({ as: 'dave', base, head }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['key-revoked pass', 'objection fail'],
      authors: ['alice'],
      behind: ['alice', 'dave'],
      approvers: ['dave'],
      counted: ['review bob', 'review dave', 'revoke carol'],
    },
  },
];
