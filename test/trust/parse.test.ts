import { describe, expect, test } from 'vitest';
import { parseTrust } from '../../src/trust/parse.ts';
import { BOB, COMMIT, DIGEST, trustText } from './texts.ts';

const parse = (text: string): ReturnType<typeof parseTrust> => parseTrust(Buffer.from(text), '/trust.yaml');

function codes(text: string): string[] {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.diagnostics.map(({ code }) => code);
}

describe('a trust file', () => {
  test('says which branch of which repository is trusted from where', () => {
    const fingerprint = 'f'.repeat(40);
    const parsed = parse(`# mine
version: 1
repositories:
  - url: https://github.com/acme/nixpkgs # the fork
    project: github.com/acme/nixpkgs
    branch: master
    introduction: ${COMMIT}
    policy: sha256:${DIGEST}
    heads:
      alice: [{ ssh: ${BOB} }, { openpgp: ${fingerprint} }]
  - { url: /srv/fork, branch: stable, introduction: ${'b'.repeat(64)} }
`);
    expect(parsed.ok && parsed.entries).toEqual([
      {
        url: 'https://github.com/acme/nixpkgs',
        project: 'github.com/acme/nixpkgs',
        branch: 'master',
        introduction: COMMIT,
        policy: DIGEST,
        heads: new Map([
          [
            'alice',
            [
              expect.objectContaining({ kind: 'ssh', type: 'ssh-ed25519', presence: 'none' }),
              { kind: 'openpgp', fingerprint: fingerprint.toUpperCase() },
            ],
          ],
        ]),
        from: '/trust.yaml',
      },
      {
        url: '/srv/fork',
        project: null,
        branch: 'stable',
        introduction: 'b'.repeat(64),
        policy: null,
        heads: new Map(),
        from: '/trust.yaml',
      },
    ]);
  });

  test('may be empty', () => {
    expect(parse('version: 1\nrepositories: []\n')).toMatchObject({ ok: true, entries: [] });
  });

  test.each([
    ['nothing', '', 'trust-value'],
    ['another version', trustText().replace('version: 1', 'version: 2'), 'trust-value'],
    ['an unknown key', trustText({ more: 'mode: observe' }), 'trust-unknown-key'],
    ['a key twice', trustText({ more: `branch: other` }), 'trust-duplicate-key'],
    ['an anchor', trustText({ branch: '&a master' }), 'trust-anchor'],
    ['a tag', trustText({ branch: '!!str master' }), 'trust-tag'],
    ['a missing key', trustText().replace('branch: master', 'project: example.org/a'), 'trust-missing-key'],
    ['a short commit id', trustText({ introduction: COMMIT.slice(1) }), 'trust-value'],
    ['a commit id in upper case', trustText({ introduction: COMMIT.toUpperCase() }), 'trust-value'],
    ['a commit id that is a number', trustText({ introduction: '1'.repeat(40) }), 'trust-value'],
    ['a digest without its kind', trustText({ policy: DIGEST }), 'trust-value'],
    ['no name of a branch', trustText({ branch: '"a b"' }), 'trust-value'],
    ['no project', trustText({ project: '"acme nixpkgs"' }), 'trust-value'],
    ['a password', trustText({ url: 'https://alice:hunter2@github.com/acme/nixpkgs' }), 'trust-credentials'],
    ['a token', trustText({ url: 'https://hunter2@github.com/acme/nixpkgs' }), 'trust-credentials'],
    ['a token in the query', trustText({ url: 'https://github.com/acme/nixpkgs?t=1' }), 'trust-credentials'],
    ['a branch in the URL', trustText({ url: 'github:acme/nixpkgs/stable' }), 'trust-url'],
    ['a command', trustText({ url: '"ext::sh -c id"' }), 'trust-url'],
    ['an escape', trustText({ url: '"https://github.com/acme/\\e[31mnixpkgs"' }), 'trust-url'],
    [
      'a half key',
      trustText({ more: 'heads: { bob: [{ ssh: ssh-ed25519 AAAA }] }' }),
      'trust-key-unreadable',
    ],
    ['a short fingerprint', trustText({ more: 'heads: { bob: [{ openpgp: ABCD }] }' }), 'trust-value'],
    ['a person without keys', trustText({ more: 'heads: { bob: [] }' }), 'trust-value'],
    ['a strange name', trustText({ more: `heads: { "b b": [{ ssh: ${BOB} }] }` }), 'trust-value'],
    ['a prototype', trustText({ more: `heads: { __proto__: [{ ssh: ${BOB} }] }` }), 'trust-key'],
    ['a second document', `${trustText()}---\nversion: 1\n`, 'trust-not-yaml'],
    ['no UTF-8', '\ufffd', 'trust-value'],
  ])('with %s is refused', (_what, text, code) => {
    expect(codes(text)).toContain(code);
  });

  test('has each branch of a repository once, however it is spelled', () => {
    const first = trustText();
    const again = `  - { url: "git@github.com:acme/nixpkgs.git", branch: master, introduction: ${COMMIT} }\n`;
    const parsed = parse(first + again);
    expect(parsed).toMatchObject({ ok: false, diagnostics: [{ code: 'trust-twice', line: 6, column: 55 }] });
    expect(codes(first + again.replace('branch: master', 'branch: stable'))).toEqual([]);
  });

  test('says where it is wrong, and calls itself by its name', () => {
    expect(parse(trustText({ introduction: 'abc' }))).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'trust-value', line: 5, column: 19, length: 3 }],
    });
    expect(parse(`${trustText()}---\n`)).toMatchObject({
      diagnostics: [{ message: 'a second document begins here: a trust file is one' }],
    });
    expect(parseTrust(Buffer.alloc(300_000, 32), '/x')).toMatchObject({
      diagnostics: [
        { code: 'trust-too-large', message: expect.stringContaining('a trust file has at most') as string },
      ],
    });
  });

  test('is bounded in what it lists', () => {
    const many = Array.from(
      { length: 1001 },
      (_, index) => `  - { url: /srv/${index}, branch: master, introduction: ${COMMIT} }\n`,
    );
    expect(codes(`version: 1\nrepositories:\n${many.join('')}`)).toEqual(['trust-value']);
    expect(codes(`version: 1\nrepositories:\n${many.slice(1).join('')}`)).toEqual([]);
  });

  test('no bytes make it throw', () => {
    for (const text of [
      '[',
      '{'.repeat(5000),
      '- '.repeat(5000),
      '\0',
      '"',
      '*a',
      '? ?',
      '%YAML 9.9\n---\n',
    ]) {
      expect(parse(text).ok, text.slice(0, 10)).toBe(false);
    }
    expect(parseTrust(Uint8Array.of(0xff, 0xfe, 0), '/x')).toMatchObject({
      diagnostics: [{ code: 'trust-not-utf8' }],
    });
  });
});
