import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { objectId } from '../../src/core/object/hash.ts';
import { type Oid } from '../../src/core/object/id.ts';
import { openObjects, type ObjectReader } from '../../src/git/objects.ts';
import { narHash } from '../../src/nix/nar.ts';
import { isSameTree } from '../../src/nix/same-tree.ts';
import { TREE_LIMITS } from '../../src/nix/source.ts';
import { writeTree } from '../../src/nix/write-tree.ts';
import { forgeObject, makeScratch, type Scratch } from '../git/scratch.ts';
import { hasNix, openNix, sayWithoutNix } from './nix.ts';
import { file, folder, link, program, submodule, writeTree as makeTree } from './trees.ts';

sayWithoutNix('hashing what was written');

let repo: Scratch;
let objects: ObjectReader;
let target: string;
beforeEach(() => {
  repo = makeScratch();
  objects = openObjects(join(repo.dir, '.git'), 'sha1');
  target = join(repo.root, 'out');
});
afterEach(async () => {
  await objects.dispose();
  repo.remove();
});

const EVERYTHING = {
  'a file': file('text\n'),
  empty: file(),
  'run.sh': program('#!/bin/sh\n'),
  'a-b': file('sorted before a/'),
  deep: folder({ er: folder({ and: folder({ end: file('x') }) }) }),
  out: link('../../../etc/passwd'),
  dangling: link('nowhere'),
  sub: submodule,
  'n\xf6t utf-8': file('bytes'),
};

describe('writing a tree', () => {
  test('files, programs, links, folders and names as they are in git', async () => {
    const tree = makeTree(repo, EVERYTHING);
    await writeTree(tree, target, objects);
    const names = readdirSync(target, { encoding: 'latin1' }).sort();
    expect(names).toEqual(Object.keys(EVERYTHING).sort());
    expect(lstatSync(join(target, 'run.sh')).mode & 0o777).toBe(0o555);
    expect(lstatSync(join(target, 'a file')).mode & 0o777).toBe(0o444);
    expect(readlinkSync(join(target, 'out'))).toBe('../../../etc/passwd');
    expect(readdirSync(join(target, 'sub'))).toEqual([]);
    expect(await isSameTree(tree, target, objects)).toBe(true);
  });

  test.skipIf(!hasNix)('is what nix hashes', async () => {
    const tree = makeTree(repo, EVERYTHING);
    await writeTree(tree, target, objects);
    const nix = openNix();
    try {
      expect(nix.hashPath(target)).toBe(await narHash(tree, objects));
    } finally {
      nix.remove();
    }
  });

  test('more files than are written at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, at) => [`f${at}`, file(`${at}`)]));
    const tree = makeTree(repo, { many: folder(many), last: file('z') });
    await writeTree(tree, target, objects);
    expect(readdirSync(join(target, 'many'))).toHaveLength(700);
    expect(await isSameTree(tree, target, objects)).toBe(true);
  });

  test('never onto or through anything that is there', async () => {
    const tree = makeTree(repo, { a: file('mine') });
    mkdirSync(target);
    await expect(writeTree(tree, target, objects)).rejects.toMatchObject({ code: 'file-unreadable' });
    rmSync(target, { recursive: true });
    mkdirSync(join(repo.root, 'elsewhere'));
    symlinkSync(join(repo.root, 'elsewhere'), target);
    await expect(writeTree(tree, target, objects)).rejects.toMatchObject({ code: 'file-unreadable' });
    expect(readdirSync(join(repo.root, 'elsewhere'))).toEqual([]);
  });

  test.each(['..', '.', 'a/b', '.git', ''])(
    'a name that leaves the folder or misleads git: `%s`',
    async (name) => {
      const blob = objectId('blob', Buffer.from('x'), 'sha1');
      forgeObject(repo, blob, 'blob', Buffer.from('x'));
      const raw = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
      const tree = objectId('tree', raw, 'sha1');
      forgeObject(repo, tree, 'tree', raw);
      await expect(writeTree(tree, target, objects)).rejects.toMatchObject({ code: 'object-forged' });
      expect(existsSync(target)).toBe(false);
    },
  );

  test('a link and a folder of one name', async () => {
    const blob = objectId('blob', Buffer.from('/etc'), 'sha1');
    forgeObject(repo, blob, 'blob', Buffer.from('/etc'));
    const inner = makeTree(repo, { passwd: file('x') });
    const raw = Buffer.concat([
      Buffer.from('120000 a\0'),
      Buffer.from(blob, 'hex'),
      Buffer.from('40000 a\0'),
      Buffer.from(inner, 'hex'),
    ]);
    const tree = objectId('tree', raw, 'sha1');
    forgeObject(repo, tree, 'tree', raw);
    await expect(writeTree(tree, target, objects)).rejects.toMatchObject({ code: 'object-forged' });
    expect(existsSync(target)).toBe(false);
  });

  test('contents that do not hash to their id, that are missing, or too many', async () => {
    const tree = makeTree(repo, { a: file('right') });
    const blob = objectId('blob', Buffer.from('right'), 'sha1');
    const path = join(repo.dir, '.git/objects', blob.slice(0, 2), blob.slice(2));
    chmodSync(path, 0o644);
    forgeObject(repo, blob, 'blob', Buffer.from('wrong'));
    await expect(writeTree(tree, target, objects)).rejects.toMatchObject({ code: 'object-forged' });
    rmSync(path);
    rmSync(target, { recursive: true });
    await expect(writeTree(tree, target, objects)).rejects.toMatchObject({ code: 'object-missing' });
    const whole = makeTree(repo, { b: file('12345'), c: file('12345') });
    const limits = { ...TREE_LIMITS, totalBytes: 9 };
    rmSync(target, { recursive: true });
    await expect(writeTree(whole, target, objects, limits)).rejects.toMatchObject({ code: 'list-cut' });
  });
});

