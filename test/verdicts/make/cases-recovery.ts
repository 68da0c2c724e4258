import type { VerdictCase } from './case.ts';
import { knowsGitHub } from './github.ts';
import { change, landed, outside, proposed, SOCIAL } from './plots.ts';

const CLEAN = { unsigned: 'adopt', merges: '{ github-button: clean, signer-counts-as: approver }' } as const;

/** GitHub's buttons, repair and ratification (trust.md E23, F27). */
export const recoveryCases: readonly VerdictCase[] = [
  {
    name: 'github-merge-clean',
    about: "GitHub's button merged a reviewed change: re-creation gives the very tree",
    make(scene) {
      const base = scene.policy(...knowsGitHub(CLEAN));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const review = scene.review({ as: 'bob', base, head });
      return landed(base, scene.merge(base, head, { as: 'web-flow' }), [review]);
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
    name: 'github-merge-unreviewed',
    about: "GitHub's button merged what nobody reviewed: its key is nobody's approval",
    make(scene) {
      const base = scene.policy(...knowsGitHub(CLEAN));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return landed(base, scene.merge(base, head, { as: 'web-flow' }));
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
    name: 'github-merge-changed',
    about: 'what GitHub signed holds content that neither side had',
    make(scene) {
      const base = scene.policy(...knowsGitHub(CLEAN));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const files = { 'lib/backdoor.nix': 'evil\n' };
      const merge = scene.merge(base, head, { as: 'web-flow', files });
      return landed(base, merge, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'fail',
      findings: [
        'github-merge-changed fail',
        'people-missing pending',
        'approvals-missing pending',
        'statement-other-head pass',
      ],
      authors: ['alice'],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'github-merge-refused',
    about: "the policy refuses GitHub's button",
    make(scene) {
      const policy = { unsigned: 'adopt', merges: '{ github-button: refuse }' } as const;
      const base = scene.policy(...knowsGitHub(policy));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const review = scene.review({ as: 'bob', base, head });
      return landed(base, scene.merge(base, head, { as: 'web-flow' }), [review]);
    },
    expect: {
      outcome: 'fail',
      findings: ['github-merge-refused fail'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'repair-a-merge-by-button',
    about: "the policy refuses GitHub's button: carol adopts the merge afterwards",
    make(scene) {
      const policy = { unsigned: 'adopt', merges: '{ github-button: refuse }' } as const;
      const base = scene.policy(...knowsGitHub(policy));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const merge = scene.merge(base, head, { as: 'web-flow' });
      return landed(base, merge, [
        scene.review({ as: 'bob', base, head }),
        scene.adopt({ as: 'carol', base, head: merge }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice', 'carol'],
      behind: ['alice', 'bob', 'carol'],
      approvers: ['bob'],
      adopters: ['carol'],
      counted: ['adopt carol', 'review bob'],
    },
  },
  {
    name: 'squash-of-outside-work',
    about:
      "GitHub's button squashed what was reviewed: the commit is GitHub's, bob's approval of what was proposed holds",
    make(scene) {
      const base = scene.policy(...knowsGitHub(SOCIAL));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } });
      const squashed = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'web-flow' });
      return landed(base, squashed, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-by-github pending', 'people-missing pending', 'approval-carried pass'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'repair-a-squash',
    about: 'the same, and alice has adopted the squashed commit since',
    make(scene) {
      const base = scene.policy(...knowsGitHub(SOCIAL));
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } });
      const squashed = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'web-flow' });
      return landed(base, squashed, [
        scene.review({ as: 'bob', base, head }),
        scene.adopt({ as: 'alice', base, head: squashed }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['approval-carried pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob'],
    },
  },
  {
    name: 'repair-what-was-never-reviewed',
    about: 'a commit that was pushed past the check is reviewed afterwards',
    make(scene) {
      const { base, head } = change(scene);
      return landed(base, head, [scene.review({ as: 'bob', base, head })]);
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
    name: 'ratified',
    about: 'nobody can sign for the unsigned commits any more: three admins ratify the step',
    make(scene) {
      const { base: parent, head: commit } = outside(scene, { unsigned: 'refuse' });
      return landed(
        parent,
        commit,
        ['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit })),
      );
    },
    expect: {
      outcome: 'pass',
      findings: [
        'step-ratified pass',
        'commit-unsigned fail',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: [],
      behind: [],
      approvers: [],
      counted: ['ratify alice', 'ratify bob', 'ratify carol'],
    },
  },
  {
    name: 'ratified-by-too-few',
    about: 'two of the three admins that it takes have ratified the step',
    make(scene) {
      const { base: parent, head: commit } = outside(scene, { unsigned: 'refuse' });
      return landed(
        parent,
        commit,
        ['alice', 'bob'].map((as) => scene.ratify({ as, parent, commit })),
      );
    },
    expect: {
      outcome: 'fail',
      findings: [
        'ratification-missing pass',
        'commit-unsigned fail',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'ratified-twice-by-one',
    about: 'alice ratifies twice, with other words: that is one person',
    make(scene) {
      const { base: parent, head: commit } = outside(scene, { unsigned: 'refuse' });
      return landed(parent, commit, [
        scene.ratify({ as: 'alice', parent, commit }),
        scene.ratify({ as: 'alice', parent, commit, reason: 'really' }),
        scene.ratify({ as: 'bob', parent, commit }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: [
        'ratification-missing pass',
        'commit-unsigned fail',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'ratified-by-others-than-admins',
    about: 'maintainers who are no admins ratify nothing',
    make(scene) {
      const all = ['alice', 'bob', 'carol', 'dave'];
      const groups = { maintainers: all, core: all, admins: ['alice', 'bob', 'carol'] };
      const { base: parent, head: commit } = outside(scene, { unsigned: 'refuse', groups });
      return landed(
        parent,
        commit,
        ['alice', 'bob', 'dave'].map((as) => scene.ratify({ as, parent, commit })),
      );
    },
    expect: {
      outcome: 'fail',
      findings: [
        'ratification-missing pass',
        'ratification-refused pass',
        'commit-unsigned fail',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'ratified-with-another-tree',
    about: 'what was ratified is a step with another tree',
    make(scene) {
      const { base: parent, head: commit } = outside(scene, { unsigned: 'refuse' });
      const tree = scene.treeOf(parent);
      return landed(
        parent,
        commit,
        ['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit, tree })),
      );
    },
    expect: {
      outcome: 'fail',
      findings: [
        'ratification-other-step pass',
        'ratification-other-step pass',
        'ratification-other-step pass',
        'commit-unsigned fail',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'ratified-before-landing',
    about: 'a change that has not landed cannot be ratified',
    make(scene) {
      const { base: parent, head: commit } = outside(scene, { unsigned: 'refuse' });
      return proposed(
        parent,
        commit,
        ['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit })),
      );
    },
    expect: {
      outcome: 'fail',
      findings: [
        'ratification-early pass',
        'ratification-early pass',
        'ratification-early pass',
        'commit-unsigned fail',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'ratified-octopus',
    about: 'three admins ratify a merge that nothing else could mend',
    make(scene) {
      const { base: parent, head: one } = change(scene);
      const two = scene.commit({ on: parent, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
      const files = { 'pkgs/a.nix': '1\n', 'pkgs/b.nix': '1\n' };
      const commit = scene.commit({ on: [parent, one, two], files, as: 'alice' });
      return landed(
        parent,
        commit,
        ['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit })),
      );
    },
    expect: {
      outcome: 'pass',
      findings: [
        'step-ratified pass',
        'octopus-merge fail',
        'merge-resolution pass',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      merger: 'alice',
      counted: ['ratify alice', 'ratify bob', 'ratify carol'],
    },
  },
  {
    name: 'ratified-against-the-policy',
    about: 'a step that leaves a policy nobody can read is not mended by ratifying it',
    make(scene) {
      const { base: parent, head: commit } = change(scene, {
        files: { '.countersign/policy.yaml': 'version: 1\nnonsense: 2\n' },
      });
      return landed(
        parent,
        commit,
        ['alice', 'bob', 'carol'].map((as) => scene.ratify({ as, parent, commit })),
      );
    },
    expect: {
      outcome: 'fail',
      findings: [
        'step-ratified pass',
        'proposed-policy-invalid fail',
        'governance-missing pending',
        'people-missing pending',
        'approvals-missing pending',
      ],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      counted: ['ratify alice', 'ratify bob', 'ratify carol'],
    },
  },
];
