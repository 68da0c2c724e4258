import { hashedKey } from './hand-keys.ts';
import type { HandKey } from './hand-keys.ts';
import { HAND_TIME, number, packet, signByHand, subpacket, TAG, usualHint } from './packets.ts';
import type { HandSignature } from './packets.ts';

/** First octet of the key flags, RFC 9580 section 5.2.3.29. */
export const FLAG = { certify: 0x01, sign: 0x02, encrypt: 0x0c, authenticate: 0x20 } as const;

/** A self-signature of a certificate: `HandSignature` and the subpackets that say what the key may do. */
export interface SelfSignature extends HandSignature {
  /** `null`: no key flags. */
  readonly flags?: number | null;
  /** Seconds after the key's creation. */
  readonly keyExpires?: number;
  /** RFC 9580 section 5.2.3.31. */
  readonly revocationReason?: number;
  /** By whom; default: the primary key. */
  readonly by?: HandKey;
}

export interface Binding extends SelfSignature {
  /** The back signature; `null`: none. Default: a right one, in the hashed area. */
  readonly back?: (SelfSignature & { readonly area?: 'hashed' | 'unhashed' }) | null;
}

export interface HandSubkey {
  readonly key: HandKey;
  /** Default: one binding for signing. */
  readonly bindings?: readonly Binding[];
  readonly revocations?: readonly SelfSignature[];
}

export interface HandCertificate {
  readonly primary: HandKey;
  /** Default: one of v4, none of v6, whose flags stand in a direct key signature (RFC 9580 section 10.1.1). */
  readonly userIds?: readonly {
    readonly text: string | Uint8Array;
    readonly signatures?: readonly SelfSignature[];
  }[];
  readonly direct?: readonly SelfSignature[];
  readonly revocations?: readonly SelfSignature[];
  readonly subkeys?: readonly HandSubkey[];
}

/** The packets of a certificate, binary, RFC 9580 section 10.1. Everything about it is right unless it is asked to be wrong. */
export function makeHandCertificate({ primary, ...parts }: HandCertificate): Buffer {
  const modern = primary.version === 6;
  const usual: SelfSignature = { flags: FLAG.certify | FLAG.sign };
  const direct = parts.direct ?? (modern ? [usual] : []);
  const userIds = parts.userIds ?? (modern ? [] : [{ text: 'alice <alice@example.org>' }]);
  const own = hashedKey(primary);
  return Buffer.concat([
    packet(TAG.publicKey, primary.body),
    ...(parts.revocations ?? []).map((revocation) =>
      selfSign(primary, own, { type: 0x20, flags: null, ...revocation }),
    ),
    ...direct.map((signature) => selfSign(primary, own, { type: 0x1f, ...signature })),
    ...userIds.flatMap(({ text, signatures = [usual] }) => [
      packet(TAG.userId, Buffer.from(text)),
      ...signatures.map((signature) =>
        selfSign(primary, userIdDocument(primary, text), { type: 0x13, ...signature }),
      ),
    ]),
    ...(parts.subkeys ?? []).flatMap((subkey) => subkeyPackets(primary, subkey)),
  ]);
}

function subkeyPackets(primary: HandKey, { key, bindings = [{}], revocations = [] }: HandSubkey): Buffer[] {
  const document = subkeyDocument(primary, key);
  return [
    packet(TAG.publicSubkey, key.body),
    ...revocations.map((revocation) =>
      selfSign(primary, document, { type: 0x28, flags: null, ...revocation }),
    ),
    ...bindings.map((binding) => selfSign(primary, document, bindingOf(primary, key, binding))),
  ];
}

function bindingOf(primary: HandKey, key: HandKey, { back = {}, ...binding }: Binding): SelfSignature {
  const usual = { type: 0x18, flags: FLAG.sign, ...binding };
  if (back === null) return usual;
  const { area = 'hashed', by = key, ...signature } = back;
  const body = selfSignatureBody(by, subkeyDocument(primary, key), { type: 0x19, flags: null, ...signature });
  const embedded = [subpacket(32, body)];
  return area === 'hashed'
    ? { ...usual, more: [...embedded, ...(usual.more ?? [])] }
    : { ...usual, unhashed: [...embedded, ...(usual.unhashed ?? usualHint(primary))] };
}

/** A self-signature as a packet. */
export function selfSign(primary: HandKey, document: Uint8Array, signature: SelfSignature): Buffer {
  return packet(TAG.signature, selfSignatureBody(signature.by ?? primary, document, signature));
}

function selfSignatureBody(key: HandKey, document: Uint8Array, signature: SelfSignature): Buffer {
  const { flags = FLAG.certify | FLAG.sign, keyExpires, revocationReason, more = [] } = signature;
  const said = [
    ...(flags === null ? [] : [subpacket(27, Uint8Array.of(flags))]),
    ...(keyExpires === undefined ? [] : [subpacket(9, number(keyExpires, 4))]),
    ...(revocationReason === undefined ? [] : [subpacket(29, Uint8Array.of(revocationReason))]),
  ];
  return signByHand(key, document, { createdAt: HAND_TIME, ...signature, more: [...said, ...more] });
}

/** What a certification of a user id is made over, RFC 9580 section 5.2.4. */
export function userIdDocument(primary: HandKey, text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([hashedKey(primary), Uint8Array.of(0xb4), number(bytes.length, 4), bytes]);
}

/** What a binding, its back signature and its revocation are made over, RFC 9580 section 5.2.4. */
export function subkeyDocument(primary: HandKey, subkey: HandKey): Buffer {
  return Buffer.concat([hashedKey(primary), hashedKey(subkey)]);
}
