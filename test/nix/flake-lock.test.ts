import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Unreadable } from '../../src/gather/ports.ts';
import { openObjects } from '../../src/git/objects.ts';
import { everyInput, inputsOf } from '../../src/nix/flake-inputs.ts';
import { encodeLock, parseLock, updateInput, type FlakeLock } from '../../src/nix/flake-lock.ts';
import { narHash } from '../../src/nix/nar.ts';
import { makeScratch, type Scratch } from '../git/scratch.ts';
import { GITHUB, lockText, nodesOf, NAR, REV } from './locks.ts';
import { hasNix, openNix, sayWithoutNix, type Nix } from './nix.ts';

sayWithoutNix('reading and writing lock files that nix made');

const parse = (text: string): FlakeLock => parseLock(Buffer.from(text));
const OTHER = 'f'.repeat(40);

describe('a lock file', () => {
  const text = lockText(nodesOf({ nixpkgs: GITHUB }));

  test('comes back byte for byte', () => {
    for (const one of [
      text,
      text.trimEnd(),
      JSON.stringify(JSON.parse(text)),
      text.replaceAll('\n', '\r\n'),
    ]) {
      expect(Buffer.from(encodeLock(parse(one))).toString()).toBe(one);
    }
  });

  test('keeps what is not known, and is changed in one place alone', () => {
    const strange = text
      .replace(
        '"version": 7',
        '"later": { "n": 12345678901234567890, "f": 1.50, "s": "\\u0041" },\n  "version": 7',
      )
      .replace('"repo": "nixpkgs",', '"repo": "nixpkgs", "zz": true,');
    const [input] = inputsOf(parse(strange));
    if (input === undefined) throw new Error('no input');
    const updated = updateInput(parse(strange), input, { rev: OTHER, narHash: NAR, lastModified: 5 });
    const [before = '', after = ''] = strange.split(/"locked": \{[^}]*\}/);
    expect(updated.text.startsWith(before)).toBe(true);
    expect(updated.text.endsWith(after)).toBe(true);
    expect(inputsOf(updated)).toMatchObject([{ rev: OTHER, narHash: NAR, lastModified: 5 }]);
    expect(updated.text).toContain('"zz": true\n');
  });

  test('loses what was said of the old commit alone', () => {
    const node = {
      locked: {
        type: 'git',
        url: 'https://example.org/x',
        rev: REV,
        narHash: NAR,
        lastModified: 1,
        revCount: 7,
        dirtyRev: 'x',
      },
      original: { type: 'git', url: 'https://example.org/x' },
    };
    const lock = parse(lockText(nodesOf({ x: node })));
    const change = { rev: OTHER, narHash: NAR, lastModified: 2 };
    const [without] = inputsOf(updateInput(lock, { name: 'x', node: 'x' }, change));
    const [counted] = inputsOf(updateInput(lock, { name: 'x', node: 'x' }, { ...change, revCount: 8 }));
    expect([without?.revCount, counted?.revCount]).toEqual([null, 8]);
    expect(updateInput(lock, { name: 'x', node: 'x' }, change).text).not.toContain('dirtyRev');
  });

  test('is not updated where no revision can be moved', () => {
    const change = { rev: OTHER, narHash: NAR, lastModified: 2 };
    const place = { type: 'path', path: '/x', narHash: NAR };
    const lock = parse(lockText(nodesOf({ x: { locked: place, original: place } })));
    expect(refusal(() => updateInput(lock, { name: 'x', node: 'x' }, change))).toMatch(/of type `path`/);
    expect(refusal(() => updateInput(lock, { name: 'root', node: 'root' }, change))).toMatch(
      /locks no input/,
    );
    expect(refusal(() => updateInput(lock, { name: 'y', node: '__proto__' }, change))).toMatch(
      /locks no input/,
    );
    const old = parse(lockText(nodesOf({ x: { ...GITHUB, info: { narHash: NAR, lastModified: 1 } } }), 5));
    expect(inputsOf(old)).toMatchObject([{ narHash: NAR, lastModified: 1 }]);
    expect(refusal(() => updateInput(old, { name: 'x', node: 'x' }, change))).toMatch(/nix flake lock/);
  });
});

