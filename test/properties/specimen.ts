import { readFileSync } from 'node:fs';
import { armorSsh } from '../keys/authenticator.ts';
import { armorPgp } from '../keys/packets.ts';

/**
 * A good signature, its payload and its key, without armor: what properties and the fuzzer change. They lie in
 * `specimens.json`, so that a run with a given seed meets the same bytes again; `make-specimens.ts` makes new ones.
 */
export interface Specimen {
  readonly name: string;
  readonly kind: 'openpgp' | 'ssh';
  readonly payload: Buffer;
  /** The signature packet with its header, or the SSHSIG blob. */
  readonly signature: Buffer;
  /** Binary; empty for SSH, whose signatures carry their key. */
  readonly certificate: Buffer;
  /** Body of the key packet that signed, or the wire form of the SSH key. */
  readonly key: Buffer;
  /** Of the key that signed, as a proof names it. */
  readonly fingerprint: string;
}

export type StoredSpecimen = Readonly<Record<keyof Specimen, string>>;

export function readSpecimens(): readonly Specimen[] {
  const text = readFileSync(new URL('specimens.json', import.meta.url), 'utf8');
  const bytes = (base64: string) => Buffer.from(base64, 'base64');
  return (JSON.parse(text) as readonly StoredSpecimen[]).map((stored) => ({
    name: stored.name,
    kind: stored.kind === 'ssh' ? 'ssh' : 'openpgp',
    payload: bytes(stored.payload),
    signature: bytes(stored.signature),
    certificate: bytes(stored.certificate),
    key: bytes(stored.key),
    fingerprint: stored.fingerprint,
  }));
}

export function armored({ kind }: Pick<Specimen, 'kind'>, signature: Uint8Array): Buffer {
  return Buffer.from(kind === 'ssh' ? armorSsh(signature) : armorPgp('SIGNATURE', signature));
}

/** Every copy of `bytes` with one bit changed, and where. */
export function* flips(
  bytes: Uint8Array,
  bits: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7],
): Generator<readonly [number, Buffer]> {
  for (let offset = 0; offset < bytes.length; offset += 1) {
    for (const bit of bits) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(offset) ^ (1 << bit), offset);
      yield [offset, changed];
    }
  }
}

/** Vectors name their keys only by fingerprint. */
export function keysOf(specimens: readonly Specimen[]): Buffer[] {
  return specimens.flatMap(({ key }) => (key.length === 0 ? [] : [key]));
}
