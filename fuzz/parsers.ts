import { createHash } from 'node:crypto';
import { parseArmorBlocks, parseSignatureArmor, type ArmorLabel } from '../src/core/signature/armor.ts';
import { hashedKey, keyIdOf, parseOpenpgpKey } from '../src/core/signature/openpgp-key.ts';
import { parsePackets } from '../src/core/signature/openpgp-packet.ts';
import {
  parseOnlySignature,
  parseSignatureBody,
  type Subpacket,
} from '../src/core/signature/openpgp-signature.ts';
import { armorPgp, number, packet } from '../test/keys/packets.ts';
import { armored, keysOf, type Specimen } from '../test/properties/specimen.ts';
import { must, orRefusal, same } from '../test/properties/violation.ts';
import type { Target } from './target.ts';
import { sshTargets } from './ssh.ts';

/** The parsers of armor, packets, keys and signatures: what one reads is written again and must be what was there. */
export function parserTargets(specimens: readonly Specimen[]): Target[] {
  const openpgp = specimens.filter(({ kind }) => kind === 'openpgp');
  const ssh = specimens.filter(({ kind }) => kind === 'ssh');
  const bodies = openpgp.flatMap(({ signature }) =>
    parsePackets(signature).map(({ body }) => Buffer.from(body)),
  );
  const certificates = openpgp.map(({ certificate }) => certificate);
  const selfSignatures = certificates.flatMap((bytes) =>
    parsePackets(bytes).flatMap(({ tag, body }) => (tag === 2 ? [Buffer.from(body)] : [])),
  );
  return [
    {
      name: 'packets',
      seeds: [...certificates, ...openpgp.map(({ signature }) => signature)],
      words: HEADERS,
      run: runPackets,
    },
    { name: 'openpgp-key', seeds: keysOf(openpgp), words: OIDS, run: runKey },
    { name: 'signature-body', seeds: [...bodies, ...selfSignatures], words: SUBPACKETS, run: runBody },
    {
      name: 'only-signature',
      seeds: openpgp.map(({ signature }) => signature),
      words: HEADERS,
      run: runOnly,
    },
    armorTarget(
      'armor-openpgp',
      'PGP SIGNATURE',
      openpgp.map((one) => armored(one, one.signature)),
    ),
    ...sshTargets(ssh),
    armorTarget(
      'armor-ssh',
      'SSH SIGNATURE',
      ssh.map((one) => armored(one, one.signature)),
    ),
    armorTarget(
      'armor-keys',
      'PGP PUBLIC KEY BLOCK',
      certificates.map((bytes) => Buffer.from(armorPgp('PUBLIC KEY BLOCK', bytes))),
    ),
  ];
}

const HEADERS = ['\xc2\x05', '\x88\x05', '\xc2\xff\xff\xff\xff\xff', '\x8b', '\xe0', '\xc6', '\xce', '\xd1'];
const OIDS = [
  '\x2a\x86\x48\xce\x3d\x03\x01\x07',
  '\x2b\x81\x04\x00\x22',
  '\x2b\x81\x04\x00\x23',
  '\x2b\x06\x01\x04\x01\xda\x47\x0f\x01',
  '\x04',
  '\x06',
];
const SUBPACKETS = [
  '\x05\x02',
  '\x05\x03',
  '\x05\x09',
  '\x09\x10',
  '\x02\x1b',
  '\x02\x1d',
  '\x16\x21\x04',
  '\x22\x21\x06',
  '\x20',
  '\x82',
  '\xff\x00\x00\x00\x05\x02',
];
const ARMOR = [
  '-----BEGIN PGP SIGNATURE-----\n',
  '-----END PGP SIGNATURE-----\n',
  '-----BEGIN SSH SIGNATURE-----\n',
  '-----END SSH SIGNATURE-----\n',
  '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
  '-----END PGP PUBLIC KEY BLOCK-----\n',
  '\n\n',
  '\r\n',
  '=',
  '==',
  '=AAAA\n',
  'Version: x\n',
  ': ',
  '\t',
  ' ',
];

function runPackets(input: Buffer): void {
  const packets = orRefusal(() => parsePackets(input));
  if (packets === null) return;
  let at = 0;
  for (const { tag, body } of packets) {
    // Bodies lie in the input, in order, with at most a tag and five bytes of length before each.
    const gap = body.byteOffset - input.byteOffset - at;
    must(gap >= 2 && gap <= 6, 'a packet that is not where its header says');
    must(tag >= 0 && tag < 64, 'a tag that no header can have');
    at += gap + body.length;
  }
  must(at === input.length, 'bytes that belong to no packet');
  const again = parsePackets(Buffer.concat(packets.map(({ tag, body }) => packet(tag, body))));
  must(again.length === packets.length, 'packets that are others when they are written again');
  must(
    again.every(({ tag, body }, index) => tag === packets[index]?.tag && same(body, packets[index].body)),
    'a packet that changed',
  );
}

