import { describe, expect, test } from 'vitest';
import { MAX_KEY_FILE_BYTES, parseKeyFile } from '../../src/core/identity/key-file.ts';
import { MAX_COMMIT_BYTES, parseCommit } from '../../src/core/object/commit.ts';
import { MAX_TREE_BYTES, parseTree } from '../../src/core/object/tree.ts';
import { LARGEST_POLICY } from '../../src/core/policy/document.ts';
import { MAX_SIGNATURE_ARMOR_BYTES, parseSignatureArmor } from '../../src/core/signature/armor.ts';
import { parseSshKeyBlob, parseSshPublicKey } from '../../src/core/signature/ssh-key.ts';
import { noKeys } from '../../src/core/signature/verification-keys.ts';
import { verifySignature } from '../../src/core/signature/verify.ts';
import { extractStatements } from '../../src/core/statement/extract.ts';
import { reasonOf } from '../properties/violation.ts';
import { MIB, untouchable, oid, codes } from './hostile.ts';

describe('row 40: what is too large is refused before it is looked at', () => {
  test.each<readonly [string, () => unknown, unknown]>([
    ['a policy of 100 MB', () => codes(untouchable(100 * MIB)), ['policy-too-large']],
    ['a policy of one byte too many', () => codes(untouchable(LARGEST_POLICY + 1)), ['policy-too-large']],
    [
      'a key file',
      () => parseKeyFile({ path: 'a', bytes: untouchable(MAX_KEY_FILE_BYTES + 1) }),
      { ok: false, reason: 'too-large' },
    ],
    [
      'the armor of a signature',
      () => reasonOf(() => parseSignatureArmor(untouchable(MAX_SIGNATURE_ARMOR_BYTES + 1), 'PGP SIGNATURE')),
      'signature-malformed',
    ],
    ['an SSH key', () => reasonOf(() => parseSshKeyBlob(untouchable(1 * MIB))), 'signature-malformed'],
    [
      'a commit',
      () => parseCommit(oid(), untouchable(MAX_COMMIT_BYTES + 1)),
      { ok: false, problem: 'commit-malformed' },
    ],
    [
      'a tree',
      () => parseTree(oid(), untouchable(MAX_TREE_BYTES + 1)),
      { ok: false, problem: 'tree-malformed' },
    ],
  ])('%s', (_, parse, expected) => {
    const result = parse();
    if (typeof expected === 'object' && !Array.isArray(expected))
      expect(result).toMatchObject(expected ?? {});
    else expect(result).toEqual(expected);
  });

  test('an SSH public key as text', () => {
    expect(parseSshPublicKey(`ssh-ed25519 ${'A'.repeat(MIB)}`)).toEqual({
      ok: false,
      reason: 'the key is too long',
    });
    expect(parseSshPublicKey(`ssh-ed25519 AAAA ${' '.repeat(MIB)}x`).ok).toBe(false);
  });

  test('the armor of a signature, in a claim as it comes from a commit', async () => {
    const armor = Buffer.from(
      `-----BEGIN PGP SIGNATURE-----\n\n${'A'.repeat(MIB)}\n-----END PGP SIGNATURE-----\n`,
    );
    const claim = { payload: Buffer.alloc(0), armor, form: 'detached', namespace: 'git' } as const;
    expect(await verifySignature(claim, noKeys)).toMatchObject({
      status: 'malformed',
      reason: 'signature-malformed',
    });
  });
});

describe('row 40: a policy', () => {
  const few = 50;

  test('of 10,000 aliases is refused, with few diagnostics and nothing unfolded', () => {
    const aliases = `a: &a [x]\nb: [${'*a, '.repeat(10_000)}x]\n`;
    expect(new Set(codes(Buffer.from(aliases)))).toEqual(new Set(['policy-anchor', 'policy-alias']));
    expect(codes(Buffer.from(aliases)).length).toBeLessThanOrEqual(few);
    // Nine levels of ten aliases each would be a thousand million leaves.
    const laughs = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}x]\n`,
    );
    const found = codes(Buffer.from(`l0: &l0 [lol]\n${laughs.join('')}`));
    expect(found).toContain('policy-alias');
    expect(found.length).toBeLessThanOrEqual(few);
  });

  test.each([
    ['nested lists', '['.repeat(100_000)],
    ['nested mappings', Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
    ['nested flow mappings', '{a: '.repeat(50_000)],
    ['unknown keys', Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('')],
    ['one key again and again', 'a: 1\n'.repeat(20_000)],
    ['documents', '---\n'.repeat(50_000)],
    ['tags', '- !x 1\n'.repeat(20_000)],
    ['errors', '\t%\n'.repeat(50_000)],
  ])('of %s is refused with few diagnostics', (_, text) => {
    const bytes = Buffer.from(text);
    expect(bytes.length).toBeLessThanOrEqual(LARGEST_POLICY);
    const found = codes(bytes);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(few);
  });
});

describe('row 40: a comment', () => {
  const extract = (text: string) => extractStatements({ from: 'comment 1', text });
  const problems = (text: string) => extract(text).broken.map(({ problem }) => problem);

  test('of more than 1 MB is not searched', () => {
    expect(extract(`countersign: review/v1\n${'x'.repeat(MIB)}`)).toEqual({
      signed: [],
      broken: [{ from: 'comment 1', line: 1, problem: 'too-large' }],
    });
  });

  test.each([
    ['openings', '-----BEGIN PGP SIGNATURE-----\n'],
    ['clear-signed openings', '-----BEGIN PGP SIGNED MESSAGE-----\n\n'],
    ['clear-signed openings with a hash', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'],
    ['statements without a signature', 'countersign: review/v1\n'],
    ['statements whose signature is cut off', 'countersign: x\n-----BEGIN SSH SIGNATURE-----\n'],
    [
      'whole empty signatures',
      'countersign: x\n-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n',
    ],
  ])('of 1 MB of %s gives a bounded number of findings', (_, unit) => {
    const text = unit.repeat(Math.floor(MIB / unit.length));
    const { signed, broken } = extract(text);
    expect(signed.length + broken.length).toBeLessThanOrEqual(513);
    expect(problems(text).at(-1) ?? 'none').toBe(
      signed.length === 0 && broken.length < 512 ? broken.at(-1)?.problem : 'too-many',
    );
  });

  test.each([
    ['one line', 'x'.repeat(MIB)],
    ['quotation marks', '>'.repeat(MIB)],
    ['blanks', ' '.repeat(MIB)],
    ['line ends', '\r\n'.repeat(MIB / 2)],
    ['fences', '```\n'.repeat(MIB / 4)],
    ['CR', '\r'.repeat(MIB)],
    ['one long field', `countersign: ${'a: '.repeat(MIB / 4)}`],
  ])('of 1 MB of %s holds nothing', (_, text) => {
    const { signed, broken } = extract(text);
    expect(signed).toEqual([]);
    expect(broken.length).toBeLessThanOrEqual(1);
  });
});
