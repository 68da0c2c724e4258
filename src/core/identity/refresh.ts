import { SUBPACKET } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { openKeyring } from './certificate.ts';
import type { CertificatePackets } from './certificate-packets.ts';
import { isOfPrimary, spelling, TAG, typeOf } from './certificate-packets.ts';
import { isCertifiedBy } from './certified.ts';
import type { Certified } from './certified.ts';
import { listPackets, parseKeyFile } from './key-file.ts';
import { mayCertify } from './key-standing.ts';
import type { Certificate, CertificateKey } from './keyring.ts';
import { revokersOf, verifySelfSignatures } from './self-signatures.ts';
import { CERTIFICATIONS, TYPE } from './signature-type.ts';

/**
 * Whether a key file differs from what it was by nothing but self-signatures that prolong its certificates (trust.md B12):
 * the same keys and names, no signature of anybody else added or taken away, no revocation added or taken away. Each new
 * self-signature verifies and says what one of the same key or name said before, all but when it was made and when the key
 * ends; and afterwards every key may do exactly what it might, no shorter than before. Replaced self-signatures may be
 * gone: gpg leaves them out.
 *
 * The files' bytes as they lie below `.countersign/keys/`. What cannot be read is no refresh.
 */
export async function isRefresh(before: Uint8Array, after: Uint8Array): Promise<boolean> {
  const [old, young] = [open(before), open(after)];
  if (old === null || young === null || old.size !== young.size) return false;
  for (const [primary, was] of old) {
    const is = young.get(primary);
    if (is === undefined || !(await isProlonged(was, is))) return false;
  }
  return standsAsBefore(await judged(before), await judged(after));
}

/** One certificate of a file: as it stands there, and with everything in its place. */
interface Opened {
  /** The bodies of the signatures below each key, name and attribute, by the packet that they stand below. */
  readonly parts: ReadonlyMap<string, ReadonlySet<string>>;
  readonly packets: CertificatePackets;
}

/** By the primary key's packet; `null` for what is no whole key file. */
function open(bytes: Uint8Array): ReadonlyMap<string, Opened> | null {
  const file = { path: '', bytes };
  const [listed, parsed] = [listPackets(file), parseKeyFile(file)];
  if (!listed.ok || !parsed.ok) return null;
  const parts = new Map<string, Map<string, Set<string>>>();
  let primary = '';
  let part = '';
  for (const { tag, body } of listed.telling) {
    if (tag === TAG.publicKey) primary = spelling(body);
    if (tag !== TAG.signature) part = `${tag} ${spelling(body)}`;
    const known = parts.get(primary) ?? new Map<string, Set<string>>();
    parts.set(primary, known);
    const name = tag === TAG.signature && isOfPrimary(typeOf(body)) ? partOf(TAG.publicKey, primary) : part;
    const signatures = known.get(name) ?? new Set<string>();
    known.set(name, signatures);
    if (tag === TAG.signature) signatures.add(spelling(body));
  }
  return new Map(
    parsed.certificates.map((packets) => {
      const name = spelling(packets.primary.key.body);
      return [name, { parts: parts.get(name) ?? new Map<string, Set<string>>(), packets }];
    }),
  );
}

function partOf(tag: number, name: string): string {
  return `${tag} ${name}`;
}

async function isProlonged(was: Opened, is: Opened): Promise<boolean> {
  if (was.parts.size !== is.parts.size) return false;
  const [oldClaims, newClaims] = [await claimsOf(was.packets), await claimsOf(is.packets)];
  for (const [part, old] of was.parts) {
    const young = is.parts.get(part);
    if (young === undefined) return false;
    const [own, now] = [oldClaims.get(part), newClaims.get(part)];
    // What others signed, and what takes power away, stays as it is.
    if ([...old].some((body) => !young.has(body) && own?.has(body) !== true)) return false;
    const said = new Set([...(own?.values() ?? [])].map(sense));
    for (const body of young) {
      const claim = now?.get(body);
      if (!old.has(body) && (claim === undefined || !said.has(sense(claim)))) return false;
    }
  }
  return true;
}

