import { describe, expect, test } from 'vitest';
import { thinCrowd } from '../../src/core/facts/crowd.ts';
import { readFacts } from '../../src/core/facts/reading.ts';
import { openKeyring, type OpenedKeyring } from '../../src/core/identity/certificate.ts';
import { comparePolicies } from '../../src/core/policy/compare.ts';
import { parseOid } from '../../src/core/object/id.ts';
import { parsePattern } from '../../src/core/policy/pattern.ts';
import { openBudget } from '../../src/core/policy/pattern-covers.ts';
import { overlap } from '../../src/core/policy/pattern-overlap.ts';
import { openedFolder, policyIn } from '../../src/core/facts/opened.ts';
import { worst } from '../../src/core/verdict/outcome.ts';
import { takeStands } from '../../src/core/verdict/statements/serials.ts';
import { decide } from '../../src/judge.ts';
import { policyOf } from '../core/policy/policies.ts';
import { makeHandCertificate } from '../keys/hand-certificates.ts';
import { hexOf } from '../keys/hand-keys.ts';
import { gatherScene, judgeScene } from '../verdicts/make/gathering.ts';
import { landed, proposed, SOCIAL } from '../verdicts/make/plots.ts';
import type { Scene } from '../verdicts/make/scene.ts';
import { handKey } from '../verdicts/make/signers.ts';

/** Found by an audit of the judge: docs/decisions/0027 to 0029. */
describe('audit: an approval of something harmless, carried onto the base below it', () => {
  /** Carol's X lands, bob approves H0 on top, X is reverted; H1 is H0's tree on the base before X. */
  function plot(scene: Scene) {
    const old = scene.policy(SOCIAL, { 'pkgs/x.nix': 'safe\n', 'pkgs/d.nix': '0\n' });
    const x = scene.commit({ on: old, files: { 'pkgs/x.nix': 'evil\n' }, as: 'carol' });
    const h0 = scene.commit({ on: x, files: { 'pkgs/d.nix': '1\n' }, as: 'alice' });
    const yes = scene.review({ as: 'bob', base: x, head: h0 });
    const files = { 'pkgs/x.nix': 'safe\n', 'pkgs/note': 'r\n' };
    const tip = scene.commit({ on: x, files, as: 'carol', message: 'revert' });
    const both = { 'pkgs/d.nix': '1\n', 'pkgs/x.nix': 'evil\n' };
    return { tip, h0, yes, h1: scene.commit({ on: old, files: both, as: 'alice' }) };
  }

  test('does not bring back what was reverted, as a change or as a step', async () => {
    const change = await judgeScene((scene) => {
      const { tip, h1, yes } = plot(scene);
      return proposed(tip, h1, [yes]);
    });
    expect([change.outcome, change.people.approvers]).toEqual(['pending', []]);
    const step = await judgeScene((scene) => {
      const { tip, h1, yes } = plot(scene);
      return landed(tip, scene.merge(tip, h1, { as: 'alice' }), [yes]);
    });
    expect([step.outcome, step.people.approvers]).toEqual(['pending', []]);
  });

  test('whatever was gathered: the facts say that the review began later', async () => {
    const facts = await gatherScene((scene) => {
      const { tip, h1, yes } = plot(scene);
      return proposed(tip, h1, [yes]);
    });
    const tree = parseOid(
      /^tree (\S+)/.exec(Buffer.from(facts.commits[0]?.raw ?? []).toString('latin1'))?.[1] ?? '',
    );
    if (tree === null) throw new Error('no tree');
    const spans = facts.spans.map((span) => ({ ...span, recreated: { clean: true as const, tree } }));
    expect(spans.map(({ beganBelow }) => beganBelow)).toEqual([false]);
    const told = { ...facts, spans };
    expect((await decide(told)).people.approvers).toEqual([]);
    const lied = { ...told, spans: told.spans.map((span) => ({ ...span, beganBelow: true })) };
    expect((await decide(lied)).people.approvers).toEqual(['bob']);
  });

  test('the same onto a later base still carries over', async () => {
    const { outcome, codes } = await judgeScene((scene) => {
      const { tip, h0, yes } = plot(scene);
      return proposed(tip, scene.rebase(h0, tip, { as: 'alice' }), [yes]);
    });
    expect([outcome, codes]).toEqual(['pass', ['approval-carried']]);
  });
});

describe("audit: a tree that is proven, and somebody's work that counts as landed with it", () => {
  test.each(['merged away', 'reverted in the same change'])('%s', async (how) => {
    const { outcome, people } = await judgeScene((scene) => {
      const base = scene.policy(SOCIAL);
      const empty = scene.commit({ on: base, as: 'alice', message: 'empty' });
      const yes = scene.review({ as: 'bob', base, head: empty });
      const work = scene.commit({ on: base, files: { 'pkgs/fix.nix': 'fix\n' }, as: 'carol' });
      const head =
        how === 'merged away'
          ? scene.commit({ on: [base, work], as: 'alice', message: 'merge -s ours' })
          : scene.commit({ on: work, files: { 'pkgs/fix.nix': null }, as: 'alice', message: 'revert' });
      return proposed(base, head, [yes]);
    });
    expect([outcome, people.approvers]).toEqual(['pending', []]);
  });
});

