import { describe, expect, test } from 'vitest';
import {
  MAX_SIGNATURE_ARMOR_BYTES,
  parseArmorBlocks,
  parseSignatureArmor,
} from '../../src/core/signature/armor.ts';
import { Refusal } from '../../src/core/signature/refusal.ts';
import { armorPgp } from '../keys/packets.ts';
import { reasonOf } from './violation.ts';

// Just inside and just outside of every bound, so that none of them moves unseen.

describe('armor', () => {
  const signature = (text: string) =>
    reasonOf(() => parseSignatureArmor(Buffer.from(text, 'latin1'), 'PGP SIGNATURE'));
  const blocks = (text: string) => {
    try {
      return parseArmorBlocks(Buffer.from(text, 'latin1'), 'PGP SIGNATURE').length;
    } catch (error) {
      if (error instanceof Refusal) return error.reason;
      throw error;
    }
  };
  const one = armorPgp('SIGNATURE', Buffer.from('abc'));

  test('of exactly the bound is read, of one byte more is not', () => {
    const exactly = one + '\n'.repeat(MAX_SIGNATURE_ARMOR_BYTES - one.length);
    expect([signature(exactly), signature(`${exactly}\n`)]).toEqual(['read', 'signature-malformed']);
  });

  test('is one block: none is malformed, two are several signatures', () => {
    expect([signature(''), signature('\n \r\n'), signature(one), signature(one + one)]).toEqual([
      'signature-malformed',
      'signature-malformed',
      'read',
      'several-signatures',
    ]);
    expect([
      blocks(''),
      blocks('\n \n'),
      blocks(one),
      blocks(one + one),
      blocks(`${one}\n\t\n${one}`),
    ]).toEqual([0, 0, 1, 2, 2]);
  });

  test.each([
    ['a word before it', `x${one}`],
    ['a word before it in a line', `x\n${one}`],
    ['a word after its opening', one.replace('SIGNATURE-----\n', 'SIGNATURE-----x\n')],
    ['a word after its end', `${one.trimEnd()}x\n`],
    ['a word after its end in a line', `${one}x\n`],
    ['another end', one.replace('END PGP SIGNATURE', 'END PGP MESSAGE')],
    ['no end', one.slice(0, one.indexOf('-----END'))],
    ['half an end', one.slice(0, -7)],
    ['no blank line', one.replace('\n\n', '\n')],
    ['nothing but its opening', '-----BEGIN PGP SIGNATURE-----'],
    ['nothing but its opening line', '-----BEGIN PGP SIGNATURE-----\n'],
    ['nothing after its headers', '-----BEGIN PGP SIGNATURE-----\nVersion: x\n'],
    ['a header without a colon', one.replace('\n\n', '\nVersion\n\n')],
    ['a header without a blank', one.replace('\n\n', '\nVersion:x\n\n')],
    ['a header with a blank in its name', one.replace('\n\n', '\nVer sion: x\n\n')],
    ['a header whose name is too long', one.replace('\n\n', `\n${'x'.repeat(65)}: x\n\n`)],
    ['no body', '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'],
    ['nothing but a checksum', '-----BEGIN PGP SIGNATURE-----\n\n=AAAA\n-----END PGP SIGNATURE-----\n'],
    ['a checksum that is too long', one.replace(/(=....)\n/, '$1A\n')],
    ['a checksum that begins twice', one.replace(/(=....)\n/, '=$1\n')],
    ['no opening', one.slice(one.indexOf('\n') + 1)],
    ['headers and no opening', `Version: x\n${one.slice(one.indexOf('\n') + 1)}`],
    ['a wrong checksum', one.replace(/=....\n/, '=AAAA\n')],
    ['a short checksum', one.replace(/=....\n/, '=AAA\n')],
    ['two checksums', one.replace(/(=....\n)/, '$1$1')],
    ['a blank line in its body', armorPgp('SIGNATURE', Buffer.alloc(60)).replace('AAAA\n', 'AAAA\n\n')],
    ['a blank in its body', one.replace('YWJj', 'YW Jj')],
    ['stray bits', one.replace('YWJj', 'YWJ=')],
    ['a label of another kind', one.replaceAll('SIGNATURE', 'MESSAGE')],
  ])('with %s is malformed', (_, text) => {
    expect(text).not.toBe(one);
    expect([signature(text), blocks(text)]).toEqual(['signature-malformed', 'signature-malformed']);
  });

  test.each([
    ['no last line end', one.trimEnd()],
    ['no checksum', one.replace(/=....\n/, '')],
    ['a header', one.replace('\n\n', '\nVersion: x\n\n')],
    ['an empty header', one.replace('\n\n', '\nVersion:\n\n')],
    ['a header whose name is as long as can be', one.replace('\n\n', `\n${'x'.repeat(64)}: x\n\n`)],
    ['a long header', one.replace('\n\n', `\nComment: ${'x'.repeat(500)}\n\n`)],
    ['blanks at the end of its lines', one.replaceAll('\n', ' \t\r\n')],
    ['blank lines around it', ` \n\t\r\n${one}\n \n`],
  ])('with %s is read', (_, text) => {
    const parsed = parseSignatureArmor(Buffer.from(text), 'PGP SIGNATURE');
    expect(Buffer.from(parsed).toString()).toBe('abc');
  });

  test('of SSH begins with its first line, as it is', () => {
    const opening = '-----BEGIN SSH SIGNATURE-----';
    const ssh = (before: string, after: string) =>
      reasonOf(() =>
        parseSignatureArmor(
          Buffer.from(`${before}${opening}${after}YWJj\n-----END SSH SIGNATURE-----\n`),
          'SSH SIGNATURE',
        ),
      );
    expect(ssh('', '\n')).toBe('read');
    for (const [before, after] of [
      ['', ' \n'],
      ['', '\t\n'],
      ['', '\r\n'],
      ['', ''],
      ['\n', '\n'],
      [' ', '\n'],
      ['\r\n', '\n'],
    ] as const)
      expect([before, after, ssh(before, after)]).toEqual([before, after, 'signature-malformed']);
  });

  test('of SSH has neither headers nor a checksum', () => {
    const ssh = (inner: string) =>
      reasonOf(() =>
        parseSignatureArmor(
          Buffer.from(`-----BEGIN SSH SIGNATURE-----\n${inner}-----END SSH SIGNATURE-----\n`),
          'SSH SIGNATURE',
        ),
      );
    expect(ssh('YWJj\n')).toBe('read');
    for (const inner of ['\nYWJj\n', 'Version: x\n\nYWJj\n', `YWJj\n${/=....\n/.exec(one)?.[0] ?? ''}`, ''])
      expect([inner, ssh(inner)]).toEqual([inner, 'signature-malformed']);
  });
});