/** The verified signatures by which a primary key speaks for its keys and names, by the part that they speak of. */
async function claimsOf({
  primary,
  userIds,
  subkeys,
}: CertificatePackets): Promise<ReadonlyMap<string, ReadonlyMap<string, OpenpgpSignature>>> {
  const by = primary.key;
  const verified = async (
    signatures: readonly OpenpgpSignature[],
    types: readonly number[],
    over: Certified,
  ): Promise<ReadonlyMap<string, OpenpgpSignature>> => {
    const found = new Map<string, OpenpgpSignature>();
    for (const signature of signatures) {
      if (!types.includes(signature.type) || !(await isCertifiedBy(by, signature, over))) continue;
      found.set(spelling(signature.body), signature);
    }
    return found;
  };
  const claims = new Map<string, ReadonlyMap<string, OpenpgpSignature>>();
  const direct = await verified(primary.signatures, [TYPE.directKey], { key: by });
  claims.set(partOf(TAG.publicKey, spelling(by.body)), direct);
  for (const { bytes, signatures } of userIds) {
    const own = await verified(signatures, CERTIFICATIONS, { key: by, userId: bytes });
    claims.set(partOf(TAG.userId, spelling(bytes)), own);
  }
  for (const { key, signatures } of subkeys) {
    const own = await verified(signatures, [TYPE.subkeyBinding], { key: by, subkey: key });
    claims.set(partOf(TAG.subkey, spelling(key.body)), own);
  }
  return claims;
}

/** A note that a tool may add to its signatures, such as a salt. */
const NOTATION = 20;
/** What a prolonged self-signature may say otherwise; the signature of a subkey over it is verified by its standing. */
const CHANGES: readonly number[] = [
  SUBPACKET.creationTime,
  SUBPACKET.keyExpiration,
  SUBPACKET.issuerKeyId,
  SUBPACKET.issuerFingerprint,
  SUBPACKET.embeddedSignature,
  NOTATION,
];

/** All that a self-signature says besides its dates: flags, preferences, revokers, which name is the first one. */
function sense({ type, hashed }: OpenpgpSignature): string {
  const rest = hashed
    .filter((subpacket) => !CHANGES.includes(subpacket.type))
    .map((subpacket) => `${subpacket.type} ${Buffer.from(subpacket.body).toString('hex')}`);
  return [String(type), ...rest.sort()].join('\n');
}

interface Judged {
  readonly certificate: Certificate;
  readonly mayCertify: boolean;
  readonly ownUserIds: readonly boolean[];
  readonly revokers: ReadonlySet<string>;
}

/** By the primary fingerprint. */
async function judged(bytes: Uint8Array): Promise<ReadonlyMap<string, Judged>> {
  const file = { path: '', bytes };
  const parsed = parseKeyFile(file);
  const { keyring } = await openKeyring([file]);
  const found = new Map<string, Judged>();
  for (const packets of parsed.ok ? parsed.certificates : []) {
    const { fingerprint } = packets.primary.key;
    const certificate = keyring.certificates.find(({ primary }) => primary === fingerprint);
    if (certificate === undefined) continue;
    const { primary, ownUserIds } = await verifySelfSignatures(packets);
    const revokers = revokersOf(primary.bindings);
    found.set(fingerprint, { certificate, mayCertify: mayCertify(primary), ownUserIds, revokers });
  }
  return found;
}

function standsAsBefore(old: ReadonlyMap<string, Judged>, young: ReadonlyMap<string, Judged>): boolean {
  if (old.size === 0) return false;
  return [...old].every(([fingerprint, was]) => {
    const is = young.get(fingerprint);
    if (is === undefined || is.mayCertify !== was.mayCertify) return false;
    const { keys } = is.certificate;
    return (
      sameItems(was.ownUserIds, is.ownUserIds) &&
      was.revokers.size === is.revokers.size &&
      [...was.revokers].every((one) => is.revokers.has(one)) &&
      keys.length === was.certificate.keys.length &&
      was.certificate.keys.every((key) => keys.some((other) => isKeyAsBefore(key, other)))
    );
  });
}

/** `ownUserIds` follow the order of the names in the file, which a tool may change: only how many are meant counts. */
function sameItems(a: readonly boolean[], b: readonly boolean[]): boolean {
  return a.length === b.length && a.filter(Boolean).length === b.filter(Boolean).length;
}

function isKeyAsBefore(was: CertificateKey, is: CertificateKey): boolean {
  const [old, young] = [was.standing, is.standing];
  return (
    was.fingerprint === is.fingerprint &&
    old.binding === young.binding &&
    old.canSign === young.canSign &&
    old.backSignature === young.backSignature &&
    JSON.stringify(old.revoked) === JSON.stringify(young.revoked) &&
    (young.expiresAt === null || (old.expiresAt !== null && young.expiresAt >= old.expiresAt))
  );
}
