import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../src/core/policy/parse.ts';
import type { Diagnostic } from '../../../src/core/policy/policy.ts';

const example = readFileSync(new URL('../../../policy.example.yaml', import.meta.url), 'utf8');
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const FINGERPRINTS = ['A', 'B', 'C', 'D'].map((digit) => digit.repeat(40));
const BOB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** A small valid policy; tests break one line of it. */
const GOOD = `version: 1
project: github.com/acme/nixpkgs
people:
  alice: { keys: [{ openpgp: ${FINGERPRINTS[0]} }] }
  bob: { keys: [{ ssh: "${BOB}" }] }
  carol: { keys: [{ openpgp: ${FINGERPRINTS[2]} }] }
  dave: { keys: [{ openpgp: ${FINGERPRINTS[3]} }] }
groups:
  core: [alice, bob, carol, dave]
governance: { people: 3, from: core }
branches:
  - name: stable
    match: [master]
    commits: { signed-by: core }
    require:
      - { name: everything, people: 2, approvals: 1, from: core }
`;

function diagnose(text: string): readonly Diagnostic[] {
  const parsed = parsePolicy(encode(text));
  return parsed.ok ? parsed.warnings : parsed.diagnostics;
}

/** The codes and places that replacing `from` by `to` gives. */
function broken(from: string, to: string): string[] {
  expect(GOOD).toContain(from);
  return diagnose(GOOD.replace(from, to)).map(({ code, line, column }) => `${line}:${column} ${code}`);
}

