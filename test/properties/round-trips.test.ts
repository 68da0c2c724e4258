import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeAllowedSigners,
  NO_OPTIONS,
  parseAllowedSigners,
} from '../../src/core/policy/allowed-signers.ts';
import { parseArmorBlocks, parseSignatureArmor } from '../../src/core/signature/armor.ts';
import { cursorOver, remaining } from '../../src/core/signature/cursor.ts';
import { encodeDerPair } from '../../src/core/signature/der.ts';
import { takeMpi } from '../../src/core/signature/openpgp-mpi.ts';
import { parsePackets } from '../../src/core/signature/openpgp-packet.ts';
import { parseSignatureBody } from '../../src/core/signature/openpgp-signature.ts';
import { encodeString, takeName, takePositive, takeString } from '../../src/core/signature/ssh-wire.ts';
import { encodePossession, parsePossession } from '../../src/core/statement/possession.ts';
import { encodeStatement, parseStatement } from '../../src/core/statement/statement.ts';
import { armorSsh, string } from '../keys/authenticator.ts';
import { armorPgp, mpi, number, packet, subpacket } from '../keys/packets.ts';
import { runs } from './runs.ts';
import { hex, statements } from './statements.ts';

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const plain = (data: Uint8Array) => Buffer.from(data).toString('hex');

