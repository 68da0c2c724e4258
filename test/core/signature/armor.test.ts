import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MAX_SIGNATURE_ARMOR_BYTES,
  parseArmorBlocks,
  parseSignatureArmor,
} from '../../../src/core/signature/armor.ts';
import { parseBase64 } from '../../../src/core/signature/base64.ts';
import { Refusal } from '../../../src/core/signature/refusal.ts';
import { must, openKeys } from '../../keys/keys.ts';
import type { Keys } from '../../keys/keys.ts';

let keys: Keys;
let armored = '';
let binary: Uint8Array = new Uint8Array();

beforeAll(async () => {
  keys = await openKeys();
  const alice = await keys.makeGpgKey('alice');
  armored = Buffer.from(await keys.signDetached(alice, Buffer.from('text'))).toString();
  binary = new Uint8Array(must('gpg', await keys.gpg(['--dearmor'], Buffer.from(armored))));
});
afterAll(() => keys.close());

const parse = (text: string) => parseSignatureArmor(Buffer.from(text), 'PGP SIGNATURE');
const reason = (text: string) => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return 'accepted';
};

describe('OpenPGP armor (RFC 9580 section 6.2)', () => {
  it('gives what gpg --dearmor gives', () => {
    expect(parse(armored)).toEqual(binary);
  });

  it.each<[string, (text: string) => string]>([
    ['white space around it', (text) => `\n \t\r\n${text}\n\n  \n`],
    ['CR LF line ends', (text) => text.replaceAll('\n', '\r\n')],
    ['trailing blanks', (text) => text.replaceAll('\n', ' \t\n')],
    ['armor headers', (text) => text.replace('\n\n', '\nVersion: GnuPG v1\nComment: x: y\nCharset:\n\n')],
    ['no checksum', (text) => text.replace(/\n=[^\n]{4}\n-----END/, '\n-----END')],
    ['no last line end', (text) => text.trimEnd()],
  ])('is accepted with %s', (_, change) => {
    expect(parse(change(armored))).toEqual(binary);
  });

  it.each<[string, (text: string) => string]>([
    ['text before it', (text) => `x\n${text}`],
    ['text after it', (text) => `${text}x`],
    ['another label', (text) => text.replaceAll('SIGNATURE', 'MESSAGE')],
    ['labels that differ', (text) => text.replace('END PGP SIGNATURE', 'END PGP MESSAGE')],
    ['no end', (text) => text.replace(/-----END[^]*/, '')],
    ['no blank line before the body', (text) => text.replace('\n\n', '\n')],
    ['a header without a colon', (text) => text.replace('\n\n', '\nVersion\n\n')],
    ['a blank line in its middle', (text) => text.replace(/\n(.{20})/g, '\n$1\n\n')],
    ['a character that is not base64', (text) => text.replace(/\n\n./, '\n\n*')],
    ['padding in the middle', (text) => text.replace(/\n\n(.{4})/, '\n\n$1=')],
    ['no body', () => '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'],
    ['nothing', () => ''],
    ['too much', (text) => text + '\n'.repeat(MAX_SIGNATURE_ARMOR_BYTES)],
  ])('is refused with %s', (_, change) => {
    expect(change(armored)).not.toBe(armored);
    expect(reason(change(armored))).toBe('signature-malformed');
  });

  it('is refused with a wrong checksum, accepted with the right one', () => {
    // `123456789` has the CRC-24/OPENPGP 0x21CF02, says the catalogue of CRC algorithms.
    const block = (sum: string) =>
      `-----BEGIN PGP SIGNATURE-----\n\nMTIzNDU2Nzg5\n=${sum}\n-----END PGP SIGNATURE-----\n`;
    expect(Buffer.from(parse(block('Ic8C'))).toString()).toBe('123456789');
    expect(reason(block('Ic8D'))).toBe('signature-malformed');
    expect(reason(block('AAAA'))).toBe('signature-malformed');
  });

  it('is refused with two blocks', () => {
    expect(reason(armored + armored)).toBe('several-signatures');
    expect(parseArmorBlocks(Buffer.from(`${armored}\n${armored}`), 'PGP SIGNATURE')).toEqual([
      binary,
      binary,
    ]);
  });

  it('ends in a refusal or in bytes, whatever it is given', () => {
    const line = fc.constantFrom(
      '-----BEGIN PGP SIGNATURE-----',
      '-----END PGP SIGNATURE-----',
      '',
      'AAAA',
      '=AAAA',
      'a: b',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(line).map((lines) => lines.join('\n')),
        ),
        (text) => {
          expect(['accepted', 'signature-malformed', 'several-signatures']).toContain(reason(text));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('base64', () => {
  it.each(['AA==', 'AAA=', 'AAAA', '+/+/'])('reads `%s`', (text) => {
    expect(parseBase64(text)).toEqual(new Uint8Array(Buffer.from(text, 'base64')));
  });

  it.each(['', 'A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA=A', 'A===', '-_-_', 'AA==AA==', 'AA AA', 'AAAA\n'])(
    'refuses `%s`',
    (text) => {
      expect(parseBase64(text)).toBeNull();
    },
  );
});
