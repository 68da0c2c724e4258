import { describe, expect, test } from 'vitest';
import { Unreadable } from '../../src/gather/ports.ts';
import { everyInput, inputsOf, type LockedInput } from '../../src/nix/flake-inputs.ts';
import { parseLock } from '../../src/nix/flake-lock.ts';
import { GITHUB, lockText, NAR, nodesOf, REV, type NodeText } from './locks.ts';

const read = (nodes: Readonly<Record<string, unknown>>) => parseLock(Buffer.from(lockText(nodes)));

function only(node: NodeText): LockedInput {
  const [input] = inputsOf(read(nodesOf({ x: node })));
  if (input === undefined) throw new Error('no input');
  return input;
}

/** An input whose `original` is what is locked, without the revision. */
function input(
  attributes: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): LockedInput {
  return only({ locked: { ...attributes, rev: REV, narHash: NAR, ...more }, original: attributes });
}

describe('where an input comes from', () => {
  test.each([
    [
      { type: 'github', owner: 'acme', repo: 'nixpkgs' },
      'https://github.com/acme/nixpkgs',
      'github:acme/nixpkgs',
    ],
    [
      { type: 'github', owner: 'a', repo: 'b', host: 'git.example.org' },
      'https://git.example.org/a/b',
      'github:a/b?host=git.example.org',
    ],
    [
      { type: 'gitlab', owner: 'group%2Fsub', repo: 'x' },
      'https://gitlab.com/group/sub/x',
      'gitlab:group%2Fsub/x',
    ],
    [{ type: 'sourcehut', owner: '~acme', repo: 'x' }, 'https://git.sr.ht/~acme/x', 'sourcehut:~acme/x'],
    [
      { type: 'git', url: 'https://example.org/acme/x.git' },
      'https://example.org/acme/x.git',
      'git+https://example.org/acme/x.git',
    ],
    [
      { type: 'git', url: 'ssh://git@example.org/x' },
      'ssh://git@example.org/x',
      'git+ssh://git@example.org/x',
    ],
    [
      { type: 'git', url: 'git@example.org:acme/x' },
      'ssh://git@example.org/acme/x',
      'git+git@example.org:acme/x',
    ],
    [{ type: 'git', url: 'file:///srv/x' }, 'file:///srv/x', 'git+file:///srv/x'],
    [{ type: 'tarball', url: 'https://example.org/x.tar.gz' }, null, 'tarball:https://example.org/x.tar.gz'],
    [{ type: 'path', path: '/x' }, null, 'path:/x'],
    [{ type: 'indirect', id: 'nixpkgs' }, null, 'flake:nixpkgs'],
    [{ type: 'later', url: 'x' }, null, 'later:x'],
    [{}, null, ':'],
  ])('%j', (attributes, url, shown) => {
    expect(input(attributes)).toMatchObject({ url, shown, rev: REV, disagrees: null });
  });

  test.each([
    { type: 'github', owner: 'acme/..', repo: 'nixpkgs' },
    { type: 'github', owner: '..', repo: 'nixpkgs' },
    { type: 'github', owner: 'acme', repo: 'nixpkgs/../../mallory/x' },
    { type: 'github', owner: 'acme', repo: 'nixpkgs?x' },
    { type: 'github', owner: 'acme', repo: 'nix%2Fpkgs' },
    { type: 'github', owner: 'acme', repo: '' },
    { type: 'github', owner: 7, repo: 'nixpkgs' },
    { type: 'github', owner: 'acme', repo: 'nixpkgs', host: 'example.org/x?' },
    { type: 'github', owner: 'acme', repo: 'nixpkgs', host: 'user@example.org' },
    { type: 'gitlab', owner: 'a%2F..', repo: 'x' },
    { type: 'git', url: 'https://example.org/?p=x' },
    { type: 'git', url: 'https://example.org/acme/../mallory/x' },
    { type: 'git', url: 'https://example.org/%2e%2e/x' },
    { type: 'git', url: 'ext::sh -c x' },
    { type: 'git', url: '/srv/x' },
    { type: 'git', url: 'https://example.org/x y' },
  ])('names no repository: %j', (attributes) => {
    expect(input(attributes).url).toBe(null);
  });

  test('says branch, pinned revision, tarball, extras', () => {
    expect(only(GITHUB)).toMatchObject({
      ref: null,
      pinned: false,
      tarball: true,
      extras: [],
      follows: null,
    });
    const branch = { type: 'git', url: 'https://example.org/x', ref: 'refs/heads/feature/x' };
    expect(input(branch)).toMatchObject({ ref: 'feature/x', tarball: false });
    expect(input({ ...branch, submodules: true, lfs: true })).toMatchObject({
      extras: ['submodules', 'lfs'],
    });
    expect(input({ ...branch, rev: REV })).toMatchObject({ pinned: true, disagrees: null });
    expect(input({ ...branch, submodules: false })).toMatchObject({ extras: [] });
    expect(input({ type: 'git', url: 'https://example.org/x' }, { rev: 'HEAD', narHash: 7 })).toMatchObject({
      rev: null,
      narHash: null,
    });
  });
});

