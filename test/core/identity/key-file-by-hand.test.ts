import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/core/identity/certificate.ts';
import { makeHandCertificate } from '../../keys/hand-certificates.ts';
import { makeHandKey } from '../../keys/hand-keys.ts';
import { packet } from '../../keys/packets.ts';
import { open, problemsOf } from './opened.ts';

async function unreadable(bytes: Uint8Array): Promise<unknown> {
  const { keyring } = await openKeyring([{ path: 'a', bytes }]);
  expect(keyring.certificates).toEqual([]);
  return keyring.unreadable;
}

describe('a key file', () => {
  const primary = makeHandKey('ed25519');
  const subkey = makeHandKey('p256');
  const certificate = makeHandCertificate({ primary, subkeys: [{ key: subkey }] });
  const [first, ...rest] = cut(certificate);

  it.each([
    ['markers', 10],
    ['padding', 21],
    ['gpg’s notes', 12],
    ['unknown packets that are not critical', 40],
    ['private packets', 63],
  ])('may hold %s anywhere', async (_, tag) => {
    const noise = packet(tag, Buffer.from('PGP'));
    const bytes = Buffer.concat([noise, ...[first, ...rest].flatMap((part) => [part ?? noise, noise])]);
    expect(await problemsOf(bytes)).toEqual([[], []]);
    expect(await open(bytes)).toEqual(await open(certificate));
  });

  it.each([0, 1, 3, 4, 8, 9, 11, 15, 16, 18, 19, 20, 22, 39])(
    'with a critical packet of type %i is not read',
    async (tag) => {
      const bytes = Buffer.concat([certificate, packet(tag, Buffer.from('PGP'))]);
      expect(await unreadable(bytes)).toEqual([{ path: 'a', reason: 'not-a-certificate' }]);
    },
  );

  it('may hold a picture, whose signatures say nothing of anything else', async () => {
    const [, userIdPacket, certification] = cut(certificate);
    if (first === undefined || userIdPacket === undefined || certification === undefined)
      throw new Error('cut');
    const picture = packet(17, Buffer.from('picture'));
    expect(await problemsOf(Buffer.concat([certificate, picture, certification]))).toEqual([[], []]);
    // Below the picture, the same certification is none of the name.
    expect(await problemsOf(Buffer.concat([first, userIdPacket, picture, certification]))).toEqual([
      ['key-not-bound'],
    ]);
  });

  it('leaves out subkeys of another version than the primary key, and those that can’t be read', async () => {
    const modern = packet(14, makeHandKey('ed25519', { version: 6 }).body);
    const broken = packet(14, Buffer.from([4, 0, 0]));
    const [opened] = await open(Buffer.concat([certificate, modern, broken]));
    expect(opened?.keys).toHaveLength(2);
  });
});

/** The packets of a certificate, each with its header. */
function cut(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const one = bytes.readUInt8(at + 1);
    const wide = one >= 192;
    const end = at + (wide ? 3 + ((one - 192) << 8) + bytes.readUInt8(at + 2) + 192 : 2 + one);
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}
