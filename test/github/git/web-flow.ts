import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { enums, generateKey, SecretKeyPacket } from 'openpgp';

/** The key by which this GitHub signs the commits that it makes. */
export interface WebFlow {
  /** Armored certificate. */
  certificate: string;
  /** 40 capital hex digits. */
  fingerprint: string;
  /** Armored detached signature, ending in a line end as GitHub's do. */
  sign(payload: Buffer, at: Date): string;
}

/** RSA as GitHub's own. 2048 bits: what makes a bigger one slow proves nothing here. */
export async function createWebFlow(): Promise<WebFlow> {
  const { privateKey, publicKey } = await generateKey({
    type: 'rsa',
    rsaBits: 2048,
    userIDs: [{ name: 'GitHub', email: 'noreply@github.com' }],
    subkeys: [],
    date: new Date('2024-01-16T00:00:00Z'),
    format: 'object',
  });
  const packet = privateKey.keyPacket;
  if (!(packet instanceof SecretKeyPacket)) throw new Error('the new key has no secret part');
  const key = keyObject(packet.publicParams, packet.privateParams);
  const fingerprint = publicKey.getFingerprint().toUpperCase();
  const keyId = Buffer.from(fingerprint.slice(-16), 'hex');
  return {
    certificate: publicKey.armor(),
    fingerprint,
    sign: (payload, at) => armor(encodeSignature(payload, at, key, keyId)),
  };
}

/** RFC 9580 section 5.2.3.7. */
const subpacket = { creationTime: 2, issuerKeyId: 16 };

/** RFC 9580 numbers of RSA: n, e public, d, p, q secret. */
function keyObject(publicParams: unknown, secretParams: unknown): KeyObject {
  const [n, e] = numbers(publicParams, ['n', 'e']);
  const [d, p, q] = numbers(secretParams, ['d', 'p', 'q']);
  const asNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
  const asText = (value: bigint): string => {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url');
  };
  const [D, P, Q] = [
    asNumber(d ?? Buffer.alloc(0)),
    asNumber(p ?? Buffer.alloc(0)),
    asNumber(q ?? Buffer.alloc(0)),
  ];
  const jwk = {
    kty: 'RSA',
    n: (n ?? Buffer.alloc(0)).toString('base64url'),
    e: (e ?? Buffer.alloc(0)).toString('base64url'),
    d: asText(D),
    p: asText(P),
    q: asText(Q),
    dp: asText(D % (P - 1n)),
    dq: asText(D % (Q - 1n)),
    qi: asText(inverse(Q, P)),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

function numbers(params: unknown, names: string[]): Buffer[] {
  return names.map((name) => {
    const value: unknown =
      typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
    if (!(value instanceof Uint8Array)) throw new Error(`the new key lacks \`${name}\``);
    return Buffer.from(value);
  });
}

/** Extended Euclid: x with a·x ≡ 1 (mod m). */
function inverse(a: bigint, m: bigint): bigint {
  let [r0, r1, x0, x1] = [m, a % m, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [x0, x1] = [x1, x0 - quotient * x1];
  }
  return ((x0 % m) + m) % m;
}

/**
 * A version 4 signature packet (RFC 9580 section 5.2.3) laid out as web-flow's are: creation time and issuer key id
 * hashed, no issuer fingerprint, nothing unhashed.
 */
function encodeSignature(payload: Buffer, at: Date, key: KeyObject, keyId: Buffer): Buffer {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(at.getTime() / 1000));
  const created = Buffer.concat([Buffer.from([5, subpacket.creationTime]), seconds]);
  const issuer = Buffer.concat([Buffer.from([9, subpacket.issuerKeyId]), keyId]);
  const subpackets = Buffer.concat([created, issuer]);
  const algorithms = [enums.publicKey.rsaEncryptSign, enums.hash.sha256];
  const hashed = Buffer.concat([Buffer.from([4, 0, ...algorithms, 0, subpackets.length]), subpackets]);
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, hashed.length]);
  const signed = Buffer.concat([payload, hashed, trailer]);
  const digest = createHash('sha256').update(signed).digest();
  const value = sign('sha256', signed, key);
  // An MPI begins with its highest byte that is not zero; every 256th signature has a zero before it.
  const number = value.subarray(value.findIndex((byte) => byte !== 0));
  const bits = number.length * 8 - (Math.clz32(number[0] ?? 0) - 24);
  const body = Buffer.concat([
    hashed,
    Buffer.from([0, 0]),
    digest.subarray(0, 2),
    Buffer.from([bits >> 8, bits & 0xff]),
    number,
  ]);
  // New format, two-octet length (section 4.2.1.2).
  const length = body.length - 192;
  return Buffer.concat([Buffer.from([0xc2, (length >> 8) + 192, length & 0xff]), body]);
}

function armor(packet: Buffer): string {
  const lines = packet.toString('base64').match(/.{1,64}/g) ?? [];
  const sum = checksum(packet);
  const tail = Buffer.from([sum >> 16, (sum >> 8) & 0xff, sum & 0xff]).toString('base64');
  return ['-----BEGIN PGP SIGNATURE-----', '', ...lines, `=${tail}`, '-----END PGP SIGNATURE-----', ''].join(
    '\n',
  );
}

/** CRC-24 (RFC 9580 section 6.1.1). */
function checksum(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let i = 0; i < 8; i++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x864cfb) & 0xffffff : crc << 1;
  }
  return crc;
}
