import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeIntroduction, parseIntroduction } from '../../../src/core/history/introduction.ts';
import { runs } from '../../properties/runs.ts';
import { hex, oid } from '../../properties/statements.ts';

const COMMIT = '3f2a'.repeat(10);
const POLICY = 'ab'.repeat(32);
const TEXT = `countersign:github.com/acme/nixpkgs#master@${COMMIT},sha256:${POLICY}`;
const SAID = { project: 'github.com/acme/nixpkgs', branch: 'master', commit: oid(COMMIT), policy: POLICY };

describe('the string of an introduction', () => {
  test('says project, branch, commit and policy', () => {
    expect(encodeIntroduction(SAID)).toBe(TEXT);
    expect(parseIntroduction(TEXT)).toEqual(SAID);
  });

  test.each(['a@b', 'a,b', `a@${COMMIT},sha256`, 'release-26.11', 'feature/é#1', ',sha256', '#@,'])(
    'a branch called %s is read as it was written',
    (branch) => {
      expect(parseIntroduction(encodeIntroduction({ ...SAID, branch }))).toEqual({ ...SAID, branch });
    },
  );

  test.each([
    ['nothing', ''],
    ['a line end', `${TEXT}\n`],
    ['a blank before it', ` ${TEXT}`],
    ['another scheme', TEXT.replace('countersign:', 'Countersign:')],
    ['two slashes after the scheme', TEXT.replace('countersign:', 'countersign://')],
    ['no project', TEXT.replace('github.com/acme/nixpkgs', '')],
    ['a host alone', TEXT.replace('/acme/nixpkgs', '')],
    ['a project in upper case', TEXT.replace('github', 'GitHub')],
    ['no branch', TEXT.replace('#master', '#')],
    ['a branch that git does not allow', TEXT.replace('master', 'a..b')],
    ['a branch with a blank', TEXT.replace('master', 'mas ter')],
    ['half a character in a branch', TEXT.replace('master', 'm\ud800')],
    ['no commit', TEXT.replace(`@${COMMIT}`, '')],
    ['a short commit', TEXT.replace(COMMIT, COMMIT.slice(1))],
    ['a commit in upper case', TEXT.replace(COMMIT, COMMIT.toUpperCase())],
    ['no policy', TEXT.replace(/,.*/, '')],
    ['a policy without its hash', TEXT.replace('sha256:', '')],
    ['another hash', TEXT.replace('sha256:', 'sha512:')],
    ['a short policy', TEXT.slice(0, -1)],
    ['a policy in upper case', TEXT.replace(POLICY, POLICY.toUpperCase())],
    ['commit and policy the wrong way round', `countersign:a.b/c#m,sha256:${POLICY}@${COMMIT}`],
    ['a branch longer than any', TEXT.replace('master', 'x'.repeat(251))],
    ['more than anybody publishes', TEXT.replace('master', 'x/'.repeat(100_000))],
  ])('%s is none', (_name, text) => {
    expect(parseIntroduction(text)).toBeNull();
  });

  test('is made of nothing that could not be read again', () => {
    for (const wrong of [
      { project: 'nixpkgs' },
      { project: 'github.com/acme/nixpkgs#x' },
      { branch: '' },
      { branch: 'a b' },
      { policy: `sha256:${POLICY}` },
      { policy: '' },
    ]) {
      expect(() => encodeIntroduction({ ...SAID, ...wrong })).toThrow(RangeError);
    }
  });

  test('parse after encode is the identity, and nothing else parses', () => {
    const said = fc.record({
      project: fc.stringMatching(/^[a-z0-9]{1,10}\.org(?::[0-9]{1,4})?\/[A-Za-z0-9._-]{1,10}$/),
      branch: fc.stringMatching(/^[a-z0-9é,#][a-z0-9é,#@]{0,9}(?:\/[a-z0-9_,#-]{1,9}){0,2}$/),
      commit: fc.constantFrom(40, 64).chain(hex).map(oid),
      policy: hex(64),
    });
    fc.assert(
      fc.property(said, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (one, at, character) => {
        const text = encodeIntroduction(one);
        expect(parseIntroduction(text)).toEqual(one);
        const place = at % text.length;
        const other = text.slice(0, place) + character + text.slice(place + 1);
        const parsed = parseIntroduction(other);
        if (parsed !== null) expect(encodeIntroduction(parsed)).toBe(other);
        if (other !== text) expect(parsed).not.toEqual(one);
      }),
      runs(500),
    );
  });
});