describe('what is locked beside what was asked for', () => {
  const git = { type: 'git', url: 'https://example.org/x' };
  test.each<[string, NodeText]>([
    ['another owner', { ...GITHUB, locked: { ...GITHUB.locked, owner: 'mallory' } }],
    ['another host', { ...GITHUB, locked: { ...GITHUB.locked, host: 'example.org' } }],
    ['another type', { ...GITHUB, locked: { ...git, rev: REV } }],
    ['another URL', { original: git, locked: { ...git, url: 'https://example.org/y', rev: REV } }],
    ['another branch', { original: { ...git, ref: 'master' }, locked: { ...git, ref: 'other', rev: REV } }],
    ['another revision', { original: { ...git, rev: 'f'.repeat(40) }, locked: { ...git, rev: REV } }],
    ['another folder in it', { original: git, locked: { ...git, dir: 'evil', rev: REV } }],
    ['submodules', { original: git, locked: { ...git, submodules: true, rev: REV } }],
  ])('disagrees: %s', (_, node) => {
    expect(only(node).disagrees).toMatch(/asked for/);
  });

  test.each<[string, NodeText]>([
    ['a registry name', { ...GITHUB, original: { type: 'indirect', id: 'nixpkgs' } }],
    [
      'a branch of a forge, which is not locked',
      { ...GITHUB, original: { ...GITHUB.original, ref: 'master' } },
    ],
    ['the default branch, which is', { original: git, locked: { ...git, ref: 'master', rev: REV } }],
    [
      'a tarball that leads elsewhere',
      { original: { type: 'tarball', url: 'a' }, locked: { type: 'tarball', url: 'b' } },
    ],
  ])('agrees: %s', (_, node) => {
    expect(only(node).disagrees).toBe(null);
  });
});

describe('inputs that follow others', () => {
  const follows = (
    nodes: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    inputs: Readonly<Record<string, unknown>>,
  ) => read({ ...nodes, root: { inputs } });
  const withInputs = (inputs: Readonly<Record<string, unknown>>) => ({ ...GITHUB, inputs });

  test('are found where they end', () => {
    const lock = follows(
      {
        a: withInputs({ n: ['b', 'n'] }),
        b: withInputs({ n: 'n' }),
        n: { ...GITHUB },
        orphan: { ...GITHUB },
      },
      { a: 'a', b: 'b', n: ['a', 'n'], self: [] },
    );
    expect(inputsOf(lock).map(({ name, node, follows: path }) => [name, node, path])).toEqual([
      ['a', 'a', null],
      ['b', 'b', null],
      ['n', 'n', ['a', 'n']],
    ]);
    expect(everyInput(lock).map(({ name, node }) => [name, node])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['b/n', 'n'],
    ]);
  });

  test('in a circle, to nowhere, or too far are refused', () => {
    const code = (lock: ReturnType<typeof read>): string => {
      try {
        return String(inputsOf(lock).length);
      } catch (error) {
        if (error instanceof Unreadable) return error.code;
        throw error;
      }
    };
    expect(code(follows({}, { a: ['b'], b: ['a'] }))).toBe('file-unreadable');
    expect(code(follows({}, { a: ['b'] }))).toBe('file-unreadable');
    expect(code(follows({}, { a: ['__proto__', 'toString'] }))).toBe('file-unreadable');
    const chain = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`i${index}`, [`i${index + 1}`]]),
    );
    expect(code(follows({}, chain))).toBe('file-unreadable');
    // Each name twice the work of the next.
    const twice = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`i${index}`, [`i${index + 1}`, `i${index + 1}`]]),
    );
    expect(code(follows({ n: withInputs({}) }, { ...twice, i60: 'n' }))).toBe('file-unreadable');
    expect(
      code(
        follows(
          { n: withInputs({ n: 'n' }) },
          { a: Array.from({ length: 20_000 }, () => 'n').slice(0, 15_000), n: 'n' },
        ),
      ),
    ).toBe('file-unreadable');
  });

  test('a circle of nodes is walked once', () => {
    const lock = follows({ a: withInputs({ b: 'b' }), b: withInputs({ a: 'a' }) }, { a: 'a' });
    expect(everyInput(lock).map(({ name }) => name)).toEqual(['a', 'a/b']);
  });
});
