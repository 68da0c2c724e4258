import { describe, expect, test } from 'vitest';
import { addEntry, removeEntry, setField, setHeads, type EditedTrust } from '../../src/trust/edit.ts';
import { parseTrust } from '../../src/trust/parse.ts';
import { BOB, COMMIT, DIGEST } from './texts.ts';

const OTHER = 'b'.repeat(40);
const ONE = { url: 'https://github.com/acme/nixpkgs', branch: 'master', introduction: COMMIT };
const TWO = {
  url: 'git@github.com:acme/nixpkgs',
  project: 'github.com/acme/nixpkgs',
  branch: 'stable',
  introduction: OTHER,
  policy: `sha256:${DIGEST}`,
};

function text(edited: EditedTrust): string {
  if (edited === null) throw new Error('not editable');
  expect(parseTrust(edited, '/x')).toMatchObject({ ok: true });
  return new TextDecoder().decode(edited);
}
const bytes = (given: string): Uint8Array => new TextEncoder().encode(given);

const COMMENTED = `# my own
version: 1
repositories:
  # the fork
  - url: https://github.com/acme/nixpkgs # by hand
    branch: master
    introduction: ${COMMIT} # read over the phone

  # another
  - { url: /srv/fork, branch: master, introduction: ${OTHER} } # here

# the end
`;