describe('the policy parser', () => {
  test('the example policy is valid and has no warning', () => {
    const parsed = parsePolicy(encode(example));
    expect(parsed.ok && parsed.warnings).toEqual([]);
  });

  test('defaults are the strict ones', () => {
    const parsed = parsePolicy(encode(GOOD));
    if (!parsed.ok) throw new Error('not valid');
    const [branch] = parsed.policy.branches;
    expect(branch).toMatchObject({
      mode: 'enforce',
      commits: { unsigned: 'refuse' },
      merges: { githubButton: 'refuse', conflicts: 'reviewed', signerCountsAs: 'person' },
      freshness: null,
    });
  });

  test('freshness counts from the people of governance, and warns where none of them can be spared', () => {
    const asking = (people: number) =>
      parsePolicy(
        encode(GOOD.replace('    require:', `    freshness: { days: 7, people: ${people} }\n    require:`)),
      );
    for (const [people, warnings] of [
      [3, []],
      [4, ['policy-quorum-tight']],
    ] as const) {
      const parsed = asking(people);
      if (!parsed.ok) throw new Error('not valid');
      expect(parsed.policy.branches[0]?.freshness).toEqual({ days: 7, people });
      expect(parsed.warnings.map(({ code }) => code)).toEqual(warnings);
    }
  });

  test.each([
    ['version: 1', 'version: 2', '1:10 policy-value'],
    ['    require:', '    freshness: { days: 7 }\n    require:', '15:16 policy-missing-key'],
    ['    require:', '    freshness: { people: 2 }\n    require:', '15:16 policy-missing-key'],
    ['    require:', '    freshness: { days: 0, people: 2 }\n    require:', '15:24 policy-value'],
    ['    require:', '    freshness: { days: 366, people: 2 }\n    require:', '15:24 policy-value'],
    ['    require:', '    freshness: { days: 1.5, people: 2 }\n    require:', '15:24 policy-value'],
    ['    require:', '    freshness: { days: 7, people: 0 }\n    require:', '15:35 policy-value'],
    [
      '    require:',
      '    freshness: { days: 7, people: 2, from: core }\n    require:',
      '15:38 policy-unknown-key',
    ],
    ['    require:', '    freshness: { days: 7, people: 5 }\n    require:', '15:35 policy-quorum-impossible'],
    ['version: 1\n', '', '1:1 policy-missing-key'],
    ['project: github.com/acme/nixpkgs', 'project: nixpkgs', '2:10 policy-value'],
    ['core: [alice,', 'core: [mallory,', '9:10 policy-unknown-person'],
    ['core: [alice,', 'core: [bob,', '9:15 policy-member-twice'],
    ['  bob: {', '  Alice: {', '5:3 policy-name-similar'],
    ['  dave: {', '  BOB: {', '7:3 policy-name-similar'],
    ['core: [alice, bob,', 'core: [alice,', '5:3 person-in-no-group'],
    ['core: [alice, bob, carol, dave]', 'core: []', '9:9 policy-value'],
    ['from: core }\nbranches', 'from: cores }\nbranches', '10:32 policy-unknown-group'],
    ['people: 3, from', 'people: 5, from', '10:23 policy-quorum-impossible'],
    ['approvals: 1', 'approvals: 4', '16:51 policy-quorum-impossible'],
    ['people: 2, approvals: 1', 'people: 5, approvals: 1', '16:37 policy-quorum-impossible'],
    ['people: 2, approvals: 1', 'people: 0, approvals: 0', '16:9 policy-requires-nothing'],
    ['signed-by: core', 'signed-by: nobody', '14:27 policy-unknown-group'],
    [FINGERPRINTS[0] ?? '', 'ABCD', '4:30 policy-value'],
    [FINGERPRINTS[0] ?? '', '968479A1AFF927E37D1A566BB5690EEEBB952194', '4:19 policy-web-flow-key'],
    [FINGERPRINTS[0] ?? '', (FINGERPRINTS[2] ?? '').toLowerCase(), '6:19 policy-key-shared'],
    [BOB, 'ssh-ed25519 AAAA', '5:24 policy-key-unreadable'],
    ['match: [master]', 'match: [/master]', '13:13 policy-value'],
    ['match: [master]', 'match: [master, "mast*"]', '13:21 policy-branch-overlap'],
    ['match: [master]', 'matches: [master]', '13:5 policy-unknown-key'],
    ['alice: {', 'alice: &a {', '4:13 policy-anchor'],
    ['version: 1', 'version: !!int 1', '1:16 policy-tag'],
    ['  dave: {', '  __proto__: {', '7:3 policy-key'],
    ['  dave: {', '  carol: {', '7:3 policy-duplicate-key'],
    ['version: 1', 'version: 1\n--- ', '2:1 policy-not-yaml'],
  ])('%j as %j: %s', (from, to, expected) => {
    expect(broken(from, to)).toContain(expected);
  });

  test('who is in no group is warned of, in any group is enough', () => {
    const alone = GOOD.replace('alice, bob, carol, dave]', 'bob, carol, dave]').replace(
      'people: 3',
      'people: 2',
    );
    expect(diagnose(alone)).toMatchObject([
      { code: 'person-in-no-group', severity: 'warning', line: 4, column: 3, length: 5 },
    ]);
    expect(diagnose(alone.replace('governance', '  other: [alice]\ngovernance'))).toEqual([]);
  });

  test('approvals: 0 is refused where several branches are enrolled, and accepted for one', () => {
    expect(broken('people: 2, approvals: 1', 'people: 2, approvals: 0')).toEqual([]);
    const several = GOOD.replace('[master]', '[master, staging]').replace('approvals: 1', 'approvals: 0');
    expect(diagnose(several).map(({ code }) => code)).toEqual(['policy-no-approval']);
  });

  test('more branch patterns than people would write are refused instead of compared', () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => `b${index}`).join(', ');
    expect(broken('match: [master]', `match: [${many(2000)}]`)).toEqual(['13:12 policy-value']);
    const rule = (index: number): string =>
      `  - { name: r${index}, match: [${Array.from({ length: 50 }, (_, at) => `b${index}x${at}`).join(', ')}], ` +
      'commits: { signed-by: core }, require: [{ name: all, people: 2, approvals: 1, from: core }] }\n';
    const codes = diagnose(GOOD + [1, 2, 3].map(rule).join('')).map(({ code }) => code);
    expect(codes).toContain('policy-too-many-patterns');
  });

  test('where the merger may be the only approver, several branches need a second approval', () => {
    const merges = 'commits: { signed-by: core }\n    merges: { signer-counts-as: approver }';
    const several = GOOD.replace('[master]', '[master, staging]').replace(
      'commits: { signed-by: core }',
      merges,
    );
    expect(diagnose(several).map(({ code }) => code)).toEqual(['policy-no-approval']);
    expect(diagnose(several.replace('approvals: 1', 'approvals: 2')).map(({ code }) => code)).toEqual([]);
  });

  test('a rule without a requirement for everything is warned about', () => {
    const narrow = GOOD.replace('name: everything,', 'name: lib, paths: ["lib/**"],');
    const parsed = parsePolicy(encode(narrow));
    expect(parsed.ok && parsed.warnings.map(({ code }) => code)).toEqual(['policy-no-catch-all']);
  });

  test('a quorum that one more loss makes impossible is a warning, and the policy stays valid', () => {
    const tight = parsePolicy(encode(GOOD.replace('approvals: 1', 'approvals: 3')));
    expect(tight.ok && tight.warnings.map(({ code }) => code)).toEqual(['policy-quorum-tight']);
  });

  test('a hardware key is asked for a touch unless the pin says otherwise', () => {
    const blob = Buffer.concat(
      ['sk-ssh-ed25519@openssh.com', Buffer.from([...Array(32).keys()]), 'ssh:'].map((part) => {
        const bytes = Buffer.from(part);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length);
        return Buffer.concat([length, bytes]);
      }),
    ).toString('base64');
    const presence = (more: string): unknown => {
      const parsed = parsePolicy(
        encode(GOOD.replace(`ssh: "${BOB}"`, `ssh: "sk-ssh-ed25519@openssh.com ${blob}"${more}`)),
      );
      const pin = parsed.ok ? parsed.policy.people.get('bob')?.keys[0] : null;
      return pin?.kind === 'ssh' ? pin.presence : parsed;
    };
    expect(presence('')).toBe('touch');
    expect(presence(', presence: none')).toBe('none');
    expect(presence(', presence: verified')).toBe('verified');
    expect(broken(`ssh: "${BOB}"`, `ssh: "${BOB}", presence: touch`)).toContain(
      '5:118 policy-key-unreadable',
    );
  });

  test.each([
    ['100 MB', new Uint8Array(100_000_000).fill(0x23), 'policy-too-large'],
    ['not UTF-8', Uint8Array.of(0xff), 'policy-not-utf8'],
    ['deep', encode('['.repeat(200_000)), null],
    ['10,000 aliases', encode(`a: &a x\nb: [${'*a,'.repeat(10_000)}]`), 'policy-anchor'],
    [
      '40,000 keys',
      encode(
        Array.from({ length: 40_000 }, (_, index) => `k${index}:`)
          .join('\n')
          .slice(0, 262_144),
      ),
      null,
    ],
    ['empty', new Uint8Array(), null],
  ])('hostile input (%s) gives diagnostics, bounded in number', (_name, bytes, code) => {
    const parsed = parsePolicy(bytes);
    if (parsed.ok) throw new Error('valid');
    expect(parsed.diagnostics.length).toBeGreaterThan(0);
    expect(parsed.diagnostics.length).toBeLessThanOrEqual(50);
    if (code !== null) expect(parsed.diagnostics.map((one) => one.code)).toContain(code);
  });

  test('places are right after a scalar that a stray bracket breaks', () => {
    const lines = GOOD.replace('core: [alice', '] [alice').split('\n');
    for (const { line, column } of diagnose(lines.join('\n'))) {
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
    }
  });

  test('whatever one byte of a policy becomes, the parser answers and every place lies in the text', () => {
    const good = encode(GOOD);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (index, byte) => {
        const bytes = good.slice();
        bytes[index] = byte;
        const parsed = parsePolicy(bytes);
        const lines = new TextDecoder().decode(bytes).split('\n');
        for (const { line, column } of parsed.ok ? parsed.warnings : parsed.diagnostics) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 1500 },
    );
  });
});
