import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseOid, type Oid } from '../../../src/core/object/id.ts';
import type { SignedText } from '../../../src/core/statement/extract.ts';
import {
  LEDGER_LIMITS,
  ledgerDigest,
  ledgerFile,
  ledgerName,
  ledgerPaths,
  parseLedgerPath,
  readLedgerFile,
} from '../../../src/core/statement/ledger.ts';
import { encodeStatement, type Review, type Statement } from '../../../src/core/statement/statement.ts';

const oid = (digit: string): Oid => parseOid(digit.repeat(40)) ?? expect.fail('no id');

function review(head: Oid, decision: Review['decision'] = 'approve'): Review {
  return {
    type: 'review',
    project: 'github.com/acme/nixpkgs',
    branch: 'master',
    base: oid('b'),
    head,
    change: 'c'.repeat(64),
    decision,
    reviewer: 'alice',
    serial: 1,
    notes: ['fine'],
  };
}

const revocation: Statement = {
  type: 'revoke',
  project: 'github.com/acme/nixpkgs',
  person: 'alice',
  key: `openpgp:${'A'.repeat(40)}`,
  revoker: 'alice',
  reason: 'lost',
};

const ARMOR = '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n';
const PGP = '-----BEGIN PGP SIGNATURE-----\n\nwsBz\n=abcd\n-----END PGP SIGNATURE-----\n';

function signed(text: string, form: SignedText['form'] = 'detached', armor = ARMOR): SignedText {
  const encode = (part: string): Uint8Array => new TextEncoder().encode(part);
  return { from: 'comment 1', text: encode(text), armor: encode(armor), form };
}

describe('a file of the ledger', () => {
  test('is the text and its armor, and reads back byte for byte', () => {
    const one = signed(encodeStatement(review(oid('a'))));
    const file = ledgerFile(one);
    expect(new TextDecoder().decode(file)).toBe(`${encodeStatement(review(oid('a')))}${ARMOR}`);
    expect(readLedgerFile(file, 'x')).toEqual([{ ...one, from: 'x' }]);
  });

  test('keeps the frame of a clearsigned text', () => {
    const one = signed(encodeStatement(review(oid('a'))), 'cleartext', PGP);
    const file = ledgerFile(one);
    expect(new TextDecoder().decode(file)).toMatch(/^-----BEGIN PGP SIGNED MESSAGE-----\n\ncountersign: /);
    expect(readLedgerFile(file, 'x')).toEqual([{ ...one, from: 'x' }]);
  });

  test('holds a clearsigned text with lines that begin with a dash', () => {
    const one = signed('countersign: review/v1\n-----BEGIN PGP SIGNATURE-----\n- x\n', 'cleartext', PGP);
    expect(readLedgerFile(ledgerFile(one), 'x')).toEqual([{ ...one, from: 'x' }]);
  });

  test.each([
    ['a text that would not be found again', signed('hello\n')],
    ['no armor', signed(encodeStatement(review(oid('a'))), 'detached', 'nothing\n')],
    ['two texts in one', signed(`${encodeStatement(review(oid('a')))}${ARMOR}countersign: x\n`)],
    ['more than a file may hold', signed(`countersign: ${'x'.repeat(LEDGER_LIMITS.file)}\n`)],
    ['bytes that are not UTF-8', { ...signed('countersign: x\n'), text: Uint8Array.of(0xff, 0x0a) }],
  ])('refuses %s', (_, one) => {
    expect(() => ledgerFile(one)).toThrow(RangeError);
    expect(ledgerDigest(one)).toBeNull();
  });

  test('is named after its own bytes, so that another signature has another name', () => {
    const one = signed(encodeStatement(review(oid('a'))));
    const other = { ...one, armor: new TextEncoder().encode(ARMOR.replace('U1NI', 'AAAA')) };
    expect(ledgerName(ledgerFile(one))).toBe(createHash('sha256').update(ledgerFile(one)).digest('hex'));
    expect(ledgerDigest(one)).toBe(ledgerName(ledgerFile(one)));
    expect(ledgerDigest(other)).not.toBe(ledgerDigest(one));
  });
});

describe('paths', () => {
  const file = new TextEncoder().encode('x');
  const name = ledgerName(file);

  test('a batch lies under each of its heads, a revocation under none', () => {
    const adoption: Statement = {
      ...omit(review(oid('d'))),
      type: 'adopt',
      adopter: 'alice',
    };
    expect(ledgerPaths(file, [review(oid('a')), review(oid('a')), adoption, revocation])).toEqual([
      `adopt/${oid('d')}/${name}`,
      `review/${oid('a')}/${name}`,
      `revoke/keys/${name}`,
    ]);
  });

  test('a review may lie under a later head as well, a revocation may not', () => {
    expect(ledgerPaths(file, [review(oid('a'))], [oid('e')])).toEqual([
      `review/${oid('a')}/${name}`,
      `review/${oid('e')}/${name}`,
    ]);
    expect(ledgerPaths(file, [revocation], [oid('e')])).toEqual([`revoke/keys/${name}`]);
  });

  test('what is said to users lies under the commit that it is about', () => {
    const where = { project: 'github.com/acme/nixpkgs', branch: 'master' };
    const head: Statement = { type: 'head', ...where, head: oid('a'), time: 0, attester: 'bob' };
    const introduction: Statement = {
      type: 'introduction',
      ...where,
      commit: oid('b'),
      policy: 'c'.repeat(64),
      introducer: 'bob',
    };
    const paths = [`head/${oid('a')}/${name}`, `introduction/${oid('b')}/${name}`];
    expect(ledgerPaths(file, [introduction, head], [oid('e')])).toEqual(paths);
    expect(paths.map(parseLedgerPath)).toEqual([
      { folder: 'head', head: oid('a'), name },
      { folder: 'introduction', head: oid('b'), name },
    ]);
  });

  test('are read back, and nothing else is a path', () => {
    expect(parseLedgerPath(`review/${oid('a')}/${name}`)).toEqual({ folder: 'review', head: oid('a'), name });
    expect(parseLedgerPath(`revoke/keys/${name}`)).toEqual({ folder: 'revoke', head: null, name });
    for (const path of [
      '',
      'README',
      `review/${name}`,
      `review/abc/${name}`,
      `other/${oid('a')}/${name}`,
      `revoke/${oid('a')}/${name}`,
      `review/${oid('a')}/${name}/x`,
      `review/${oid('a')}/${name.slice(1)}`,
      `review/${oid('a')}/${name.toUpperCase()}`,
    ]) {
      expect(parseLedgerPath(path), path).toBeNull();
    }
  });
});

function omit(one: Review): Omit<Review, 'type' | 'decision' | 'reviewer'> {
  const { project, branch, base, head, change, serial, notes } = one;
  return { project, branch, base, head, change, serial, notes };
}
