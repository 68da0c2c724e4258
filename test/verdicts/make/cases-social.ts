import type { VerdictCase } from './case.ts';
import { change, landed, outside, proposed } from './plots.ts';

/** The whole of a social rule, changes: two maintainers behind each, outside work adopted by one and approved by another. */
export const socialCases: readonly VerdictCase[] = [
  {
    name: 'social-two-maintainers',
    about: 'alice writes and signs, bob approves: two maintainers stand behind the change',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
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
    name: 'social-author-alone',
    about: 'alice writes and signs, and nobody else has looked at it',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'social-author-approves-herself',
    about: 'alice approves what she wrote: that makes no second person',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'alice', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'reviewer-is-author pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: ['review alice'],
    },
  },
  {
    name: 'social-approval-of-a-stranger',
    about: 'mallory, who is on no roster, approves',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'mallory', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-reviewer-unknown pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'social-approval-with-a-foreign-key',
    about: "mallory approves in bob's name, with a key of her own",
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'bob', base, head, key: 'mallory' })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-key-not-theirs pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'social-outside-work',
    about: 'somebody outside proposes an unsigned commit: it waits for a maintainer to adopt it',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'people-missing pending', 'approvals-missing pending'],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'social-outside-adopted-and-approved',
    about: 'outside work, adopted by alice and approved by bob',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob'],
    },
  },
  {
    name: 'social-outside-signed-by-a-stranger',
    about: "outside work that is signed with a stranger's key is adopted like any other",
    make(scene) {
      const { base, head } = change(scene, { as: 'mallory' });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob'],
    },
  },
  {
    name: 'social-outside-adopted-only',
    about: 'outside work that alice adopts lacks an approval',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [scene.adopt({ as: 'alice', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      adopters: ['alice'],
      counted: ['adopt alice'],
    },
  },
  {
    name: 'social-outside-approved-only',
    about: 'outside work with two approvals lacks somebody who adopts it',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'carol', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending'],
      authors: [],
      behind: ['bob', 'carol'],
      approvers: ['bob', 'carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'social-outside-adopted-and-approved-by-one',
    about: 'alice alone adopts and approves outside work: who adopts does not approve',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'alice', base, head, serial: 2 }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'reviewer-is-author pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      adopters: ['alice'],
      counted: ['adopt alice', 'review alice'],
    },
  },
  {
    name: 'social-outside-adopted-by-two',
    about: 'two maintainers adopt outside work, and nobody approves it',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.adopt({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['approvals-missing pending'],
      authors: ['alice', 'bob'],
      behind: ['alice', 'bob'],
      approvers: [],
      adopters: ['alice', 'bob'],
      counted: ['adopt alice', 'adopt bob'],
    },
  },
  {
    name: 'social-both-adopt-and-approve',
    about:
      'alice and bob each adopt and approve outside work: one of them counts as the adopter, the other approves',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(
        base,
        head,
        ['alice', 'bob'].flatMap((as) => [
          scene.adopt({ as, base, head }),
          scene.review({ as, base, head, serial: 2 }),
        ]),
      );
    },
    expect: {
      outcome: 'pass',
      findings: ['adoption-not-needed pass', 'reviewer-is-author pass'],
      authors: ['bob'],
      behind: ['alice', 'bob'],
      approvers: ['alice'],
      adopters: ['bob'],
      counted: ['adopt bob', 'review alice', 'review bob'],
    },
  },
  {
    name: 'social-adopter-outside-of-the-group',
    about: 'dave is on the roster but no maintainer: he adopts nothing',
    make(scene) {
      const all = ['alice', 'bob', 'carol', 'dave'];
      const groups = { maintainers: ['alice', 'bob', 'carol'], core: all, admins: all };
      const { base, head } = outside(scene, { unsigned: 'adopt', groups });
      return proposed(base, head, [
        scene.adopt({ as: 'dave', base, head }),
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'carol', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'adopter-not-allowed pass'],
      authors: [],
      behind: ['bob', 'carol'],
      approvers: ['bob', 'carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'social-adoption-refused',
    about: 'the policy takes signed commits only: an adoption does not help',
    make(scene) {
      const { base, head } = outside(scene, { unsigned: 'refuse' });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['commit-unsigned fail', 'people-missing pending', 'adoption-refused pass'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'social-merge-by-another',
    about: "bob signs the merge of alice's change: the merger is the second maintainer",
    make(scene) {
      const { base, head } = change(scene);
      return landed(base, scene.merge(base, head, { as: 'bob' }));
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      merger: 'bob',
      counted: [],
    },
  },
  {
    name: 'social-merge-by-the-author',
    about: 'alice merges her own change, and nobody has approved it',
    make(scene) {
      const { base, head } = change(scene);
      return landed(base, scene.merge(base, head, { as: 'alice' }));
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      merger: 'alice',
      counted: [],
    },
  },
  {
    name: 'social-merge-by-the-author-reviewed',
    about: 'alice merges her own change, which bob has approved',
    make(scene) {
      const { base, head } = change(scene);
      const review = scene.review({ as: 'bob', base, head });
      return landed(base, scene.merge(base, head, { as: 'alice' }), [review]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      merger: 'alice',
      counted: ['review bob'],
    },
  },
  {
    name: 'social-merger-is-no-approver',
    about:
      "where the policy counts who signs a merge as a person only, bob's merge of alice's change is no approval",
    make(scene) {
      const { base, head } = change(scene, { policy: { merges: '{ signer-counts-as: person }' } });
      return landed(base, scene.merge(base, head, { as: 'bob' }));
    },
    expect: {
      outcome: 'pending',
      findings: ['approvals-missing pending'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: [],
      merger: 'bob',
      counted: [],
    },
  },
  {
    name: 'social-merge-unsigned',
    about: 'the merge commit of a reviewed change is signed by nobody',
    make(scene) {
      const { base, head } = change(scene);
      const review = scene.review({ as: 'bob', base, head });
      return landed(base, scene.merge(base, head), [review]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'social-merge-by-a-stranger',
    about: "mallory's key signs the merge of a reviewed change",
    make(scene) {
      const { base, head } = change(scene, { policy: { merges: '{ signer-counts-as: approver }' } });
      const review = scene.review({ as: 'bob', base, head });
      return landed(base, scene.merge(base, head, { as: 'mallory' }), [review]);
    },
    expect: {
      outcome: 'fail',
      findings: ['commit-key-unknown fail'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'social-outside-adopted-merged-by-another',
    about: 'outside work that alice adopted is merged by bob, who signs the merge',
    make(scene) {
      const { base, head } = outside(scene);
      const adoption = scene.adopt({ as: 'alice', base, head });
      return landed(base, scene.merge(base, head, { as: 'bob' }), [adoption]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      merger: 'bob',
      counted: ['adopt alice'],
    },
  },
  {
    name: 'social-outside-adopted-merged-by-the-adopter',
    about: 'alice adopts outside work and merges it herself',
    make(scene) {
      const { base, head } = outside(scene);
      const adoption = scene.adopt({ as: 'alice', base, head });
      return landed(base, scene.merge(base, head, { as: 'alice' }), [adoption]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      adopters: ['alice'],
      merger: 'alice',
      counted: ['adopt alice'],
    },
  },
  {
    name: 'social-outside-merged-unadopted',
    about:
      'outside work is merged by bob and approved by alice, but adopted by nobody: a merge adopts nothing',
    make(scene) {
      const { base, head } = outside(scene);
      const review = scene.review({ as: 'alice', base, head });
      return landed(base, scene.merge(base, head, { as: 'bob' }), [review]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending'],
      authors: [],
      behind: ['alice', 'bob'],
      approvers: ['alice', 'bob'],
      merger: 'bob',
      counted: ['review alice'],
    },
  },
  {
    name: 'social-foundations-need-more',
    about: 'a path that many rest on asks for two approvals, on top of the rule for everything',
    make(scene) {
      const { base, head } = change(scene, {
        policy: {
          require: [
            '{ name: everything, people: 2, approvals: 1, from: maintainers }',
            '{ name: foundations, paths: ["lib/**"], approvals: 2, from: core }',
          ],
        },
        files: { 'lib/a.nix': '1\n' },
      });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['approvals-missing pending'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
];