describe('a hostile lock file is refused', () => {
  const good = lockText(nodesOf({ nixpkgs: GITHUB }));
  test.each([
    ['empty', ''],
    ['no JSON', '{'],
    ['something after its end', `${good}{}`],
    ['a name twice', good.replace('"root": "root"', '"root": "root", "root": "nixpkgs"')],
    [
      'a name twice, spelled otherwise',
      good.replace('"root": "root"', '"root": "root", "r\\u006fot": "nixpkgs"'),
    ],
    ['a byte order mark', `\ufeff${good}`],
    ['a broken surrogate', good.replace('"acme"', '"\\ud800"')],
    ['a comment', good.replace('{', '{ // x')],
    ['a line break in a string', good.replace('"acme"', '"ac\nme"')],
    ['too deep', '['.repeat(100_000)],
    ['too many values', `[${'0,'.repeat(300_000)}0]`],
    ['a string without an end', `"${'x'.repeat(3_000_000)}`],
    ['a string of backslashes', `"${'\\'.repeat(3_000_001)}`],
    ['version 4', lockText(nodesOf({}), 4)],
    ['version 8', lockText(nodesOf({}), 8)],
    ['version 7.0', lockText(nodesOf({})).replace('"version": 7', '"version": 7.0')],
    ['no root', good.replace('"root": "root"', '"root": "elsewhere"')],
    ['a prototype as root', good.replace('"root": "root"', '"root": "__proto__"')],
    ['an input that is nowhere', good.replace('"nixpkgs": "nixpkgs"', '"nixpkgs": "toString"')],
    ['an input that is the root', good.replace('"nixpkgs": "nixpkgs"', '"nixpkgs": "root"')],
    ['an input that is a number', good.replace('"nixpkgs": "nixpkgs"', '"nixpkgs": 7')],
    ['nodes that are a list', '{ "nodes": [], "root": "root", "version": 7 }'],
    ['an attribute that is a list', good.replace('"acme"', '["acme"]')],
    ['an attribute that is nothing', good.replace('"acme"', 'null')],
    ['a number beyond what is exact', good.replace('"lastModified": 1', '"lastModified": 99999999999999999')],
    ['a negative date', good.replace('"lastModified": 1', '"lastModified": -1')],
  ])('%s', (_, text) => {
    expect(refusal(() => parse(text))).toMatch(/^the lock file cannot be/);
  });

  test('that is no UTF-8, or larger than 4 MiB', () => {
    expect(refusal(() => parseLock(Uint8Array.of(0x22, 0xff, 0x22)))).toMatch(/UTF-8/);
    expect(refusal(() => parseLock(new Uint8Array(4 * 1024 * 1024 + 1).fill(0x20)))).toMatch(/larger/);
  });

  test('names of the language itself are names like others', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    // Spelled out, since an object literal would set its prototype.
    const nodes = names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(GITHUB)}`).join(',');
    const inputs = names.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(name)}`).join(',');
    const lock = parse(`{"nodes":{"root":{"inputs":{${inputs}}},${nodes}},"root":"root","version":7}`);
    expect(inputsOf(lock).map(({ name }) => name)).toEqual([...names].sort());
    const moved = updateInput(
      lock,
      { name: '__proto__', node: '__proto__' },
      { rev: OTHER, narHash: NAR, lastModified: 2 },
    );
    expect(inputsOf(moved).map(({ rev }) => rev === OTHER)).toEqual([true, false, false, false]);
    expect(Object.prototype).not.toHaveProperty('rev');
  });
});