describe('comparing a folder with a tree', () => {
  const harms: readonly (readonly [string, (at: string) => void])[] = [
    [
      'a file more',
      (at) => {
        writeFileSync(join(at, 'more'), '');
      },
    ],
    [
      'a file more in a submodule',
      (at) => {
        writeFileSync(join(at, 'sub/more'), '');
      },
    ],
    [
      'a file less',
      (at) => {
        rmSync(join(at, 'empty'));
      },
    ],
    [
      'another content',
      (at) => {
        rmSync(join(at, 'empty'));
        writeFileSync(join(at, 'empty'), 'x');
      },
    ],
    [
      'a program that is none',
      (at) => {
        chmodSync(join(at, 'run.sh'), 0o444);
      },
    ],
    [
      'a file that is a program',
      (at) => {
        chmodSync(join(at, 'empty'), 0o555);
      },
    ],
    [
      'a link to the same content',
      (at) => {
        rmSync(join(at, 'empty'));
        symlinkSync('/dev/null', join(at, 'empty'));
      },
    ],
    [
      'another link',
      (at) => {
        rmSync(join(at, 'out'));
        symlinkSync('elsewhere', join(at, 'out'));
      },
    ],
    [
      'a folder instead of a link',
      (at) => {
        rmSync(join(at, 'out'));
        mkdirSync(join(at, 'out'));
      },
    ],
    [
      'a folder that is a link',
      (at) => {
        rmSync(join(at, 'sub'), { recursive: true });
        symlinkSync('/var/empty', join(at, 'sub'));
      },
    ],
  ];
  test.each(harms)('%s', async (_, harm) => {
    const tree: Oid = makeTree(repo, EVERYTHING);
    await writeTree(tree, target, objects);
    harm(target);
    expect(await isSameTree(tree, target, objects)).toBe(false);
  });

  test('no folder at all', async () => {
    expect(await isSameTree(makeTree(repo, EVERYTHING), target, objects)).toBe(false);
  });
});
