import { openpgpSigner, sshSigner } from './signers.ts';
import type { VerdictCase } from './case.ts';
import { change, elsewhere, outside, proposed, SOCIAL } from './plots.ts';

const BOT = 'bots:\n  updater: { keys: [{ ssh: "PIN" }], paths: ["pkgs/by-name/**"] }\n';

function withBot(): typeof SOCIAL {
  const { key } = sshSigner('updater');
  const pin = key.kind === 'ssh' ? key.publicKey.split(' ').slice(0, 2).join(' ') : '';
  return { ...SOCIAL, extra: BOT.replace('PIN', pin) };
}

/** What an adoption encloses (trust.md B10), and what nobody can adopt. */
export const adoptionCases: readonly VerdictCase[] = [
  {
    name: 'adoption-after-a-maintainers-commit',
    about: "alice's own commit, then outside work on top of it: carol adopts what follows alice's commit",
    make(scene) {
      const { base, head: first } = change(scene);
      const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' } });
      return proposed(base, head, [
        scene.adopt({ as: 'carol', base: first, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice', 'carol'],
      behind: ['bob', 'carol'],
      approvers: ['bob'],
      adopters: ['carol'],
      counted: ['adopt carol', 'review bob'],
    },
  },
  {
    name: 'adoption-before-a-later-push',
    about: 'alice adopted the first commit; a second one was pushed since, and is adopted by nobody',
    make(scene) {
      const { base, head: first } = outside(scene);
      const head = scene.commit({ on: first, files: { 'pkgs/evil.nix': '1\n' } });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head: first }),
        scene.review({ as: 'bob', base, head }),
        scene.review({ as: 'carol', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending'],
      authors: ['alice'],
      behind: ['bob', 'carol'],
      approvers: ['bob', 'carol'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob', 'review carol'],
    },
  },
  {
    name: 'adoption-of-the-last-commit-only',
    about: 'an adoption from the first to the second commit does not cover the first',
    make(scene) {
      const { base, head: first } = outside(scene);
      const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' } });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base: first, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob'],
    },
  },
  {
    name: 'adoption-in-two-parts',
    about: 'two maintainers adopt a half each, and a third approves the whole',
    make(scene) {
      const { base, head: first } = outside(scene);
      const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' } });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head: first }),
        scene.adopt({ as: 'carol', base: first, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice', 'carol'],
      behind: ['bob', 'carol'],
      approvers: ['bob'],
      adopters: ['alice', 'carol'],
      counted: ['adopt alice', 'adopt carol', 'review bob'],
    },
  },
  {
    name: 'adoption-of-another-change',
    about: 'the adopter was shown another change than the commits hold',
    make(scene) {
      const { base, head } = outside(scene);
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head, change: 'a'.repeat(64) }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'people-missing pending', 'statement-change-differs pass'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'adoption-from-a-base-aside',
    about: 'the base of the adoption is a commit of the change that its head does not follow',
    make(scene) {
      const base = scene.policy(SOCIAL);
      const left = scene.commit({ on: base, files: { 'pkgs/l.nix': '1\n' } });
      const right = scene.commit({ on: base, files: { 'pkgs/r.nix': '1\n' }, as: 'alice' });
      const head = scene.merge(right, left, { as: 'alice' });
      return proposed(base, head, [
        scene.adopt({ as: 'carol', base: right, head: left }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'adoption-base-aside pass'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'adoption-from-a-base-that-never-landed',
    about: 'the adoption compares with a commit that is neither landed nor part of the change',
    make(scene) {
      const { base, head } = outside(scene);
      const astray = scene.commit({ on: base, files: { 'pkgs/x.nix': '1\n' }, as: 'alice' });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base: astray, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'people-missing pending', 'statement-base-not-landed pass'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'adoption-does-not-follow-a-rebase',
    about: 'the commits were rebased after alice adopted them: another head has other commits',
    make(scene) {
      const { base, head: old } = outside(scene);
      const tip = elsewhere(scene, base);
      const head = scene.rebase(old, tip);
      return proposed(
        tip,
        head,
        [scene.adopt({ as: 'alice', base, head: old }), scene.review({ as: 'bob', base: tip, head })],
        [old],
      );
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-unsigned pending', 'people-missing pending', 'statement-other-head pass'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'adoption-of-a-maintainer-outside-of-the-group',
    about: 'dave, who is on the roster but may not sign commits, wrote it: alice adopts, bob approves',
    make(scene) {
      const all = ['alice', 'bob', 'carol', 'dave'];
      const groups = { maintainers: ['alice', 'bob', 'carol'], core: all, admins: all };
      const { base, head } = change(scene, { policy: { unsigned: 'adopt', groups }, as: 'dave' });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: ['alice', 'dave'],
      behind: ['alice', 'bob', 'dave'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob'],
    },
  },
  {
    name: 'adoption-of-a-commit-with-an-expired-key',
    about: "the key that signed frank's commit has expired: somebody else takes the commit over",
    people: ['alice', 'bob', 'carol', 'dave', 'frank'],
    make(scene) {
      const userIds = [{ text: 'frank <frank@example.org>', signatures: [{ keyExpires: 86_400 }] }];
      scene.signers.set('frank', openpgpSigner('frank', { userIds }));
      const { base, head } = change(scene, { as: 'frank' });
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
    name: 'expired-key-without-an-adoption',
    about: "frank's key has expired: what it signed waits for somebody to take it over",
    people: ['alice', 'bob', 'carol', 'dave', 'frank'],
    make(scene) {
      const userIds = [{ text: 'frank <frank@example.org>', signatures: [{ keyExpires: 86_400 }] }];
      scene.signers.set('frank', openpgpSigner('frank', { userIds }));
      const { base, head } = change(scene, { as: 'frank' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    },
    expect: {
      outcome: 'pending',
      findings: ['commit-key-standing pending', 'people-missing pending'],
      authors: [],
      behind: ['bob'],
      approvers: ['bob'],
      counted: ['review bob'],
    },
  },
  {
    name: 'bot-within-its-paths',
    about: 'a bot signs a change within its paths, and two maintainers look at it',
    make(scene) {
      const { base, head } = change(scene, {
        policy: withBot(),
        files: { 'pkgs/by-name/a.nix': '1\n' },
        as: 'updater',
      });
      return proposed(base, head, [
        scene.review({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'pass',
      findings: [],
      authors: [],
      behind: ['alice', 'bob'],
      approvers: ['alice', 'bob'],
      counted: ['review alice', 'review bob'],
    },
  },
  {
    name: 'bot-outside-of-its-paths',
    about: 'a bot signs a change outside of its paths: nobody can adopt that',
    make(scene) {
      const { base, head } = change(scene, {
        policy: withBot(),
        files: { 'lib/a.nix': '1\n' },
        as: 'updater',
      });
      return proposed(base, head, [
        scene.adopt({ as: 'alice', base, head }),
        scene.review({ as: 'bob', base, head }),
      ]);
    },
    expect: {
      outcome: 'fail',
      findings: ['commit-outside-paths fail'],
      authors: ['alice'],
      behind: ['alice', 'bob'],
      approvers: ['bob'],
      adopters: ['alice'],
      counted: ['adopt alice', 'review bob'],
    },
  },
];