describe('audit: what comparing branch patterns may cost', () => {
  const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=,;@#%';
  const stars = (count: number, end: string): string =>
    Array.from({ length: count }, (_, index) => `*${LETTERS[index % LETTERS.length] ?? ''}`).join('') + end;

  test('one comparison stops at its budget, and then says that they overlap', () => {
    const budget = openBudget();
    expect(overlap(parsePattern(stars(500, 'X~')), parsePattern(stars(500, 'Y!')), budget)).toBe(true);
    expect(budget.left).toBeLessThan(0);
    expect(budget.left).toBeGreaterThan(-100_000);
  });

  test('a proposed policy with such patterns is refused, and looked at once', async () => {
    const facts = await gatherScene((scene) => {
      const base = scene.policy(SOCIAL);
      const match = `["${stars(500, 'X1~')}", "${stars(500, 'X2~')}", "${stars(500, 'X3~')}"]`;
      return proposed(base, scene.commit({ on: base, files: scene.policyFiles({ ...SOCIAL, match }) }));
    });
    const { rulings } = await decide(facts);
    expect(rulings.flatMap(({ findings }) => findings.map(({ code }) => code))).toContain(
      'proposed-policy-invalid',
    );
    if (facts.proposedPolicy === null) throw new Error('no proposed policy');
    const opened = openedFolder(facts.proposedPolicy);
    expect(policyIn(opened)).toBe(policyIn(opened));
  });

  test.each([
    ['longer than git lets a branch be called', 'a'.repeat(251), 'longer than 250 characters'],
    ['with many stars', '*a'.repeat(9), 'more than 8 `*` in one pattern'],
  ])('a pattern %s is refused', async (_what, match, message) => {
    const { rulings } = await judgeScene((scene) => {
      const base = scene.policy(SOCIAL);
      return proposed(base, scene.commit({ on: base, files: scene.policyFiles({ match: `["${match}"]` }) }));
    });
    expect(JSON.stringify(rulings)).toContain(message);
  });
});

describe('audit: many statements', () => {
  test('of one person on one head, more than a call takes arguments, are one stand', async () => {
    const facts = await gatherScene((scene) => {
      const base = scene.policy(SOCIAL);
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'carol', base, head, decision: 'withdraw' })]);
    });
    const [read] = readFacts(facts).statements;
    if (read?.statement.type !== 'review') throw new Error('no review');
    const { statement } = read;
    const all = Array.from({ length: 300_000 }, (_, index) => {
      return { ...read, statement: { ...statement, serial: index + 1 } };
    });
    expect(takeStands(all)).toMatchObject([{ person: 'carol', answer: 300_000, positive: [] }]);
    expect(worst(all.map(() => 'pass'))).toBe('pass');
  });

  test("somebody else's statement, posted in many wrappings, is kept once; so is a text that nobody can read", async () => {
    const facts = await gatherScene((scene) => {
      const base = scene.policy(SOCIAL);
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } });
      const no = scene.review({ as: 'carol', base, head, decision: 'reject' });
      const text = `${no.slice(0, no.indexOf('-----BEGIN'))}countersign: verdict/v9\n`;
      const signature = scene.signers.get('carol')?.sign(Buffer.from(text), 'countersign@v1') ?? '';
      return proposed(base, head, [scene.adopt({ as: 'bob', base, head }), text + signature]);
    });
    const [adoption, illegible] = facts.statements;
    if (adoption === undefined || illegible === undefined) throw new Error('statements are missing');
    const armor = Buffer.from(adoption.armor).toString();
    const again = Array.from({ length: 600 }, (_, index) => ({
      ...adoption,
      armor: Buffer.from(armor.replace('SIGNATURE-----\n', `SIGNATURE-----\nComment: ${index}\n`)),
    }));
    const thinned = await thinCrowd(facts.policy, [...again, illegible, illegible]);
    expect(thinned).toEqual({ kept: [again[0], illegible], statements: 1 });
    const { evidence, people } = await decide({ ...facts, statements: [...again, illegible] });
    expect(evidence).toMatchObject([{ type: 'adopt', signer: 'bob' }]);
    expect(people.adopters).toEqual(['bob']);
  });
});

test('audit: an expired key that comes back is told of, although another of its certificate lasts longer', async () => {
  const YEAR = 365 * 86_400;
  const [primary, stolen, good] = [handKey('audit p'), handKey('audit stolen'), handKey('audit good')];
  const ringUntil = async (end: number): Promise<OpenedKeyring['keyring']> => {
    const subkeys = [
      { key: stolen, bindings: [{ keyExpires: end }] },
      { key: good, bindings: [{ keyExpires: 50 * YEAR }] },
    ];
    return (await openKeyring([{ path: 'k.asc', bytes: makeHandCertificate({ primary, subkeys }) }])).keyring;
  };
  const people = { bob: [{ kind: 'openpgp' as const, fingerprint: hexOf(primary) }] };
  const policy = policyOf({ people, groups: { team: ['bob'], core: ['bob'] } });
  const [before, after] = [await ringUntil(1000), await ringUntil(49 * YEAR)];
  const changes = comparePolicies(policy, policy, before, after);
  expect(changes).toMatchObject([{ code: 'certificate-prolonged', effect: 'gain' }]);
  expect(changes[0]?.sentence).toContain(hexOf(stolen));
  expect(comparePolicies(policy, policy, after, before)).toMatchObject([{ code: 'certificate-shortened' }]);
});
