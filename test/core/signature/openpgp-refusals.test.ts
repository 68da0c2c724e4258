import { afterAll, describe, expect, it } from 'vitest';
import { must } from '../../keys/keys.ts';
import { openSigners, TEXT } from './gpg-signers.ts';

const { keys, person, signed, verify, gpgSays, packets, armored } = await openSigners([
  'ed25519',
  'rsa2048',
  'rsa1024',
  'dsa2048',
  'brainpoolP256r1',
]);
afterAll(() => keys.close());

describe('an OpenPGP signature is refused', () => {
  it.each(['MD5', 'SHA1', 'RIPEMD160'])('with the weak hash %s', async (hash) => {
    const armor = await signed('rsa2048', '--digest-algo', hash);
    expect(await verify(armor)).toMatchObject({ status: 'bad', reason: 'weak-hash', key: null });
  });

  it('by an RSA key of 1024 bits', async () => {
    expect(await verify(await signed('rsa1024'))).toMatchObject({
      status: 'bad',
      reason: 'weak-key',
      key: null,
    });
  });

  it.each([
    ['dsa2048', 'dsa-refused'],
    ['brainpoolP256r1', 'algorithm-unsupported'],
  ] as const)('by a key of type %s', async (algorithm, reason) => {
    expect(await verify(await signed(algorithm))).toMatchObject({ status: 'unsupported', reason });
  });

  it('in text mode, which would leave the line ends open', async () => {
    const armor = await signed('ed25519', '--textmode');
    expect(await gpgSays(armor, TEXT)).not.toBeNull();
    expect(await verify(armor)).toMatchObject({ status: 'bad', reason: 'text-mode-signature' });
  });

  it('that is a certification and not one of a document', async () => {
    const certificate = await packets(person('rsa2048').certificate);
    const listed = must('gpg', await keys.gpg(['--list-packets'], certificate)).toString();
    const [, offset, header, length] = /off=(\d+) ctb=\w+ tag=2 hlen=(\d+) plen=(\d+)/.exec(listed) ?? [];
    const start = Number(offset);
    const packet = certificate.subarray(start, start + Number(header) + Number(length));
    expect(await verify(await armored(packet))).toMatchObject({
      status: 'bad',
      reason: 'wrong-signature-type',
    });
  });

  it('that is one of two', async () => {
    const one = await packets(await signed('ed25519'));
    const two = await packets(await signed('rsa2048'));
    for (const both of [Buffer.concat([one, two]), Buffer.concat([one, one])]) {
      expect(await verify(await armored(both))).toMatchObject({
        status: 'malformed',
        reason: 'several-signatures',
      });
    }
    const blocks = Buffer.concat([await signed('ed25519'), await signed('ed25519')]);
    expect(await verify(blocks)).toMatchObject({ status: 'malformed', reason: 'several-signatures' });
  });

  it('with bytes after it', async () => {
    const one = await packets(await signed('ed25519'));
    for (const tail of [[0], [0xff], [0xcb, 0], [0x88]]) {
      const proof = await verify(await armored(Buffer.concat([one, Buffer.from(tail)])));
      expect(proof).toMatchObject({ status: 'malformed', reason: 'trailing-bytes' });
    }
    // Inside the packet, after the signature's numbers.
    const grown = Buffer.concat([one, Buffer.from([0])]);
    grown.writeUInt8(grown.readUInt8(1) + 1, 1);
    expect(await verify(await armored(grown))).toMatchObject({
      status: 'malformed',
      reason: 'trailing-bytes',
    });
  });

  it.each([
    ['of version 3', 3],
    ['of version 5', 5],
    ['of version 7', 7],
  ])('%s', async (_, version) => {
    const one = await packets(await signed('ed25519'));
    one[2] = version;
    expect(await verify(await armored(one))).toMatchObject({
      status: 'unsupported',
      reason: 'version-unsupported',
    });
  });

  it('with a critical notation, since none is known', async () => {
    const armor = await signed('ed25519', '--sig-notation', '!note@example.org=x');
    expect(await verify(armor)).toMatchObject({ status: 'unsupported', reason: 'algorithm-unsupported' });
    const harmless = await signed('ed25519', '--sig-notation', 'note@example.org=x');
    expect((await verify(harmless)).status).toBe('good');
  });

  it('in a packet with partial or indeterminate length', async () => {
    const body = (await packets(await signed('ed25519'))).subarray(2);
    for (const head of [[0xc2, 0xe6], [0x8b]]) {
      const bytes = Buffer.concat([Buffer.from(head), body]);
      expect(await verify(await armored(bytes))).toMatchObject({
        status: 'malformed',
        reason: 'signature-malformed',
      });
    }
    const newFormat = Buffer.concat([Buffer.from([0xc2, body.length]), body]);
    expect((await verify(await armored(newFormat))).status).toBe('good');
  });

  it('that is not there, is S/MIME, or is nothing known', async () => {
    expect(await verify('')).toMatchObject({ status: 'unsigned', reason: 'unsigned', kind: 'none' });
    for (const label of ['SIGNED MESSAGE', 'PKCS7']) {
      const armor = `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
      expect(await verify(armor)).toMatchObject({
        status: 'unsupported',
        reason: 'x509-unsupported',
        kind: 'x509',
      });
    }
    expect(await verify('hello')).toMatchObject({
      status: 'malformed',
      reason: 'signature-malformed',
      kind: 'none',
    });
  });
});
