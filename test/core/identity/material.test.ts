import { expect, it } from 'vitest';
import { openCertificates } from '../../../src/core/identity/certificate.ts';
import { parseSshPublicKey } from '../../../src/core/signature/ssh-key.ts';
import { hexOf, keyOf, makeMaterial } from '../../keys/hand-keys.ts';
import { mpi, packet, TAG } from '../../keys/packets.ts';

it('one raw key is spelled alike in every format and version, as a primary key and as a subkey', async () => {
  const modern = makeMaterial('ed25519');
  const raw = modern.parameters;
  const oid = Buffer.from('092b06010401da470f01', 'hex');
  const legacy = {
    ...modern,
    id: 22,
    parameters: Buffer.concat([oid, mpi(Buffer.concat([Uint8Array.of(0x40), raw]))]),
  };
  const keys = [keyOf(legacy), keyOf(modern), keyOf(modern, { createdAt: 1 }), keyOf(modern, { version: 6 })];
  const primaries = keys.map(({ body }) => packet(TAG.publicKey, body));
  const other = packet(TAG.publicKey, keyOf(makeMaterial('ed448')).body);
  const asSubkey = Buffer.concat([other, packet(TAG.publicSubkey, keyOf(modern).body)]);
  const { outlines } = await openCertificates(
    [...primaries, asSubkey].map((bytes, index) => ({ path: String(index), bytes })),
  );
  expect(outlines.map(({ primary }) => primary).slice(0, 4)).toEqual(keys.map(hexOf));
  const spelling = `ed25519:${raw.toString('hex')}`;
  expect(outlines.slice(0, 4).map((outline) => outline.keys[0]?.material)).toEqual(Array(4).fill(spelling));
  expect(
    outlines[4]?.keys.map(({ material, algorithm, bits }) => [material.slice(0, 6), algorithm, bits]),
  ).toEqual([
    ['ed448:', 'ed448', 448],
    ['ed2551', 'ed25519', 256],
  ]);

  for (const [type, tail] of [
    ['ssh-ed25519', []],
    ['sk-ssh-ed25519@openssh.com', [Buffer.from('ssh:')]],
  ] as const) {
    const blob = Buffer.concat([Buffer.from(type), raw, ...tail].flatMap((part) => [length(part), part]));
    const parsed = parseSshPublicKey(`${type} ${blob.toString('base64')}`);
    expect(parsed.ok && parsed.key.material).toBe(spelling);
  }
});

function length(bytes: Uint8Array): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(bytes.length);
  return number;
}
