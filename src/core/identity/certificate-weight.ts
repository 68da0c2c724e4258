import { SUBPACKET } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { PublicKey } from '../signature/public-key.ts';
import { spelling } from './certificate-packets.ts';
import type { CertificatePackets, SignedKey, SignedUserId } from './certificate-packets.ts';
import { TYPE } from './signature-type.ts';

/** What verifying a certificate may cost. */
export interface Load {
  /** Those that are said to be by its primary key, and revocations of its keys that name another. */
  readonly signatures: number;
  /** All that may be tried, in verifications by an Ed25519 key: a sixth of a millisecond each. */
  readonly weight: number;
}

const MAX_KEYS = 64;
const MAX_USER_IDS = 256;
/** Those of one certificate; far above any real one without other people's certifications, which are not counted. */
const MAX_SIGNATURES = 512;
/**
 * Of one certificate: an eighth of what all may cost, since a person renews their own without anybody's consent, and must
 * not take the room of others by it. Ten years of a P-521 key with several subkeys come to 840.
 */
const MAX_WEIGHT = 1024;

/** Of one user id, revocations in other people's names that are tried. */
export const MAX_FOREIGN = 16;
/** Of one subkey, back signatures that are tried. */
export const MAX_BACK_SIGNATURES = 8;
/** Of one certificate, revocations of subkeys, and bindings, that are tried with every subkey. */
export const MAX_MISPLACED = 8;

/** As many bytes as are hashed, with the slowest hash, while one signature is verified. */
const BYTES_A_VERIFICATION = 1 << 14;
/** As many bindings, of which only the hash is looked at in most places, as cost what a verification does. */
const HASHES_A_VERIFICATION = 16;
/** Measured with OpenSSL 3.5, relative to Ed25519. RSA of other sizes by the square of its length. */
const WEIGHTS = { ed25519: 1, p256: 1, ed448: 2, p384: 6, p521: 14 } as const;
/** With the longest exponent that is taken; with the usual one half of it. */
const RSA_BITS_OF_WEIGHT_ONE = 4096;

/** How much dearer than Ed25519 a key is to verify with; a whole number. */
export function weightOf(key: Pick<PublicKey, 'algorithm' | 'bits'> | null): number {
  if (key === null) return 0;
  if (key.algorithm !== 'rsa') return WEIGHTS[key.algorithm];
  return Math.max(1, Math.ceil((key.bits / RSA_BITS_OF_WEIGHT_ONE) ** 2));
}

type SignaturesOfKey = Pick<SignedKey, 'key' | 'signatures' | 'foreignRevocations'>;

/** Adds up what verifying the parts of one certificate may cost, as they come. */
export interface Scale {
  putPrimary(part: SignaturesOfKey): void;
  putSubkey(part: SignaturesOfKey): void;
  putUserId(part: Pick<SignedUserId, 'bytes' | 'signatures' | 'others'>): void;
  putAstray(signatures: readonly OpenpgpSignature[]): void;
  /** @param subkeys how many the certificate has */
  load(subkeys: number): Load;
}

/** What is put on it must be new each time; of copies of one part only what the others did not have. */
export function openScale(by: OpenpgpKey): Scale {
  const each = weightOf(by.key);
  const capped = new Map<string, number>();
  let [signatures, weight, bindings, revocations] = [0, 0, 0, 0];

  const put = (found: readonly OpenpgpSignature[], documentBytes: number): void => {
    for (const { type, body } of found) {
      weight += each + Math.floor((documentBytes + body.length) / BYTES_A_VERIFICATION);
      if (type === TYPE.subkeyBinding) bindings += 1;
      if (type === TYPE.subkeyRevocation) revocations += 1;
    }
  };
  /** How many of `more` are within the limit, with those of this name that came before. */
  const within = (name: string, limit: number, more: number): number => {
    const before = capped.get(name) ?? 0;
    const after = Math.min(limit, before + more);
    capped.set(name, after);
    return after - before;
  };

  return {
    putPrimary({ signatures: own, foreignRevocations }) {
      signatures += own.length + foreignRevocations.length;
      put([...own, ...foreignRevocations], by.body.length);
    },
    putSubkey({ key, signatures: own, foreignRevocations }) {
      signatures += own.length + foreignRevocations.length;
      put([...own, ...foreignRevocations], by.body.length + key.body.length);
      const back = own.reduce((sum, one) => sum + countEmbedded(one), 0);
      weight += weightOf(key.key) * within(`back ${key.fingerprint}`, MAX_BACK_SIGNATURES, back);
      // What is misplaced is hashed with it as well.
      const bytes = within(`body ${key.fingerprint}`, key.body.length, key.body.length);
      weight += Math.floor((2 * MAX_MISPLACED * bytes) / BYTES_A_VERIFICATION);
    },
    putUserId({ bytes, signatures: own, others }) {
      signatures += own.length;
      const foreign = others.filter(({ type }) => type === TYPE.certificationRevocation);
      const tried = foreign.slice(0, within(`name ${spelling(bytes)}`, MAX_FOREIGN, foreign.length));
      put([...own, ...tried], by.body.length + bytes.length);
    },
    putAstray(own) {
      signatures += own.length;
      put(own, by.body.length);
    },
    load(subkeys) {
      const everywhere =
        Math.min(MAX_MISPLACED, revocations) * each +
        Math.min(MAX_MISPLACED, bindings) / HASHES_A_VERIFICATION;
      return { signatures, weight: weight + Math.floor(subkeys * everywhere) };
    },
  };
}

/** What verifying a whole certificate may cost. */
export function loadOf({ primary, userIds, subkeys, astray }: CertificatePackets): Load {
  const scale = openScale(primary.key);
  scale.putPrimary(primary);
  for (const subkey of subkeys) scale.putSubkey(subkey);
  for (const userId of userIds) scale.putUserId(userId);
  scale.putAstray(astray.signatures);
  return scale.load(subkeys.length);
}

/** Bounds what verifying a certificate costs. */
export function isTooLarge(certificate: CertificatePackets): boolean {
  const { userIds, subkeys } = certificate;
  return isBeyond(subkeys.length, userIds.length, loadOf(certificate));
}

export function isBeyond(subkeys: number, userIds: number, { signatures, weight }: Load): boolean {
  return (
    1 + subkeys > MAX_KEYS || userIds > MAX_USER_IDS || signatures > MAX_SIGNATURES || weight > MAX_WEIGHT
  );
}

function countEmbedded({ hashed, unhashed }: OpenpgpSignature): number {
  return [...hashed, ...unhashed].filter(({ type }) => type === SUBPACKET.embeddedSignature).length;
}