describe.skipIf(!hasNix)('a lock file that nix made', () => {
  let nix: Nix;
  let repo: Scratch;
  let other: Scratch;
  let flake: string;
  beforeAll(() => {
    nix = openNix();
    other = makeScratch();
    other.write('flake.nix', '{ outputs = _: { word = "other"; }; }\n');
    other.commit('other');
    repo = makeScratch();
    repo.write(
      'flake.nix',
      `{ inputs.deep.url = "git+file://${other.dir}"; outputs = _: { word = "old"; }; }\n`,
    );
    nix.run(['flake', 'lock', `path:${repo.dir}`]);
    repo.commit('old');
    mkdirSync(join(nix.root, 'plain'));
    writeFileSync(join(nix.root, 'plain', 'x"${y}.txt'), 'plain');
    flake = join(nix.root, 'flake');
    mkdirSync(flake);
    writeFileSync(
      join(flake, 'flake.nix'),
      `{
        inputs.a.url = "git+file://${repo.dir}?ref=master";
        inputs.b.url = "git+file://${other.dir}";
        inputs.c = { url = "git+file://${repo.dir}"; inputs.deep.follows = "b"; };
        inputs.d = { url = "path:${join(nix.root, 'plain')}"; flake = false; };
        outputs = inputs: { words = [ inputs.a.word inputs.b.word inputs.c.word ]; };
      }\n`,
    );
    nix.run(['flake', 'lock', `path:${flake}`]);
  });
  afterAll(() => {
    nix.remove();
    repo.remove();
    other.remove();
  });
  const read = (): FlakeLock => parseLock(readFileSync(join(flake, 'flake.lock')));

  test('comes back byte for byte, and is read as nix reads it', async () => {
    const lock = read();
    expect(Buffer.from(encodeLock(lock))).toEqual(readFileSync(join(flake, 'flake.lock')));
    const objects = openObjects(`${repo.dir}/.git`, 'sha1');
    const hash = await narHash(repo.id('HEAD^{tree}'), objects);
    await objects.dispose();
    expect(inputsOf(lock)).toMatchObject([
      {
        name: 'a',
        type: 'git',
        url: `file://${repo.dir}`,
        ref: 'master',
        rev: repo.id('HEAD'),
        narHash: hash,
        inputs: ['deep'],
      },
      {
        name: 'b',
        type: 'git',
        url: `file://${other.dir}`,
        rev: other.id('HEAD'),
        inputs: [],
        disagrees: null,
      },
      { name: 'c', type: 'git', narHash: hash, disagrees: null, pinned: false },
      { name: 'd', type: 'path', url: null, rev: null, flake: false },
    ]);
    expect(everyInput(lock).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'a/deep']);
  });

  test('is, once updated, what nix would have written, and nix takes it', async () => {
    const lock = read();
    writeFileSync(
      join(repo.dir, 'flake.nix'),
      readFileSync(join(repo.dir, 'flake.nix'), 'utf8').replace('old', 'new'),
    );
    const rev = repo.commit('new');
    const objects = openObjects(`${repo.dir}/.git`, 'sha1');
    const hash = await narHash(repo.id('HEAD^{tree}'), objects);
    await objects.dispose();
    const lastModified = Number(repo.git(['log', '-1', '--format=%ct']));
    const change = { rev, narHash: hash, lastModified, revCount: 2 };
    const moved = inputsOf(lock)
      .filter(({ name }) => name === 'a' || name === 'c')
      .reduce((before, input) => updateInput(before, input, change), lock);
    writeFileSync(join(flake, 'flake.lock'), encodeLock(moved));
    expect(JSON.parse(nix.run(['eval', '--json', '--no-update-lock-file', `path:${flake}#words`]))).toEqual([
      'new',
      'other',
      'new',
    ]);
    // Letting nix update from scratch gives the same file.
    nix.run(['flake', 'update', `path:${flake}`]);
    expect(readFileSync(join(flake, 'flake.lock'), 'utf8')).toBe(moved.text);
  });

  test('with a forge in it is written by nix as we keep it', () => {
    const folder = join(nix.root, 'forge');
    mkdirSync(folder);
    const lock = parse(lockText(nodesOf({ nixpkgs: GITHUB })));
    const moved = updateInput(
      lock,
      { name: 'nixpkgs', node: 'nixpkgs' },
      { rev: OTHER, narHash: NAR, lastModified: 1_700_000_000 },
    );
    writeFileSync(join(folder, 'flake.lock'), encodeLock(moved));
    writeFileSync(
      join(folder, 'flake.nix'),
      '{ inputs.nixpkgs.url = "github:acme/nixpkgs"; outputs = _: { }; }',
    );
    const said: unknown = JSON.parse(
      nix.run(['flake', 'metadata', '--json', '--no-update-lock-file', `path:${folder}`]),
    );
    expect(said).toMatchObject({ locks: JSON.parse(moved.text) as object });
    // An added input makes nix write the whole file anew; the forge's part of it stays as it was, and nobody is asked for it.
    writeFileSync(
      join(folder, 'flake.nix'),
      `{ inputs.nixpkgs.url = "github:acme/nixpkgs"; inputs.z = { url = "path:${join(nix.root, 'plain')}"; flake = false; }; outputs = _: { }; }`,
    );
    nix.run(['flake', 'lock', `path:${folder}`]);
    const written = readFileSync(join(folder, 'flake.lock'), 'utf8');
    const part = /"nixpkgs": \{\n.*?\n {4}\},\n/s.exec(moved.text)?.[0] ?? 'nothing';
    expect(written).toContain(part);
    expect(inputsOf(parse(written)).map(({ name }) => name)).toEqual(['nixpkgs', 'z']);
  });
});

function refusal(act: () => unknown): string {
  try {
    act();
    return 'taken';
  } catch (error) {
    if (error instanceof Unreadable && error.code === 'file-unreadable') return error.message;
    throw error;
  }
}
