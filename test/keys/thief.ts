import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/**
 * A certificate of mallory's, made by hand because no tool makes it: an Ed25519 primary key that claims `subkey`, the body
 * of somebody else's public subkey packet, as its own for signing. All of its signatures are right; what it can't have is
 * the subkey's back signature.
 */
export function stealSubkey(subkey: Uint8Array, createdAt = 1_700_000_000): Uint8Array {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const oid = Buffer.from('2b06010401da470f01', 'hex');
  const point = Buffer.concat([Uint8Array.of(0x40), raw]);
  const primary = Buffer.concat([
    Uint8Array.of(4),
    number(createdAt, 4),
    Uint8Array.of(22, 9),
    oid,
    mpi(point),
  ]);
  const fingerprint = createHash('sha1').update(hashed(primary)).digest();
  const userId = Buffer.from('mallory <mallory@example.org>');

  const selfSign = (type: number, flags: number, document: Buffer) => {
    const area = Buffer.concat([
      subpacket(2, number(createdAt, 4)),
      subpacket(27, Uint8Array.of(flags)),
      subpacket(33, Buffer.concat([Uint8Array.of(4), fingerprint])),
    ]);
    const head = Buffer.concat([Uint8Array.of(4, type, 22, 8), number(area.length, 2), area]);
    const trailer = Buffer.concat([Uint8Array.of(4, 0xff), number(head.length, 4)]);
    const digest = createHash('sha256')
      .update(Buffer.concat([document, head, trailer]))
      .digest();
    const value = sign(null, digest, privateKey);
    const numbers = [mpi(value.subarray(0, 32)), mpi(value.subarray(32))];
    return packet(2, Buffer.concat([head, number(0, 2), digest.subarray(0, 2), ...numbers]));
  };
  const named = Buffer.concat([hashed(primary), Uint8Array.of(0xb4), number(userId.length, 4), userId]);
  const binding = Buffer.concat([hashed(primary), hashed(subkey)]);
  return Buffer.concat([
    packet(6, primary),
    packet(13, userId),
    selfSign(0x13, 0x03, named),
    packet(14, subkey),
    selfSign(0x18, 0x02, binding),
  ]);
}

/** New format header, RFC 9580 section 4.2.1. */
function packet(tag: number, body: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(0xc0 | tag, 255), number(body.length, 4), body]);
}

function subpacket(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(body.length + 1, type), body]);
}

/** A key as it is hashed, RFC 9580 section 5.2.4. */
function hashed(key: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(0x99), number(key.length, 2), key]);
}

function mpi(bytes: Uint8Array): Buffer {
  const minimal = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  const bits = minimal.length * 8 - (Math.clz32(minimal[0] ?? 0) - 24);
  return Buffer.concat([number(bits, 2), minimal]);
}

function number(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}
