import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCommit } from '../../../src/core/object/commit.ts';
import { objectId } from '../../../src/core/object/hash.ts';
import {
  encodePossession,
  parsePossession,
  type Possession,
} from '../../../src/core/statement/possession.ts';
import { parseStatement } from '../../../src/core/statement/statement.ts';

const OPENPGP = `openpgp:6B61ECD76088748C70590D55E90A401336C8AAA9`;
const POSSESSION: Possession = { project: 'github.com/acme/nixpkgs', person: 'alice', key: OPENPGP };
const TEXT = `countersign: possession/v1
project: github.com/acme/nixpkgs
person: alice
key: ${OPENPGP}
`;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): string => {
  const parsed = parsePossession(encode(text));
  return parsed.ok ? 'ok' : `line ${parsed.line}`;
};

describe('possession/v1', () => {
  test('has the text that docs/statements.md gives', () => {
    expect(encodePossession(POSSESSION)).toBe(TEXT);
  });

  test.each([
    ['CRLF', TEXT.replaceAll('\n', '\r\n'), 'line 1'],
    ['no line end at the end', TEXT.slice(0, -1), 'line 4'],
    ['two line ends at the end', `${TEXT}\n`, 'line 5'],
    ['a note', `${TEXT}note: x\n`, 'line 5'],
    ['a blank after a value', TEXT.replace('alice', 'alice '), 'line 3'],
    ['two blanks after a colon', TEXT.replace('person: ', 'person:  '), 'line 3'],
    ['two lines swapped', TEXT.replace(/(project: .*\n)(person: .*\n)/, '$2$1'), 'line 2'],
    ['a line left out', TEXT.replace(/person: .*\n/, ''), 'line 3'],
    ['a fingerprint in lower case', TEXT.replace('6B61', '6b61'), 'line 4'],
    ['a key id', TEXT.replace(OPENPGP, 'openpgp:E90A401336C8AAA9'), 'line 4'],
    ['a fingerprint of another kind', TEXT.replace('openpgp:', 'ssh:'), 'line 4'],
    ['a padded SSH fingerprint', TEXT.replace(OPENPGP, `ssh:SHA256:${'A'.repeat(43)}=`), 'line 4'],
    ['base64 with stray bits', TEXT.replace(OPENPGP, `ssh:SHA256:${'A'.repeat(42)}B`), 'line 4'],
    ['no project', TEXT.replace('github.com/acme/nixpkgs', 'nixpkgs'), 'line 2'],
    ['another version', TEXT.replace('possession/v1', 'possession/v2'), 'line 1'],
    ['another type', TEXT.replace('possession/v1', 'review/v1'), 'line 1'],
    ['a byte order mark', `\ufeff${TEXT}`, 'line 1'],
    ['nothing', '', 'line 1'],
  ])('%s is not the one encoding', (_name, text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  test('a version 6 fingerprint and an SSH fingerprint are keys', () => {
    expect(parse(TEXT.replace(OPENPGP, `openpgp:${'A0'.repeat(32)}`))).toBe('ok');
    expect(parse(TEXT.replace(OPENPGP, `ssh:SHA256:${'A'.repeat(43)}`))).toBe('ok');
  });

  test('what has no encoding is refused, not written', () => {
    for (const wrong of [
      { person: 'alice\nkey: x' },
      { project: 'github.com/a b' },
      { key: 'ssh-ed25519 AAAA' },
    ]) {
      expect(() => encodePossession({ ...POSSESSION, ...wrong })).toThrow(RangeError);
    }
  });

  const possessions = fc.record({
    project: fc.constantFrom('github.com/acme/nixpkgs', 'git.example.org/a/b/c'),
    person: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/),
    key: fc.oneof(
      fc.stringMatching(/^[0-9A-F]{40}$/).map((hex) => `openpgp:${hex}`),
      fc.stringMatching(/^[0-9A-F]{64}$/).map((hex) => `openpgp:${hex}`),
      fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((bytes) => `ssh:SHA256:${Buffer.from(bytes).toString('base64').slice(0, 43)}`),
    ),
  });

  test('parse after encode is the identity, and two possessions never have one text', () => {
    fc.assert(
      fc.property(possessions, possessions, (one, other) => {
        const text = encodePossession(one);
        expect(parsePossession(encode(text))).toEqual({ ok: true, possession: one });
        if (JSON.stringify(one) !== JSON.stringify(other)) expect(encodePossession(other)).not.toBe(text);
      }),
    );
  });

  test('whatever parses is the one encoding of what it says', () => {
    const bytes = encode(TEXT);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (index, byte) => {
        const changed = bytes.slice();
        changed[index] = byte;
        const parsed = parsePossession(changed);
        if (parsed.ok) expect(encode(encodePossession(parsed.possession))).toEqual(changed);
      }),
      { numRuns: 3000 },
    );
  });

  test('no possession is a review or a commit, and neither of them a possession (row 24)', () => {
    const commit = `tree ${'1'.repeat(40)}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx\n`;
    const review = `countersign: review/v1\nproject: github.com/acme/nixpkgs\nbranch: master\nbase: ${'1'.repeat(40)}
head: ${'2'.repeat(40)}\nchange: sha256:${'3'.repeat(64)}\ndecision: approve\nreviewer: alice\nserial: 1\n`;
    expect(parseStatement(encode(review)).ok).toBe(true);
    expect(parse(review)).toBe('line 1');
    expect(parse(commit)).toBe('line 1');
    fc.assert(
      fc.property(possessions, (possession) => {
        const bytes = encode(encodePossession(possession));
        expect(parseStatement(bytes)).toMatchObject({ ok: false, line: 1 });
        expect(parseCommit(objectId('commit', bytes, 'sha1'), bytes)).toMatchObject({
          ok: false,
          problem: 'commit-malformed',
        });
      }),
    );
  });
});