describe('parse after encode is the identity', () => {
  test('for packets, with headers of every form', () => {
    const packets = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 15 }),
        fc.oneof(bytes(300), bytes(9000, 8300)),
        fc.constantFrom('old', 'new'),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(packets, (all) => {
        const encoded = Buffer.concat(all.map(([tag, body, form]) => packet(tag, body, form)));
        expect(parsePackets(encoded).map(({ tag, body }) => [tag, plain(body)])).toEqual(
          all.map(([tag, body]) => [tag, plain(body)]),
        );
      }),
      runs(300),
    );
  });

  test('for subpackets, with lengths of every size', () => {
    const area = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 127 }), fc.oneof(bytes(60), bytes(8600, 8300))),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(area, fc.integer({ min: 0, max: 0xffffffff }), bytes(70), (all, time, value) => {
        // Times, ends and issuers have a form of their own; anything else stands as it is.
        const others = all.filter(([type]) => ![2, 3, 16, 33].includes(type));
        const hashed = Buffer.concat([
          subpacket(2, number(time, 4)),
          ...others.map(([type, body]) => subpacket(type, body)),
        ]);
        if (hashed.length > 0xffff) return;
        const head = Buffer.concat([Uint8Array.of(4, 0, 22, 8), number(hashed.length, 2), hashed]);
        const parsed = parseSignatureBody(Buffer.concat([head, number(0, 2), Uint8Array.of(1, 2), value]));
        expect(parsed.createdAt).toBe(time);
        expect(parsed.hashed.slice(1).map(({ type, body }) => [type, plain(body)])).toEqual(
          others.map(([type, body]) => [type, plain(body)]),
        );
        expect([plain(parsed.hashedPart), plain(parsed.value)]).toEqual([plain(head), plain(value)]);
      }),
      runs(300),
    );
  });

  test('for armor, however its lines end and whatever its headers are', () => {
    const layout = fc.record({
      ends: fc.constantFrom('\n', '\r\n', ' \n', '\t\r\n'),
      header: fc.constantFrom('', 'Version: x\n', 'Comment: a: b\nHash: SHA1\n'),
      checksum: fc.boolean(),
      around: fc.constantFrom('', '\n', ' \n\r\n'),
    });
    fc.assert(
      fc.property(
        bytes(200, 1),
        bytes(200, 1),
        layout,
        (first, second, { ends, header, checksum, around }) => {
          const openpgp = (data: Uint8Array) =>
            armorPgp('SIGNATURE', data, checksum).replace('\n\n', `\n${header}\n`).replaceAll('\n', ends);
          const one = Buffer.from(`${around}${openpgp(first)}${around}`);
          expect(plain(parseSignatureArmor(one, 'PGP SIGNATURE'))).toBe(plain(first));
          const two = Buffer.from(openpgp(first) + around + openpgp(second));
          expect(parseArmorBlocks(two, 'PGP SIGNATURE').map(plain)).toEqual([plain(first), plain(second)]);
          const [opening = '', ...lines] = Buffer.from(armorSsh(first)).toString().split('\n');
          const ssh = Buffer.from(`${opening}\n${lines.join(ends)}`);
          expect(plain(parseSignatureArmor(ssh, 'SSH SIGNATURE'))).toBe(plain(first));
        },
      ),
      runs(300),
    );
  });

  test('for numbers of OpenPGP and of SSH', () => {
    fc.assert(
      fc.property(bytes(70, 1), (all) => {
        const start = all.findIndex((byte) => byte !== 0);
        const minimal = start < 0 ? new Uint8Array() : all.subarray(start);
        const cursor = cursorOver(mpi(all));
        expect([plain(takeMpi(cursor)), remaining(cursor)]).toEqual([plain(minimal), 0]);
        if (minimal.length === 0) return;
        const signed = (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), minimal]) : minimal;
        expect(plain(takePositive(cursorOver(string(signed))))).toBe(plain(minimal));
      }),
      runs(500),
    );
  });

  test('for strings and names of SSH', () => {
    fc.assert(
      fc.property(bytes(300), fc.string({ maxLength: 40 }), (data, name) => {
        const cursor = cursorOver(Buffer.concat([encodeString(data), encodeString('')]));
        expect([plain(takeString(cursor)), plain(takeString(cursor)), remaining(cursor)]).toEqual([
          plain(data),
          '',
          0,
        ]);
        if (/^[!-~]*$/.test(name)) expect(takeName(cursorOver(encodeString(name)))).toBe(name);
      }),
      runs(300),
    );
  });

  test('for statements of every type', () => {
    fc.assert(
      fc.property(statements, (made) => {
        const text = encodeStatement(made);
        expect(parseStatement(Buffer.from(text))).toEqual({ ok: true, statement: made });
        // And there is no other text of it.
        for (const other of [
          `${text}\n`,
          text.slice(0, -1),
          text.replaceAll('\n', '\r\n'),
          ` ${text}`,
          text.replace(': ', ':  '),
        ]) {
          expect(parseStatement(Buffer.from(other)).ok).toBe(false);
        }
      }),
      runs(300),
    );
  });

  test('for proofs of possession', () => {
    const key = fc.oneof(
      fc
        .constantFrom(40, 64)
        .chain(hex)
        .map((digits) => `openpgp:${digits.toUpperCase()}`),
      bytes(32, 32).map((digest) => `ssh:SHA256:${Buffer.from(digest).toString('base64').replace('=', '')}`),
    );
    fc.assert(
      fc.property(key, fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), (named, person) => {
        const possession = { project: 'github.com/acme/nixpkgs', person, key: named };
        const parsed = parsePossession(Buffer.from(encodePossession(possession)));
        expect(parsed).toEqual({ ok: true, possession });
      }),
      runs(300),
    );
  });

  test('for lists of allowed signers', () => {
    const blob = Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 7))]).toString('base64');
    const time = fc.record({
      year: fc.integer({ min: 1970, max: 2099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
      second: fc.integer({ min: 0, max: 59 }),
      utc: fc.boolean(),
    });
    const signer = fc.record({
      principals: fc.array(fc.stringMatching(/^[a-z*@.!?]{1,12}$/), { minLength: 1, maxLength: 3 }),
      options: fc.record({
        certAuthority: fc.boolean(),
        namespaces: fc.option(
          fc.array(fc.stringMatching(/^[a-z@0-9.*]{1,8}$/), { minLength: 1, maxLength: 3 }),
        ),
        validAfter: fc.option(time),
        validBefore: fc.option(time),
      }),
      key: fc.constant(`ssh-ed25519 ${blob}`),
      comment: fc.stringMatching(/^(?:[a-z]{1,6}(?: [a-z@]{1,6}){0,2})?$/),
    });
    fc.assert(
      fc.property(fc.array(signer, { maxLength: 4 }), (signers) => {
        const read = parseAllowedSigners(encodeAllowedSigners(signers));
        expect(read.map((line) => line.ok && line.signer)).toEqual(signers);
      }),
      runs(300),
    );
    expect(parseAllowedSigners(`a ssh-ed25519 ${blob}`)[0]).toMatchObject({
      ok: true,
      signer: { options: NO_OPTIONS },
    });
  });
});

test('a pair of numbers in DER is the pair of IEEE P1363, as OpenSSL reads both', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  fc.assert(
    fc.property(bytes(20), (data) => {
      const pair = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      const [r, s] = [pair.subarray(0, 32), pair.subarray(32)].map((half) => {
        const cursor = cursorOver(mpi(half));
        return takeMpi(cursor);
      });
      const der = encodeDerPair(r ?? data, s ?? data);
      expect(verify('sha256', data, publicKey, der)).toBe(true);
    }),
    runs(200),
  );
});
