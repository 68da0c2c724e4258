import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nixComment, nixString } from '../../src/nix/expression.ts';
import { isBefore, parseNixVersion, showVersion } from '../../src/nix/nix-version.ts';
import { encodeFetch, keySince, type Fetch } from '../../src/nix/snippet.ts';
import { oid } from '../git/scratch.ts';
import { runs } from '../properties/runs.ts';
import { NAR, REV } from './locks.ts';
import { hasNix, openNix, sayWithoutNix, type Nix } from './nix.ts';

sayWithoutNix('evaluating what is printed');

const ALICE = { type: 'ssh-ed25519', blob: 'AAAAC3alice', person: 'alice' };
const BOB = { type: 'ecdsa-sha2-nistp256', blob: 'AAAAE2bob', person: 'bob' };
const CAROL = { type: 'sk-ssh-ed25519@openssh.com', blob: 'AAAAGcarol', person: 'carol' };
const DAVE = { type: 'ssh-rsa', blob: 'AAAAB3dave', person: 'dave' };

const FETCH: Fetch = {
  form: 'fetchGit',
  url: 'https://github.com/acme/nixpkgs',
  ref: 'master',
  rev: oid(REV),
  narHash: NAR,
  keys: [ALICE, BOB, CAROL, DAVE],
  signer: ALICE,
  exportIgnore: false,
  version: null,
  comments: [],
};

const version = (text: string) => parseNixVersion(text);

test('what is printed for a commit that nix can verify', () => {
  const snippet = encodeFetch({ ...FETCH, comments: ['proven'] });
  expect(snippet).toEqual({
    verified: true,
    since: { major: 2, minor: 19 },
    expression: `# proven
# nix cannot be given keys of bob
# nix 2.19 or later, experimental-features = verified-fetches
builtins.fetchGit {
  url = "https://github.com/acme/nixpkgs";
  ref = "master";
  rev = "${REV}";
  narHash = "${NAR}";
  verifyCommit = true;
  publicKeys = [
    { type = "ssh-ed25519"; key = "AAAAC3alice"; } # alice
    { type = "ssh-ed25519-sk"; key = "AAAAGcarol"; } # carol
    { type = "ssh-rsa"; key = "AAAAB3dave"; } # dave
  ];
}
`,
  });
});

test('verifyCommit is there only where that nix could say yes', () => {
  const verified = (change: Partial<Fetch>): boolean => encodeFetch({ ...FETCH, ...change }).verified;
  expect(verified({ version: version('2.19') })).toBe(true);
  expect(verified({ version: version('2.18.9') })).toBe(false);
  expect(verified({ signer: null })).toBe(false);
  expect(verified({ signer: BOB })).toBe(false);
  expect(verified({ signer: CAROL })).toBe(true);
  expect(verified({ signer: CAROL, version: version('2.31') })).toBe(false);
  expect(encodeFetch({ ...FETCH, signer: CAROL }).since).toEqual(version('2.32'));
  for (const change of [{ version: version('2.18') }, { signer: null }, { signer: BOB }]) {
    const { expression } = encodeFetch({ ...FETCH, ...change });
    expect(expression).toContain('# without verifyCommit');
    expect(expression).not.toContain('publicKeys');
  }
});

test('exportIgnore is taken back where nix knows it, and only for fetchGit', () => {
  const text = (change: Partial<Fetch>): string =>
    encodeFetch({ ...FETCH, exportIgnore: true, ...change }).expression;
  expect(text({})).toContain('exportIgnore = false;');
  expect(text({})).toContain('nix 2.20 or later');
  expect(text({ form: 'fetchTree' })).not.toContain('exportIgnore');
  expect(text({ version: version('2.8') })).not.toContain('exportIgnore');
});

