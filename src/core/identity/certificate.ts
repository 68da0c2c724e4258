import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import type { Issuer, VerificationKey, VerificationKeys } from '../signature/verification-keys.ts';
import { noKeys } from '../signature/verification-keys.ts';
import { isTooLarge, mergeCertificates, parseKeyFile } from './certificate-packets.ts';
import type { CertificatePackets } from './certificate-packets.ts';
import { primaryStanding, subkeyStanding } from './key-standing.ts';
import type {
  Certificate,
  CertificateKey,
  KeyFile,
  Keyring,
  KeyStanding,
  UnreadableKeyFile,
} from './keyring.ts';
import { verifySelfSignatures } from './self-signatures.ts';
import type { VerifiedSelfSignatures } from './self-signatures.ts';

export interface OpenedKeyring {
  readonly keyring: Keyring;
  readonly keys: VerificationKeys;
}

/** Files with certificates beyond this many are reported as `too-large`. */
export const MAX_CERTIFICATES = 256;

/**
 * Reads certificates, armored or binary, several in a file if need be (1 MiB a file, 64 keys a certificate), verifies
 * their self-signatures and computes every fingerprint from the key's material. Several copies of one certificate are
 * taken together, under the name of the first file. Files that can't be read are named with the reason.
 */
export async function openKeyring(files: readonly KeyFile[]): Promise<OpenedKeyring> {
  const unreadable: UnreadableKeyFile[] = [];
  let packets: CertificatePackets[] = [];
  for (const file of files) {
    const parsed = parseKeyFile(file);
    if (!parsed.ok) {
      unreadable.push({ path: file.path, reason: parsed.reason });
      continue;
    }
    const merged = mergeCertificates([...packets, ...parsed.certificates]);
    if (merged.length <= MAX_CERTIFICATES && !merged.some(isTooLarge)) packets = merged;
    else unreadable.push({ path: file.path, reason: 'too-large' });
  }
  if (packets.length === 0) return { keyring: { certificates: [], unreadable }, keys: noKeys };
  // 50 ms to load: only where there is a certificate.
  const openpgp = await import('openpgp');
  const opened = [];
  for (const certificate of packets) {
    opened.push(judgeCertificate(certificate, await verifySelfSignatures(openpgp, certificate)));
  }
  return {
    keyring: { certificates: opened.map(({ certificate }) => certificate), unreadable },
    keys: indexKeys(opened.flatMap(({ certificate, materials }) => candidatesOf(certificate, materials))),
  };
}

interface JudgedCertificate {
  readonly certificate: Certificate;
  /** In the order of the certificate's keys. */
  readonly materials: readonly OpenpgpKey[];
}

function judgeCertificate(
  { file, primary, userIds, subkeys }: CertificatePackets,
  [ofPrimary, ...ofSubkeys]: readonly VerifiedSelfSignatures[],
): JudgedCertificate {
  const standing = primaryStanding(primary.key.createdAt, ofPrimary ?? NOTHING);
  const keys = [
    describeKey(primary.key, true, standing),
    ...subkeys.map(({ key }, index) =>
      describeKey(key, false, subkeyStanding(key.createdAt, ofSubkeys[index] ?? NOTHING, standing)),
    ),
  ];
  const names = userIds.map(({ bytes }) => new TextDecoder().decode(bytes));
  return {
    certificate: { file, primary: primary.key.fingerprint, keys, userIds: [...new Set(names)] },
    materials: [primary.key, ...subkeys.map(({ key }) => key)],
  };
}

const NOTHING: VerifiedSelfSignatures = { bindings: [], revocations: [], backSigned: false };

function describeKey(
  { fingerprint, algorithm, key, material, createdAt }: OpenpgpKey,
  primary: boolean,
  standing: KeyStanding,
): CertificateKey {
  const name = key?.algorithm ?? `openpgp-${algorithm}`;
  return { fingerprint, primary, algorithm: name, bits: key?.bits ?? 0, material, createdAt, standing };
}

interface Candidate extends VerificationKey {
  readonly owned: boolean;
}

function candidatesOf({ primary, keys }: Certificate, materials: readonly OpenpgpKey[]): Candidate[] {
  return keys.flatMap(({ fingerprint, standing }, index) => {
    const material = materials[index];
    if (material === undefined) return [];
    const owned = standing.bound && standing.canSign && standing.backSigned;
    return [{ fingerprint, primary, algorithm: material.algorithm, key: material.key, owned }];
  });
}

/**
 * Anybody can put somebody else's key below their own primary key, but not make it sign back: whoever really owns a key
 * comes first.
 */
function indexKeys(candidates: readonly Candidate[]): VerificationKeys {
  const index = new Map<string, VerificationKey[]>();
  const ordered = [...candidates.filter(({ owned }) => owned), ...candidates.filter(({ owned }) => !owned)];
  for (const { fingerprint, primary, algorithm, key } of ordered) {
    const found = { fingerprint, primary, algorithm, key };
    for (const name of [fingerprint, fingerprint.slice(-16)]) {
      const known = index.get(name);
      if (known === undefined) index.set(name, [found]);
      else known.push(found);
    }
  }
  return {
    find: ({ fingerprint, keyId }: Issuer) => index.get(fingerprint ?? keyId ?? '') ?? [],
  };
}
