import type { VerdictCase } from './case.ts';
import { HAND_TIME } from '../../keys/packets.ts';
import type { HandSubkey, SelfSignature } from '../../keys/hand-certificates.ts';
import { change, elsewhere, landed, outside, proposed, SOCIAL, type Plot } from './plots.ts';
import type { Scene } from './scene.ts';
import { handKey, openpgpSigner } from './signers.ts';

const YEAR = 365 * 86_400;

const APPROVED = { authors: ['alice'], behind: ['alice', 'bob'], approvers: ['bob'] } as const;
const ALONE = { authors: ['alice'], behind: ['alice'], approvers: [], counted: [] } as const;

/** Governance (trust.md B11), shapes (A2 to A4), and the place of a statement (C13). */
export const ruleCases: readonly VerdictCase[] = [
  {
    name: 'governance-with-two',
    about: 'a change of policy with the author and one reviewer: three people of the admins are asked for',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const files = scene.policyFiles({ ...SOCIAL, governance: '{ people: 2, from: admins }' });
      const head = scene.commit({ on: base, files, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'pending',
      findings: ['governance-missing pending'],
      counted: ['review bob'],
    },
  },
  {
    name: 'governance-with-three',
    about: 'the same with a third admin',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const files = scene.policyFiles({ ...SOCIAL, governance: '{ people: 2, from: admins }' });
      const head = scene.commit({ on: base, files, as: 'alice' });
      const reviews = ['bob', 'carol'].map((as) => scene.review({ as, base, head }));
      return proposed(base, head, reviews);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice'],
      behind: ['alice', 'bob', 'carol'],
      approvers: ['bob', 'carol'],
      counted: ['review bob', 'review carol'],
    },
  },
  {
    name: 'governance-on-top-of-the-other-rules',
    about: 'three admins stand behind a change of policy that outside work brings, and nobody has adopted it',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const files = scene.policyFiles({ ...SOCIAL, governance: '{ people: 2, from: admins }' });
      const head = scene.commit({ on: base, files });
      const reviews = ['alice', 'bob', 'carol'].map((as) => scene.review({ as, base, head }));
      return proposed(base, head, reviews);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending'],
      authors: [],
      behind: ['alice', 'bob', 'carol'],
      approvers: ['alice', 'bob', 'carol'],
      counted: ['review alice', 'review bob', 'review carol'],
    },
  },
  {
    name: 'governance-attributes',
    about: 'what `.gitattributes` says of a path anywhere is governance',
    make(scene) {
      const { base, head } = change(scene, { files: { 'pkgs/.gitattributes': '* export-subst\n' } });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'pending',
      findings: ['governance-missing pending'],
      counted: ['review bob'],
    },
  },
  {
    name: 'governance-deleted-policy',
    about: 'deleting the policy is governance too, and is said aloud',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const gone = Object.fromEntries(Object.keys(scene.policyFiles(SOCIAL)).map((path) => [path, null]));
      const head = scene.commit({ on: base, files: gone, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'pending',
      findings: ['proposed-policy-missing pass', 'governance-missing pending'],
      counted: ['review bob'],
    },
  },
  {
    name: 'policy-as-a-link',
    about: 'the policy of the base is a symbolic link: nothing is judged by it',
    make(scene) {
      const base = scene.policy(SOCIAL, { '.countersign/policy.yaml': { link: '../policy.yaml' } });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'undetermined',
      findings: ['policy-refused undetermined'],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'policy-in-another-letter-case',
    about: 'a change brings the policy a second time in another letter case: it is governed, and refused',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const files = { '.countersign/Policy.yaml': 'version: 1\n' };
      const head = scene.commit({ on: base, files, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'fail',
      findings: ['proposed-policy-refused fail', 'path-twin fail', 'governance-missing pending'],
      counted: ['review bob'],
    },
  },
  {
    name: 'policy-missing',
    about: 'the base has no policy',
    make(scene) {
      const base = scene.commit({ files: { README: 'nothing\n' }, as: 'alice' });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(base, head);
    },
    expect: {
      outcome: 'undetermined',
      findings: ['policy-missing undetermined'],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'branch-not-enrolled',
    about: 'the policy has no rule for the branch',
    make(scene) {
      const { base, head } = change(scene, { policy: { match: '[staging]' } });
      return proposed(base, head);
    },
    expect: {
      outcome: 'undetermined',
      findings: ['branch-not-enrolled undetermined'],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'observed',
    about: 'everything is there, but the policy only observes: that is never a pass',
    make(scene) {
      const { base, head } = change(scene, { policy: { mode: 'observe' } });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'undetermined',
      findings: ['observe-mode undetermined'],
      counted: ['review bob'],
    },
  },
  {
    name: 'no-requirement',
    about: 'no requirement is about the changed path: nothing passes by default',
    make(scene) {
      const { base, head } = change(scene, {
        policy: { require: ['{ name: lib, paths: ["lib/**"], people: 2, approvals: 1, from: maintainers }'] },
      });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'undetermined',
      findings: ['requirement-missing undetermined'],
      counted: ['review bob'],
    },
  },
  {
    name: 'merge-conflict',
    about: 'the change conflicts with the branch',
    make(scene) {
      const base = scene.policy(SOCIAL, { 'pkgs/a.nix': '0\n' });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      const tip = scene.commit({ on: base, files: { 'pkgs/a.nix': '2\n' }, as: 'carol' });
      return proposed(tip, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'pending',
      findings: ['merge-conflict pending'],
      counted: ['review bob'],
    },
  },
  {
    name: 'merge-resolution-unreviewed',
    about: 'a merge with content of its own, whose parent was reviewed: nobody has seen what it adds',
    make(scene) {
      const { base, head } = change(scene);
      const review = scene.review({ as: 'bob', base, head });
      const merge = scene.merge(base, head, { as: 'carol', files: { 'lib/backdoor.nix': 'evil\n' } });
      return landed(base, merge, [review]);
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
    name: 'merge-resolution-reviewed',
    about: 'the same merge, approved as a whole',
    make(scene) {
      const { base, head } = change(scene);
      const merge = scene.merge(base, head, { as: 'carol', files: { 'lib/fix.nix': 'good\n' } });
      return landed(base, merge, [scene.review({ as: 'bob', base, head: merge })]);
    },
    expect: {
      outcome: 'pass',
      findings: ['merge-resolution pass'],
      authors: ['alice', 'carol'],
      behind: ['bob', 'carol'],
      approvers: ['bob'],
      merger: 'carol',
      counted: ['review bob'],
    },
  },
  {
    name: 'merge-resolution-refused',
    about: 'the policy takes clean merges only, reviewed or not',
    make(scene) {
      const { base, head } = change(scene, { policy: { merges: '{ conflicts: never }' } });
      const merge = scene.merge(base, head, { as: 'carol', files: { 'lib/fix.nix': 'good\n' } });
      return landed(base, merge, [scene.review({ as: 'bob', base, head: merge })]);
    },
    expect: {
      outcome: 'fail',
      findings: ['merge-resolution-refused fail'],
      authors: ['alice', 'carol'],
      behind: ['bob', 'carol'],
      approvers: ['bob'],
      merger: 'carol',
      counted: ['review bob'],
    },
  },
  {
    name: 'merge-without-consent',
    about: "alice's signed work in progress is merged away: only the head makes somebody stand behind it",
    make(scene) {
      const base = scene.policy(SOCIAL);
      const unready = scene.commit({ on: base, files: { 'pkgs/wip.nix': '1\n' }, as: 'alice' });
      const evil = scene.commit({ on: base, files: { 'pkgs/evil.nix': '1\n' } });
      const head = scene.commit({
        on: [evil, unready],
        files: {},
        message: 'merge, and keep only ours',
      });
      return proposed(base, head, [scene.adopt({ as: 'dave', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending'],
      authors: ['alice', 'dave'],
      behind: ['dave'],
      approvers: [],
      adopters: ['dave'],
      counted: ['adopt dave'],
    },
  },
  {
    name: 'two-merge-bases',
    about: 'change and branch have two merge bases: what it changes has no one answer',
    make(scene) {
      const root = scene.policy(SOCIAL);
      const left = scene.commit({ on: root, files: { 'pkgs/l.nix': '1\n' }, as: 'alice' });
      const right = scene.commit({ on: root, files: { 'pkgs/r.nix': '1\n' }, as: 'alice' });
      const tip = scene.merge(left, right, { as: 'alice' });
      const head = scene.merge(right, left, { as: 'carol' });
      return proposed(tip, head);
    },
    expect: {
      outcome: 'fail',
      findings: ['merge-base-ambiguous fail', 'people-missing pending', 'approvals-missing pending'],
      authors: ['carol'],
      behind: ['carol'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'hostile-path',
    about: 'the name of a changed file holds a line feed',
    make(scene) {
      const { base, head } = change(scene, { files: { 'pkgs/a\nb.nix': '1\n' } });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'fail',
      findings: ['path-hostile fail'],
      counted: ['review bob'],
    },
  },
  {
    name: 'statement-for-another-project',
    about: "bob's approval is for another repository",
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, project: 'github.com/evil/nixpkgs' }),
      ]);
    },
    expect: {
      ...ALONE,
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-project pass'],
    },
  },
  {
    name: 'statement-for-another-branch',
    about: "bob's approval is for staging",
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'bob', base, head, branch: 'staging' })]);
    },
    expect: {
      ...ALONE,
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-other-branch pass'],
    },
  },
  {
    name: 'statement-of-another-change',
    about: 'bob was shown another change than would land',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [scene.review({ as: 'bob', base, head, change: 'b'.repeat(64) })]);
    },
    expect: {
      ...ALONE,
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-change-differs pass'],
    },
  },
  {
    name: 'statement-from-a-side-branch',
    about: 'bob compared with a commit that landed through a merge: a stacked change',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const below = scene.commit({ on: base, files: { 'pkgs/below.nix': '1\n' }, as: 'carol' });
      const tip = scene.merge(base, below, { as: 'dave' });
      const head = scene.commit({ on: below, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base: below, head })]);
    },
    expect: { ...APPROVED, outcome: 'pass', findings: [], counted: ['review bob'] },
  },
  {
    name: 'batch-under-one-signature',
    about: 'bob approves two changes and adopts a third under one signature: each counts where it belongs',
    make(scene) {
      const { base, head } = change(scene);
      const other = scene.commit({ on: base, files: { 'pkgs/b.nix': '1\n' }, as: 'carol' });
      const third = scene.commit({ on: base, files: { 'pkgs/c.nix': '1\n' } });
      const batch = [
        scene.reviewOf({ as: 'bob', base, head: other }),
        scene.reviewOf({ as: 'bob', base, head }),
        scene.adoptionOf({ as: 'bob', base, head: third }),
      ];
      return proposed(base, head, [scene.sign(batch, 'bob')]);
    },
    expect: {
      ...APPROVED,
      outcome: 'pass',
      findings: ['statement-other-head pass', 'statement-other-head pass'],
      counted: ['review bob'],
    },
  },
  {
    name: 'batch-in-two-names',
    about: "a batch that alice signed also names bob: his part is signed by alice's key, and does not count",
    make(scene) {
      const { base, head } = outside(scene);
      const batch = [
        scene.adoptionOf({ as: 'alice', base, head }),
        scene.reviewOf({ as: 'bob', base, head }),
      ];
      return proposed(base, head, [scene.sign(batch, 'alice')]);
    },
    expect: {
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-key-not-theirs pass'],
      authors: ['alice'],
      behind: ['alice'],
      approvers: [],
      adopters: ['alice'],
      counted: ['adopt alice'],
    },
  },
  {
    name: 'the-same-statement-twice',
    about: 'one approval in two comments, once with the line ends of a web form, is one statement',
    make(scene) {
      const { base, head } = change(scene);
      const review = scene.review({ as: 'bob', base, head });
      return proposed(base, head, [review, `> ${review.trimEnd().replaceAll('\n', '\r\n> ')}\r\n`]);
    },
    expect: { ...APPROVED, outcome: 'pass', findings: [], counted: ['review bob'] },
  },
  {
    name: 'statement-cut-off',
    about: 'a comment holds a statement without its signature',
    make(scene) {
      const { base, head } = change(scene);
      const [text = ''] = scene.review({ as: 'bob', base, head }).split('-----BEGIN');
      return proposed(base, head, [text]);
    },
    expect: {
      ...ALONE,
      outcome: 'pending',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-broken pass'],
    },
  },
  {
    name: 'statement-malformed',
    about: 'bob has signed a text that is no statement: what he meant nobody can tell',
    make(scene) {
      const { base, head } = change(scene);
      const bob = scene.signers.get('bob');
      const text = scene.review({ as: 'bob', base, head }).split('-----BEGIN')[0] ?? '';
      const edited = text.replace('decision: approve', 'decision: approved');
      const signature = bob?.sign(Buffer.from(edited), 'countersign@v1') ?? '';
      return proposed(base, head, [`${edited}${signature}`]);
    },
    expect: {
      ...ALONE,
      outcome: 'undetermined',
      findings: ['people-missing pending', 'approvals-missing pending', 'statement-illegible undetermined'],
    },
  },
  {
    name: 'nothing-to-judge',
    about: 'the branch has everything already',
    make(scene) {
      const base = scene.policy(SOCIAL);
      return proposed(elsewhere(scene, base), base);
    },
    expect: {
      outcome: 'undetermined',
      findings: ['change-empty undetermined', 'people-missing pending', 'approvals-missing pending'],
      authors: [],
      behind: [],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'key-prolonged',
    about: "frank's certificate comes with nothing but a longer expiry: an ordinary change",
    people: ['alice', 'bob', 'carol', 'dave', 'frank'],
    make(scene) {
      const { base, head } = prolonged(scene, []);
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: { ...APPROVED, outcome: 'pass', findings: [], counted: ['review bob'] },
  },
  {
    name: 'key-prolonged-and-another-added',
    about: 'the certificate comes with a longer expiry and a new subkey: that is for governance',
    people: ['alice', 'bob', 'carol', 'dave', 'frank'],
    make(scene) {
      const { base, head } = prolonged(scene, [{ key: handKey("frank's subkey") }]);
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      ...APPROVED,
      outcome: 'pending',
      findings: ['governance-missing pending'],
      counted: ['review bob'],
    },
  },
];

/** Alice brings frank's certificate anew: prolonged by five years, with these subkeys. */
function prolonged(scene: Scene, subkeys: readonly HandSubkey[]): Plot {
  const first = { keyExpires: 5 * YEAR };
  const second = { keyExpires: 10 * YEAR, createdAt: HAND_TIME + 60 };
  const userIds = (signatures: readonly SelfSignature[]) => [
    { text: 'frank <frank@example.org>', signatures },
  ];
  const old = openpgpSigner('frank', { userIds: userIds([first]) });
  const young = openpgpSigner('frank', { userIds: userIds([first, second]), subkeys });
  scene.signers.set('frank', old);
  const base = scene.policy(SOCIAL);
  scene.signers.set('frank', young);
  const head = scene.commit({ on: base, files: scene.policyFiles(SOCIAL), as: 'alice' });
  return { base, head };
}