test('versions of nix', () => {
  expect(
    ['2.19', '2.19.3', '2.4pre20210601_5985b8b', '3.0'].map((text) =>
      showVersion(version(text) ?? { major: 0, minor: 0 }),
    ),
  ).toEqual(['2.19', '2.19', '2.4', '3.0']);
  for (const text of ['', '2', 'x', '2.', '2.19 ', '-2.19', '2.19;', '2.1999'])
    expect(version(text)).toBe(null);
  expect(isBefore({ major: 2, minor: 9 }, { major: 2, minor: 19 })).toBe(true);
  expect(isBefore({ major: 3, minor: 0 }, { major: 2, minor: 19 })).toBe(false);
  expect(isBefore({ major: 2, minor: 19 }, { major: 2, minor: 19 })).toBe(false);
  expect(keySince('ecdsa-sha2-nistp521')).toBe(null);
});

describe.skipIf(!hasNix)('nix reads', () => {
  let nix: Nix;
  beforeAll(() => {
    nix = openNix();
  });
  afterAll(() => {
    nix.remove();
  });

  /** What the fetcher would be given. */
  const given = (fetch: Fetch): unknown =>
    nix.evaluate(
      `let builtins = { fetchGit = x: x; fetchTree = x: x; }; in ${encodeFetch(fetch).expression}`,
    );

  test('what is given, for both forms', () => {
    const publicKeys = [
      { type: 'ssh-ed25519', key: 'AAAAC3alice' },
      { type: 'ssh-ed25519-sk', key: 'AAAAGcarol' },
      { type: 'ssh-rsa', key: 'AAAAB3dave' },
    ];
    const { url, ref, narHash } = FETCH;
    const expected = { url, ref, rev: REV, narHash, verifyCommit: true, publicKeys };
    expect(given(FETCH)).toEqual(expected);
    expect(given({ ...FETCH, form: 'fetchTree', exportIgnore: true })).toEqual({ ...expected, type: 'git' });
    expect(given({ ...FETCH, ref: null, signer: null, exportIgnore: true })).toEqual({
      url,
      rev: REV,
      narHash,
      exportIgnore: false,
    });
  });

  test.each([
    '"; evil = builtins.abort "x',
    '${builtins.abort "x"}',
    '$${builtins.abort "x"}',
    '\\${builtins.abort "x"}',
    '\\\\${builtins.abort "x"}',
    "''${builtins.abort \"x\"}''",
    'a\nb\r\n\tc */ /* # d',
    '$',
    '{',
    '\\',
    '\u2028\u202e\u{1f600}',
  ])('hostile words as words: %j', (text) => {
    const keys = [{ ...ALICE, blob: text, person: text }];
    expect(
      given({
        ...FETCH,
        url: text,
        ref: text,
        keys,
        signer: { ...ALICE, person: text },
        comments: [text, `x\n} ${text}`],
      }),
    ).toEqual({
      url: text,
      ref: text,
      rev: REV,
      narHash: NAR,
      verifyCommit: true,
      publicKeys: [{ type: 'ssh-ed25519', key: text }],
    });
  });

  test('any text as itself', () => {
    const part = fc.oneof(
      fc.constantFrom('"', '\\', '$', '{', '}', '${', "''", '\n', '\r', '#', '/*'),
      fc.string({ unit: 'binary' }),
    );
    const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join('').replaceAll('\0', ''));
    // Many at once: each run of nix takes as long as a thousand strings.
    fc.assert(
      fc.property(
        fc.array(
          text.filter((one) => one.isWellFormed()),
          { minLength: 100, maxLength: 200 },
        ),
        (texts) => {
          const list = texts.map((one) => `${nixComment(one)}\n${nixString(one)}`).join('\n');
          expect(nix.evaluate(`[ ${list} ]`)).toEqual(texts);
        },
      ),
      runs(5),
    );
  });
});

test('what no string can hold is refused', () => {
  expect(() => nixString('a\0b')).toThrow(RangeError);
  expect(() => nixString('\ud800')).toThrow(RangeError);
});
