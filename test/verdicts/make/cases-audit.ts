import type { VerdictCase } from './case.ts';
import { change, landed, proposed, SOCIAL } from './plots.ts';
import type { Scene } from './scene.ts';

const PENDING = ['people-missing pending', 'approvals-missing pending'] as const;
const ALICE_ALONE = { authors: ['alice'], behind: ['alice'], approvers: [] } as const;

/** What audits of the judge found (docs/decisions/0027 to 0029). */
export const auditCases: readonly VerdictCase[] = [
  {
    name: 'carried-over-onto-an-older-base',
    about:
      'bob approved work on top of something that was then reverted; put onto the base before, it would bring that back',
    make(scene) {
      const old = scene.policy(SOCIAL, { 'pkgs/x.nix': 'safe\n', 'pkgs/d.nix': '0\n' });
      const bad = scene.commit({ on: old, files: { 'pkgs/x.nix': 'evil\n' }, as: 'carol' });
      const harmless = scene.commit({ on: bad, files: { 'pkgs/d.nix': '1\n' }, as: 'alice' });
      const files = { 'pkgs/x.nix': 'safe\n', 'pkgs/note': '1\n' };
      const tip = scene.commit({ on: bad, files, as: 'carol', message: 'revert' });
      const both = { 'pkgs/d.nix': '1\n', 'pkgs/x.nix': 'evil\n' };
      const head = scene.commit({ on: old, files: both, as: 'alice' });
      return proposed(tip, head, [scene.review({ as: 'bob', base: bad, head: harmless })]);
    },
    expect: {
      outcome: 'pending',
      findings: [...PENDING, 'statement-other-head pass'],
      ...ALICE_ALONE,
      counted: [],
    },
  },
  {
    name: 'carried-over-swallowed-work',
    about: "the same tree, but it would make carol's fix count as landed, of which it has nothing",
    make(scene) {
      const { base, head: old } = change(scene);
      const fix = scene.commit({ on: base, files: { 'pkgs/fix.nix': '1\n' }, as: 'carol' });
      const files = { 'pkgs/a.nix': '1\n' };
      const head = scene.commit({ on: [base, fix], files, as: 'alice', message: 'merge -s ours' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head: old })], [old]);
    },
    expect: {
      outcome: 'pending',
      findings: [...PENDING, 'statement-other-head pass'],
      authors: ['alice', 'carol'],
      behind: ['alice'],
      approvers: [],
      counted: [],
    },
  },
  {
    name: 'spent-by-a-rebase',
    about:
      'what bob approved landed rebased, onto a file that had changed, and was reverted: it is not approved again',
    make(scene) {
      const text = (top: string, end: string): string => `${top}\n${'same\n'.repeat(12)}${end}\n`;
      const write = (on: Parameters<Scene['commit']>[0]['on'], content: string, as: string) =>
        scene.commit({ ...(on && { on }), files: { 'pkgs/all.nix': content }, as });
      const base = scene.policy(SOCIAL, { 'pkgs/all.nix': text('0', '0') });
      const head = write(base, text('1', '0'), 'alice');
      const between = write(base, text('0', '1'), 'carol');
      const rebased = write(between, text('1', '1'), 'alice');
      const reverted = write(rebased, text('0', '1'), 'carol');
      const tip = write(reverted, text('0', '2'), 'carol');
      return proposed(tip, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: [...PENDING, 'statement-spent pass'],
      ...ALICE_ALONE,
      counted: [],
    },
  },
  {
    name: 'objection-with-a-key-that-its-owner-revoked',
    about: 'bob himself stopped the key that signed his "no"',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
        scene.revoke({ as: 'bob', of: 'bob' }),
        scene.review({ as: 'dave', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['key-revoked pass', 'statement-key-standing pass'],
      authors: ['alice'],
      behind: ['alice', 'dave'],
      approvers: ['dave'],
      counted: ['review dave', 'revoke bob'],
    },
  },
  {
    name: 'objection-with-a-key-revoked-by-the-quorum',
    about: 'three of governance stopped the key that signed the "no": as many as could overrule it',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'bob', base, head, decision: 'reject' }),
        ...['alice', 'carol', 'dave'].map((as) => scene.revoke({ as, of: 'bob' })),
        scene.review({ as: 'dave', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['key-revoked pass', 'statement-key-standing pass'],
      authors: ['alice'],
      behind: ['alice', 'dave'],
      approvers: ['dave'],
      counted: ['review dave', 'revoke alice', 'revoke carol', 'revoke dave'],
    },
  },
  {
    name: 'key-revoked-with-a-revoked-key',
    about: "dave's key is stopped, and stops nobody's: carol's approval holds",
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        scene.review({ as: 'carol', base, head }),
        scene.revoke({ as: 'bob', of: 'dave' }),
        scene.revoke({ as: 'dave', of: 'carol' }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: ['key-revoked pass', 'statement-key-standing pass'],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review carol', 'revoke bob'],
    },
  },
  {
    name: 'keys-that-revoke-each-other',
    about: 'two admins stop each other: whoever of them is the thief, neither key counts',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [
        ...['bob', 'carol', 'dave'].map((as) => scene.review({ as, base, head })),
        scene.revoke({ as: 'bob', of: 'dave' }),
        scene.revoke({ as: 'dave', of: 'bob' }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [
        'key-revoked pass',
        'key-revoked pass',
        'statement-key-standing pass',
        'statement-key-standing pass',
      ],
      authors: ['alice'],
      behind: ['alice', 'carol'],
      approvers: ['carol'],
      counted: ['review carol', 'revoke bob', 'revoke dave'],
    },
  },
  {
    name: 'statement-that-nobody-can-read',
    about:
      'carol signed a "no" together with a line that this version does not know: nobody can tell what it says',
    make(scene) {
      const { base, head } = change(scene);
      return proposed(base, head, [unreadable(scene, base, head), scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'undetermined',
      findings: ['statement-illegible undetermined'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'statement-that-nobody-can-read-in-history',
    about: 'the same about a step that has landed: there only what speaks for it counts',
    make(scene) {
      const { base, head } = change(scene);
      return landed(base, head, [unreadable(scene, base, head), scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'pass',
      findings: ['statement-malformed pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'link-in-place-of-a-protected-folder',
    about: 'a link called `ci` is a change of all that would seem to lie below it',
    make(scene) {
      const everything = '{ name: everything, people: 2, approvals: 1, from: maintainers }';
      const ci = '{ name: ci, paths: ["ci/*.yml"], approvals: 2, from: core }';
      const { base, head } = change(scene, {
        policy: { ...SOCIAL, require: [everything, ci] },
        files: { ci: { link: 'pkgs/mine' } },
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

function unreadable(scene: Scene, base: Parameters<Scene['review']>[0]['base'], head: typeof base): string {
  const no = scene.review({ as: 'carol', base, head, decision: 'reject' });
  const text = `${no.slice(0, no.indexOf('-----BEGIN'))}countersign: verdict/v9\nproject: github.com/acme/nixpkgs\n`;
  const signer = scene.signers.get('carol');
  return `${text}${signer?.sign(Buffer.from(text), 'countersign@v1') ?? ''}`;
}
