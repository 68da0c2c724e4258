import type { VerdictCase } from './case.ts';
import { change, elsewhere, landed, outside, proposed } from './plots.ts';
import { openpgpSigner } from './signers.ts';

/** Serials (trust.md C14) and the signed "no" (C18). */
export const objectionCases: readonly VerdictCase[] = [
  {
    name: 'objection',
    about: 'carol signs a "no", whatever others think of it',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'carol', base, head, decision: 'reject', note: 'breaks cross builds' }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'objection-then-approval',
    about: 'bob objected, then approved with a higher serial',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, serial: 2 }),
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['statement-superseded pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'objection-with-an-equal-serial',
    about: 'of two statements with one serial the stricter one counts',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: [
        'objection fail',
        'people-missing pending',
        'approvals-missing pending',
        'statement-superseded pass',
      ],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: ['review bob'],
    },
  },
  {
    name: 'withdrawal',
    about: 'bob approved, then withdrew: nothing of his counts',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'bob', base, head, decision: 'withdraw', serial: 2 }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: [
        'people-missing pending',
        'approvals-missing pending',
        'statement-superseded pass',
        'statement-withdrawn pass',
      ],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'withdrawal-of-an-adoption',
    about: "bob withdraws: his adoption falls as well, and carol's approval alone is not enough",
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.adopt({ as: 'bob', base, head, serial: 1 }),
        scene.review({ as: 'bob', base, head, decision: 'withdraw', serial: 2 }),
        scene.review({ as: 'carol', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: [
        'commit-unsigned pending',
        'people-missing pending',
        'statement-superseded pass',
        'statement-withdrawn pass',
      ],
      authors: [],
      behind: ['carol'],
      approvers: ['carol'],
      counted: ['review carol'],
    },
  },
  {
    name: 'serials-of-two-kinds',
    about: "alice's approval does not replace her adoption, nor the other way round",
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head, serial: 1 }),
        scene.review({ as: 'alice', base, head, serial: 2 }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['reviewer-is-author pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review alice', 'review bob'],
    },
  },
  {
    name: 'objection-to-an-earlier-head',
    about: 'a push does not shed the "no" that bob signed to what was there before',
    make(scene) {
      const { base, head: old } = change(scene);
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1 \n' }, as: 'alice' });
      return proposed(
        base,
        head,
        [
          scene.review({ as: 'bob', base, head: old, decision: 'reject', note: 'not like this' }),
          scene.review({ as: 'carol', base, head }),
        ],
        [old],
      );
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'objection-to-a-commit-of-the-change',
    about: 'the "no" was signed to a commit that the change still holds',
    make(scene) {
      const { base, head: first } = change(scene);
      const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head: first, decision: 'reject' }),
        scene.review({ as: 'carol', base, head }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'objection-answered-on-the-new-head',
    about: 'bob objected to an earlier head, and approves the present one with a higher serial',
    make(scene) {
      const { base, head: old } = change(scene);
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'alice' });
      return proposed(
        base,
        head,
        [
          scene.review({ as: 'bob', base, head: old, decision: 'reject' }),
          scene.review({ as: 'bob', base, head, serial: 2 }),
        ],
        [old],
      );
    },
    expect: {
      outcome: 'pass',
      findings: ['statement-superseded pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'objection-and-a-replayed-approval',
    about: 'bob approved A, objected to B with a higher serial; A is pushed again with his old approval',
    make(scene) {
      const { base, head } = change(scene);
      const other = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'alice' });
      return proposed(
        base,
        head,
        [
          scene.review({ as: 'bob', base, head, serial: 1 }),
          scene.review({ as: 'bob', base, head: other, decision: 'reject', serial: 2 }),
        ],
        [other],
      );
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob', 'review bob'],
    },
  },
  {
    name: 'objection-withdrawn-on-the-new-head',
    about: 'bob objected to an earlier head, and withdraws on the present one',
    make(scene) {
      const { base, head: old } = change(scene);
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'alice' });
      return proposed(
        base,
        head,
        [
          scene.review({ as: 'bob', base, head: old, decision: 'reject' }),
          scene.review({ as: 'bob', base, head, decision: 'withdraw', serial: 2 }),
          scene.review({ as: 'carol', base, head }),
        ],
        [old],
      );
    },
    expect: {
      outcome: 'pass',
      findings: ['statement-superseded pass', 'statement-withdrawn pass'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review carol'],
    },
  },
  {
    name: 'objection-to-something-else',
    about: 'bob\'s "no" is about a commit that this change never had',
    make(scene) {
      const { base, head } = change(scene);
      const other = scene.commit({ on: base, files: { 'pkgs/z.nix': '2\n' }, as: 'alice' });
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head: other, decision: 'reject' }),
        scene.review({ as: 'carol', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['statement-other-head pass'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review carol'],
    },
  },
  {
    name: 'objection-overruled',
    about: 'three admins other than the objector overrule a "no"',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
        scene.review({ as: 'carol', base, head }),
        ...['alice', 'carol', 'dave'].map((as) => scene.overrule({ as, of: 'bob', head })),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['objection-overruled pass'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['overrule alice', 'overrule carol', 'overrule dave', 'review carol'],
    },
  },
  {
    name: 'objection-overruled-by-too-few',
    about: 'two admins overrule, and the objector, who does not count: three are asked for',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
        scene.review({ as: 'carol', base, head }),
        ...['alice', 'bob', 'carol'].map((as) => scene.overrule({ as, of: 'bob', head })),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail', 'overruling-refused pass'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'objection-renewed-after-it-was-overruled',
    about: 'bob signs a newer "no" than the one that was overruled',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, decision: 'reject', serial: 2 }),
        scene.review({ as: 'carol', base, head }),
        ...['alice', 'carol', 'dave'].map((as) => scene.overrule({ as, of: 'bob', head, serial: 1 })),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail', 'overruling-idle pass', 'overruling-idle pass', 'overruling-idle pass'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'objection-of-somebody-who-left',
    about: 'erin is on the roster no more: her "no" ends with it',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'erin', base, head, decision: 'reject' }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['statement-reviewer-unknown pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'objection-with-an-expired-key',
    about: 'time ends no objection: frank\'s key has expired, and his "no" stands',
    people: ['alice', 'bob', 'carol', 'dave', 'frank'],
    make(scene) {
      const userIds = [{ text: 'frank <frank@example.org>', signatures: [{ keyExpires: 86_400 }] }];
      scene.signers.set('frank', openpgpSigner('frank', { userIds }));
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'frank', base, head, decision: 'reject' }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['objection fail'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob', 'review frank'],
    },
  },
  {
    name: 'approval-with-an-expired-key',
    about: "frank's key has expired: he approves nothing with it",
    people: ['alice', 'bob', 'carol', 'dave', 'frank'],
    make(scene) {
      const userIds = [{ text: 'frank <frank@example.org>', signatures: [{ keyExpires: 86_400 }] }];
      scene.signers.set('frank', openpgpSigner('frank', { userIds }));
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'frank', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-key-standing pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'objection-in-history',
    about: 'a "no" and a withdrawal that come after landing change nothing, and are shown',
    make(scene) {
      const { base, head } = change(scene);
      return landed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'bob', base, head, decision: 'withdraw', serial: 2 }),
        scene.review({ as: 'carol', base, head, decision: 'reject' }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['objection-noted pass', 'objection-noted pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'objection-carried-approval-answers',
    about:
      'bob objected to A and approved B; B was rebased without change: his approval holds, and answers his "no"',
    make(scene) {
      const base = scene.policy();
      const first = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const second = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'alice' });
      const tip = elsewhere(scene, base);
      const head = scene.rebase(second, tip, { as: 'alice' });
      return proposed(
        tip,
        head,
        [
          scene.review({ as: 'bob', base, head: first, decision: 'reject' }),
          scene.review({ as: 'bob', base, head: second, serial: 2 }),
        ],
        [first, second],
      );
    },
    expect: {
      outcome: 'pass',
      findings: ['approval-carried pass', 'statement-superseded pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
];