describe('adding an entry', () => {
  test('to nothing makes a file', () => {
    const made = addEntry(null, ONE);
    expect(text(made)).toMatch(/^# Which .*\nversion: 1\nrepositories:\n {2}- url: https:\/\/github/);
    expect(text(addEntry(made, TWO))).toContain(
      `    introduction: ${COMMIT}\n  - url: git@github.com:acme/nixpkgs\n    project: github.com/acme/nixpkgs\n    branch: stable\n    introduction: ${OTHER}\n    policy: sha256:${DIGEST}\n`,
    );
  });

  test('keeps comments', () => {
    expect(text(addEntry(bytes(COMMENTED), TWO))).toBe(
      COMMENTED.replace(
        '} # here\n',
        `} # here\n  - url: git@github.com:acme/nixpkgs\n    project: github.com/acme/nixpkgs\n    branch: stable\n    introduction: ${OTHER}\n    policy: sha256:${DIGEST}\n`,
      ),
    );
  });

  test.each([
    ['an empty list', 'version: 1\nrepositories: []\n'],
    ['an empty list with a comment', 'version: 1\nrepositories: [] # none\n# end\n'],
    ['an empty list without a line end', 'version: 1\nrepositories: []'],
    ['an empty list in JSON', '{"version": 1, "repositories": []}'],
    ['an empty list of several lines', 'version: 1\nrepositories: # none\n  [\n  ]\n# end\n'],
    ['a flow list', `version: 1\nrepositories: [{ url: /srv/a, branch: a, introduction: ${COMMIT} }]\n`],
    [
      'JSON',
      `{"version": 1, "repositories": [{"url": "/srv/a", "branch": "a", "introduction": "${COMMIT}"}]}`,
    ],
    ['lines that end in CR LF', COMMENTED.replaceAll('\n', '\r\n')],
    ['a list that is not indented', COMMENTED.replaceAll(/^ {2}/gm, '')],
  ])('to %s', (_what, before) => {
    const parsed = parseTrust(addEntry(bytes(before), TWO) ?? new Uint8Array(), '/x');
    expect(parsed.ok && parsed.entries.at(-1)).toMatchObject({ url: TWO.url, introduction: OTHER });
    for (const comment of before.match(/# .*/g) ?? []) {
      expect(text(addEntry(bytes(before), TWO))).toContain(comment.trimEnd());
    }
  });

  test.each([
    'true',
    'null',
    '1.0',
    '1e3',
    '0x1',
    'a#b',
    '-',
    'a,b',
    'ä',
    "o'neil",
    'a"b',
    '!x',
    '%x',
    'a{b}',
  ])('quotes what would be no text: a branch `%s`', (branch) => {
    for (const before of [
      null,
      bytes(`version: 1\nrepositories: [{ url: /a, branch: a, introduction: ${COMMIT} }]`),
    ]) {
      const parsed = parseTrust(addEntry(before, { ...ONE, branch }) ?? new Uint8Array(), '/x');
      if (branch === '-') expect(parsed.ok).toBe(false);
      else expect(parsed.ok && parsed.entries.at(-1)?.branch).toBe(branch);
    }
  });

  test.each(['1'.repeat(40), '12e34'.padEnd(40, '5'), '0'.repeat(40)])('a commit %s', (introduction) => {
    const parsed = parseTrust(addEntry(null, { ...ONE, introduction }) ?? new Uint8Array(), '/x');
    expect(parsed.ok && parsed.entries[0]?.introduction).toBe(introduction);
  });

  test('is not done to what is no trust file', () => {
    for (const before of [
      '',
      'version: 1\n',
      'version: 1\nrepositories:\n',
      '[',
      'version: 1\nrepositories: {}\n',
    ]) {
      expect(addEntry(bytes(before), ONE), before).toBeNull();
    }
  });
});

describe('removing an entry', () => {
  test('keeps everything else', () => {
    expect(text(removeEntry(bytes(COMMENTED), 1))).toBe(COMMENTED.replace(/ {2}- \{.*\n/, ''));
    expect(text(removeEntry(bytes(COMMENTED), 0))).toBe(COMMENTED.replace(/ {2}- url[^]*phone\n/, ''));
  });

  test('the last one leaves an empty list, to which one can be added again', () => {
    const one = text(removeEntry(bytes(COMMENTED), 1));
    const none = text(removeEntry(bytes(one), 0));
    expect(none).toBe('# my own\nversion: 1\nrepositories: []\n  # the fork\n\n  # another\n\n# the end\n');
    expect(parseTrust(bytes(none), '/x')).toMatchObject({ ok: true, entries: [] });
    expect(text(addEntry(bytes(none), TWO))).toContain('# the end');
    const flow = `version: 1\nrepositories: [{ url: /srv/a, branch: a, introduction: ${COMMIT} }]\n`;
    expect(text(removeEntry(bytes(flow), 0))).toBe('version: 1\nrepositories: []\n');
  });

  test('that is not there changes nothing', () => {
    expect(removeEntry(bytes(COMMENTED), 2)).toBeNull();
  });
});

describe('changing an entry', () => {
  test('replaces a value in its place', () => {
    expect(text(setField(bytes(COMMENTED), 0, 'introduction', OTHER))).toBe(COMMENTED.replace(COMMIT, OTHER));
    expect(text(setField(bytes(COMMENTED), 1, 'introduction', COMMIT))).toBe(
      COMMENTED.replace(OTHER, COMMIT),
    );
  });

  test.each([0, 1])('adds and takes away a key of entry %i', (index) => {
    const added = text(setField(bytes(COMMENTED), index, 'policy', `sha256:${DIGEST}`));
    expect(parseTrust(bytes(added), '/x')).toMatchObject({
      entries: [{ policy: index === 0 ? DIGEST : null }, { policy: index === 1 ? DIGEST : null }],
    });
    expect(text(setField(bytes(added), index, 'policy', null))).toBe(COMMENTED);
    expect(text(setField(bytes(COMMENTED), index, 'policy', null))).toBe(COMMENTED);
  });

  test.each([0, 1])('pins the people of entry %i, again and no more', (index) => {
    const heads = {
      alice: [{ ssh: BOB }, { openpgp: '1'.repeat(40) }],
      '007': [{ openpgp: 'A'.repeat(40) }],
    };
    const added = text(setHeads(bytes(COMMENTED), index, heads));
    const parsed = parseTrust(bytes(added), '/x');
    const pinned = parsed.ok ? parsed.entries[index]?.heads : undefined;
    expect(new Map([...(pinned ?? [])].map(([name, pins]) => [name, pins.length]))).toEqual(
      new Map([
        ['007', 1],
        ['alice', 2],
      ]),
    );
    const again = text(setHeads(bytes(added), index, { bob: [{ ssh: BOB }] }));
    expect(again).not.toContain('alice');
    expect(text(setHeads(bytes(again), index, null))).toBe(COMMENTED);
  });
});
