import { expect, test } from 'vitest';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { proposed } from '../verdicts/make/plots.ts';
import type { Content } from '../verdicts/make/objects.ts';
import type { Scene } from '../verdicts/make/scene.ts';

const POLICY = '.countersign/policy.yaml';

const reviewedBy = (
  scene: Scene,
  base: ReturnType<Scene['policy']>,
  files: Record<string, Content | null>,
) => {
  const head = scene.commit({ on: base, files, as: 'alice' });
  return proposed(
    base,
    head,
    ['bob', 'carol', 'dave'].map((as) => scene.review({ as, base, head })),
  );
};

const text = (scene: Scene): string => scene.policyFiles()[POLICY] ?? '';

test.each<[string, (scene: Scene) => Record<string, Content | null>]>([
  ['a link', () => ({ [POLICY]: { link: '../README' } })],
  ['executable', (scene) => ({ [POLICY]: { executable: text(scene) } })],
  ['a submodule', () => ({ [POLICY]: { submodule: 'd'.repeat(40) } })],
  ['there in another letter case as well', (scene) => ({ '.countersign/Policy.yaml': text(scene) })],
  [
    'there in another letter case alone',
    (scene) => ({ [POLICY]: null, '.countersign/POLICY.yaml': text(scene) }),
  ],
  [
    'in a folder of another letter case',
    (scene) => ({ [POLICY]: null, '.Countersign/policy.yaml': text(scene) }),
  ],
  // U+017F is an `s` where letter case is ignored (CaseFolding.txt).
  [
    'there with a letter that folds to one of its own as well',
    (scene) => ({ '.counter\u017Fign/policy.yaml': text(scene) }),
  ],
])(
  'row 67: a base whose policy is %s judges nothing, and nobody can bring that about',
  async (_what, files) => {
    const there = await judgeScene((scene) => {
      const base = scene.commit({ on: scene.policy(), files: files(scene), as: 'alice' });
      return reviewedBy(scene, base, { 'pkgs/a.nix': '1\n' });
    });
    expect(there.outcome).toBe('undetermined');
    expect(there.codes).toEqual([expect.stringMatching(/^policy-(?:refused|missing)$/)]);

    const brought = await judgeScene((scene) => reviewedBy(scene, scene.policy(), files(scene)));
    expect(brought.outcome).toBe('fail');
    expect(brought.codes).toContain('proposed-policy-refused');
  },
);

test.each<[string, Content]>([
  ['a link', { link: '../../README' }],
  ['executable', { executable: 'no certificate\n' }],
])(
  'row 67: a key file that is %s is not read: whose key it holds can sign nothing',
  async (_what, content) => {
    const { outcome, people, codes } = await judgeScene((scene) => {
      const { key } = scene.signers.get('bob') ?? {};
      if (key?.kind !== 'openpgp') throw new Error('bob has no OpenPGP key');
      const base = scene.policy({}, { [`.countersign/keys/${key.fingerprint}.asc`]: content });
      const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' }, as: 'alice' });
      return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
    });
    expect([outcome, people.approvers]).toEqual(['pending', []]);
    expect(codes).toEqual(expect.arrayContaining(['key-file-refused', 'certificate-missing']));
  },
);
