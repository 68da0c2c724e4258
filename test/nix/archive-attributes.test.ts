import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openObjects, type ObjectReader } from '../../src/git/objects.ts';
import { findArchiveAttributes } from '../../src/nix/archive-attributes.ts';
import { makeScratch, type Scratch } from '../git/scratch.ts';
import { commitTree, file, folder, link, writeTree, type Made } from './trees.ts';

let repo: Scratch;
let objects: ObjectReader;
beforeAll(() => {
  repo = makeScratch();
  objects = openObjects(`${repo.dir}/.git`, 'sha1');
});
afterAll(async () => {
  await objects.dispose();
  repo.remove();
});

const FILES: Readonly<Record<string, Made>> = {
  'a.txt': file('first\nsecond\n'),
  'b c.txt': file('$Id$ $Format:%H$\n'),
  sub: folder({ 'x.nix': file('{ }\n') }),
};

/** Whether the real git's archive of a commit has anything but the files of its tree. */
function archiveDiffers(entries: Readonly<Record<string, Made>>, name: string): boolean {
  const commit = commitTree(repo, writeTree(repo, entries));
  const target = join(repo.root, name);
  mkdirSync(target);
  execFileSync('tar', ['-x', '-C', target], { input: repo.gitBytes(['archive', '--format=tar', commit]) });
  const found = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${relative(target, path)}\n${readFileSync(path, 'latin1')}`);
  const listed = repo
    .git(['ls-tree', '-r', '-z', '--name-only', commit])
    .split('\0')
    .filter((path) => path !== '');
  const wanted = listed.map(
    (path) => `${path}\n${repo.gitBytes(['show', `${commit}:${path}`]).toString('latin1')}`,
  );
  return found.sort().join('\n') !== wanted.sort().join('\n');
}

describe('attributes for which the real git makes another archive are found', () => {
  test.each([
    ['a.txt export-ignore', 'export-ignore'],
    ['sub export-ignore', 'export-ignore'],
    ['*.txt export-subst', 'export-subst'],
    ['"b c.txt" export-subst', 'export-subst'],
    ['*.txt -diff\texport-subst', 'export-subst'],
    ['* text eol=crlf', 'eol=crlf'],
    ['*.txt ident', 'ident'],
    ['*.txt text working-tree-encoding=UTF-16LE', 'working-tree-encoding=UTF-16LE'],
    ['[attr]gone export-ignore\n*.txt gone', 'export-ignore'],
    ['a.txt export-ignore\r', 'export-ignore'],
  ])('%j', async (lines, attribute) => {
    const entries = { ...FILES, '.gitattributes': file(`# comment\n\n${lines}\n`) };
    expect(archiveDiffers(entries, `differs-${count()}`)).toBe(true);
    expect(await findArchiveAttributes(writeTree(repo, entries), objects)).toEqual([
      { path: '.gitattributes', line: 3, attribute },
    ]);
  });

  test('in a directory, by its path', async () => {
    const entries = {
      ...FILES,
      sub: folder({ '.gitattributes': file('x.nix export-ignore\n'), 'x.nix': file('x') }),
    };
    expect(archiveDiffers(entries, `differs-${count()}`)).toBe(true);
    expect(await findArchiveAttributes(writeTree(repo, entries), objects)).toEqual([
      { path: 'sub/.gitattributes', line: 1, attribute: 'export-ignore' },
    ]);
  });
});

describe('attributes that leave an archive alone are not', () => {
  test.each([
    '* text=auto',
    '*.txt -export-ignore !export-subst -ident',
    '*.txt merge=union linguist-generated diff=nix',
    '# * export-ignore',
    'export-ignore text',
    '"export-ignore x" -text',
    '*.txt eol=lf',
    '*.png binary',
    '*.txt export-ignored',
  ])('%j', async (lines) => {
    const entries = { ...FILES, '.gitattributes': file(`${lines}\n`) };
    expect(archiveDiffers(entries, `same-${count()}`)).toBe(false);
    expect(await findArchiveAttributes(writeTree(repo, entries), objects)).toEqual([]);
  });
});

test('Git LFS, which a forge may put into its archives, is found', async () => {
  const tree = writeTree(repo, { '.gitattributes': file('*.bin filter=lfs diff=lfs merge=lfs -text\n') });
  expect(await findArchiveAttributes(tree, objects)).toEqual([
    { path: '.gitattributes', line: 1, attribute: 'filter=lfs' },
  ]);
});

test('a symbolic link of that name counts, another name does not', async () => {
  const ofLink = writeTree(repo, { '.gitattributes': link('a export-ignore') });
  expect(await findArchiveAttributes(ofLink, objects)).toHaveLength(1);
  const other = writeTree(repo, {
    '.gitattributes.txt': file('a export-ignore'),
    gitattributes: file('a export-ignore'),
  });
  expect(await findArchiveAttributes(other, objects)).toEqual([]);
});

test('hostile files cost a bounded amount', async () => {
  const lines = writeTree(repo, { '.gitattributes': file('a export-ignore\n'.repeat(50_000)) });
  expect(await findArchiveAttributes(lines, objects)).toHaveLength(100);
  const quotes = writeTree(repo, { '.gitattributes': file(`"${'\\'.repeat(900_000)}`) });
  expect(await findArchiveAttributes(quotes, objects)).toEqual([]);
  const large = writeTree(repo, { '.gitattributes': file('#'.repeat(1024 * 1024 + 1)) });
  await expect(findArchiveAttributes(large, objects)).rejects.toMatchObject({ code: 'list-cut' });
});

let counted = 0;
function count(): number {
  counted += 1;
  return counted;
}
