import { expect, test } from 'vitest';
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