function runKey(input: Buffer): void {
  const key = orRefusal(() => parseOpenpgpKey(input));
  if (key === null) return;
  const { version, body, fingerprint, keyId, createdAt, algorithm } = key;
  must(same(body, input), 'a key whose body is not what was read');
  const hash = createHash(version === 4 ? 'sha1' : 'sha256')
    .update(hashedKey(key))
    .digest('hex');
  must(fingerprint === hash.toUpperCase(), 'a fingerprint that is not computed from the material');
  must(keyId === keyIdOf(fingerprint) && keyId.length === 16, 'a key id of something else');
  must(
    keyId === (version === 4 ? fingerprint.slice(24) : fingerprint.slice(0, 16)),
    'a key id of the wrong end',
  );
  must(
    input.readUInt32BE(1) === createdAt && input[5] === algorithm && input[0] === version,
    'a key that says something else',
  );
}

function runBody(input: Buffer): void {
  const signature = orRefusal(() => parseSignatureBody(input));
  if (signature === null) return;
  const { version, hashedPart, hashed, unhashed, quickCheck, salt, value, body } = signature;
  const width = version === 4 ? 2 : 4;
  must(same(body, input), 'a signature whose body is not what was read');
  const area = input.subarray(
    hashedPart.length + width,
    hashedPart.length + width + input.readUIntBE(hashedPart.length, width),
  );
  const tail = [...(version === 6 ? [Uint8Array.of(salt.length), salt] : [salt]), value];
  const whole = Buffer.concat([hashedPart, number(area.length, width), area, quickCheck, ...tail]);
  must(same(whole, input), 'a signature whose parts are not the whole');
  must(
    same(hashedPart.subarray(4 + width), areaOf(hashed, hashedPart.subarray(4 + width))),
    'hashed subpackets that are not the area',
  );
  must(same(area, areaOf(unhashed, area)), 'unhashed subpackets that are not the area');
}

/** The area that these subpackets fill: lengths may be written in three ways, so they are taken from the area itself. */
function areaOf(subpackets: readonly Subpacket[], area: Uint8Array): Buffer {
  let at = 0;
  const parts: Uint8Array[] = [];
  for (const { type, critical, body } of subpackets) {
    const start = body.byteOffset - area.byteOffset - 1;
    const header = area.subarray(at, start);
    must(
      header.length === 1 || header.length === 2 || header.length === 5,
      'a subpacket that is not where its length says',
    );
    parts.push(header, Uint8Array.of(critical ? type | 0x80 : type), body);
    at = start + 1 + body.length;
  }
  return Buffer.concat(parts);
}

function runOnly(input: Buffer): void {
  const signature = orRefusal(() => parseOnlySignature(input));
  if (signature === null) return;
  const packets = parsePackets(input);
  must(packets.length === 1 && packets[0]?.tag === 2, 'one signature where there is something else');
  must(same(signature.body, packets[0]?.body ?? input), 'a signature that is not the packet');
}

function armorTarget(name: string, label: ArmorLabel, seeds: readonly Buffer[]): Target {
  return {
    name,
    seeds,
    words: ARMOR,
    run(input) {
      const blocks = orRefusal(() => parseArmorBlocks(input, label));
      const only = orRefusal(() => parseSignatureArmor(input, label));
      must(
        (only === null) === (blocks?.length !== 1),
        'one block where there are none or several, or the reverse',
      );
      for (const bytes of blocks ?? []) {
        const text = Buffer.from(bytes).toString('base64');
        must(
          input
            .toString('latin1')
            .replace(/[ \t\r\n]/g, '')
            .includes(text),
          'bytes that do not stand in the armor',
        );
      }
      if (only !== null && blocks?.[0] !== undefined)
        must(same(only, blocks[0]), 'two readings of one armor');
      if (blocks === null || blocks.length === 0) return;
      const text = blocks.map((bytes) => encodeArmor(label, bytes)).join('');
      const again = parseArmorBlocks(Buffer.from(text), label);
      must(
        again.length === blocks.length && again.every((bytes, index) => same(bytes, blocks[index] ?? input)),
        'armor that changed',
      );
    },
  };
}

function encodeArmor(label: ArmorLabel, bytes: Uint8Array): string {
  return label === 'SSH SIGNATURE'
    ? armored({ kind: 'ssh' }, bytes).toString()
    : armorPgp(label.slice(4), bytes);
}
