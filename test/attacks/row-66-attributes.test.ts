import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRefusedAttributes } from '../../src/core/policy/attributes.ts';
import { openFork, type Fork } from '../fork/fork.ts';
import { judgeScene } from '../verdicts/make/gathering.ts';
import { change, elsewhere, proposed } from '../verdicts/make/plots.ts';

test.each([
  ['.gitattributes', '* export-subst\n'],
  ['pkgs/.gitattributes', '*.nix ident\n'],
  ['lib/deep/.gitattributes', '* filter=lfs\n'],
  ['.GitAttributes', '* working-tree-encoding=UTF-16\n'],
  ['pkgs/GITATT~1', '* export-ignore\n'],
])(
  'row 66: `%s` decides what is archived and checked out, so governance decides about it',
  async (path, text) => {
    const with_ = (reviewers: readonly string[]) =>
      judgeScene((scene) => {
        const { base, head } = change(scene, { files: { [path]: text } });
        return proposed(
          base,
          head,
          reviewers.map((as) => scene.review({ as, base, head })),
        );
      });
    const two = await with_(['bob']);
    expect([two.outcome, two.codes]).toEqual(['pending', ['governance-missing']]);
    expect((await with_(['bob', 'carol'])).outcome).toBe('pass');
  },
);

test('row 66: attributes that a rename would bring are seen where they land', async () => {
  const { outcome, codes } = await judgeScene((scene) => {
    const { base, head } = change(scene, { files: { 'pkgs/.gitattributes': '* ident\n' } });
    return proposed(elsewhere(scene, base), head, [scene.review({ as: 'bob', base, head })]);
  });
  expect([outcome, codes]).toEqual(['pending', ['governance-missing']]);
});

test('row 66: what attributes say has no part in the change digest: an approval is of the bytes', async () => {
  const { outcome } = await judgeScene((scene) => {
    const base = scene.policy({}, { '.gitattributes': '* text=auto eol=crlf ident export-subst\n' });
    const files = { 'pkgs/a.nix': '# $Id$ $Format:%H$\r\nx\n' };
    const head = scene.commit({ on: base, files, as: 'alice' });
    return proposed(base, head, [scene.review({ as: 'bob', base, head })]);
  });
  expect(outcome).toBe('pass');
});

describe('row 66: lint refuses what makes an archive or a checkout differ from what was reviewed', () => {
  let fork: Fork;
  beforeAll(async () => {
    fork = await openFork({ alice: 'ssh', bob: 'ssh', carol: 'ssh' });
  });
  afterAll(async () => {
    await fork.close();
  });
  const lint = async (...args: string[]) => {
    const { code, out } = await fork.cli('policy', 'lint', '--json', ...args);
    const { diagnostics } = JSON.parse(out) as {
      diagnostics: { code: string; file: string; line: number; column: number }[];
    };
    const refused = diagnostics.filter((one) => one.code === 'attributes-refused');
    return { code, places: refused.map(({ file, line, column }) => [file, line, column]) };
  };

  test('at a commit and in a work tree, with file, line and column', async () => {
    const base = await fork.setPolicy({
      governance: '{ people: 3, from: admins, paths: ["ci/checks/**"] }',
    });
    const files = {
      '.gitattributes':
        '# export-ignore\n*.nix merge=union\n/a\texport-ignore\n"b c" -filter !ident filter=lfs\n',
      '.countersign/.gitattributes': 'policy.yaml ident\n',
      'ci/checks/.gitattributes': '*.txt working-tree-encoding=UTF-16\n',
      'pkgs/deep/.gitattributes': '* export-subst\n',
    };
    const head = await fork.commit({ files, as: 'alice', on: base });
    const places = (prefix: string) => [
      [`${prefix}.countersign/.gitattributes`, 1, 13],
      [`${prefix}.gitattributes`, 3, 4],
      [`${prefix}.gitattributes`, 4, 22],
      [`${prefix}ci/checks/.gitattributes`, 1, 7],
    ];
    expect(await lint(base)).toEqual({ code: 0, places: [] });
    expect(await lint(head)).toEqual({ code: 1, places: places(`${head}:`) });
    await fork.git('checkout', '--quiet', '--force', '--detach', head);
    expect(await lint()).toEqual({ code: 1, places: places('') });
    await fork.git('checkout', '--quiet', '--force', '--detach', base);
    expect((await lint()).code).toBe(0);
  });

  test.each([
    ['* text=auto eol=lf diff=nix linguist-generated', []],
    ['* filters=x identity exporting', []],
    ['* -export-subst !export-ignore -ident', []],
    ['[attr]hidden export-ignore', ['export-ignore']],
    ['* filter', ['filter']],
    ['"quoted \\" name" ident', ['ident']],
    ['\ufeff* ident', ['ident']],
    ['* export-anything-new', ['export-anything-new']],
    ['ident filter', ['filter']],
  ])('`%s`: %j', (line, attributes) => {
    const found = findRefusedAttributes(new TextEncoder().encode(`${line}\n`));
    expect(found.map(({ attribute }) => attribute)).toEqual(attributes);
  });

  test('however many there are', () => {
    const bytes = new TextEncoder().encode(`* ident\n`.repeat(100_000));
    expect(findRefusedAttributes(bytes)).toHaveLength(100);
  });
});
