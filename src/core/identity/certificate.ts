import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import { keyIdOf } from '../signature/openpgp-key.ts';
import type { Issuer, VerificationKey, VerificationKeys } from '../signature/verification-keys.ts';
import type { CertificatePackets } from './certificate-packets.ts';
import { collectInTurns } from './key-file.ts';
import { primaryStanding, subkeyStanding } from './key-standing.ts';
import type {
  Certificate,
  CertificateKey,
  CertificateOutline,
  KeyFile,
  Keyring,
  KeyStanding,
  OutlinedKey,
  UnreadableKeyFile,
} from './keyring.ts';
import { verifySelfSignatures } from './self-signatures.ts';

export interface OpenedCertificates {
  /** Nothing of them is verified yet. */
  readonly outlines: readonly CertificateOutline[];
  /** Files that hold no readable certificate, each with the reason. */
  readonly unreadable: readonly UnreadableKeyFile[];
  /** Which file brought which certificate, by its primary fingerprint: every copy of it. */
  readonly brought: readonly { readonly path: string; readonly primary: string }[];
  readonly keys: VerificationKeys;
  /**
   * Verifies what these certificates, named by their primary fingerprints, say of their keys: in the order asked for, each
   * once, unknown ones left out. Every certificate is judged once and remembered.
   */
  readonly judge: (primaries: Iterable<string>) => Promise<readonly Certificate[]>;
}

export interface OpenedKeyring {
  readonly keyring: Keyring;
  readonly keys: VerificationKeys;
}

/**
 * Reads certificates, armored or binary, several in a file if need be (1 MiB a file, 64 keys a certificate), and computes
 * every fingerprint from the key's material. Several copies of one certificate are taken together, under the name of the
 * first file. Files that can't be read are named with the reason. Self-signatures are verified only where `judge` asks for
 * it, or where one key lies in several certificates, so that its owner must be found out.
 */
export async function openCertificates(files: readonly KeyFile[]): Promise<OpenedCertificates> {
  const { certificates, unreadable, brought } = await collectInTurns(files);
  const packets = new Map(certificates.map((each) => [each.primary.key.fingerprint, each]));
  const judged = new Map<string, Promise<Certificate>>();
  const judge = (primaries: Iterable<string>): Promise<readonly Certificate[]> => {
    const asked = [...new Set(primaries)].flatMap((primary) => packets.get(primary) ?? []);
    return Promise.all(
      asked.map((certificate) => {
        const { fingerprint } = certificate.primary.key;
        const judging = judged.get(fingerprint) ?? judgeCertificate(certificate);
        judged.set(fingerprint, judging);
        return judging;
      }),
    );
  };
  const owned = new Set(
    (await judge(sharersOf(certificates))).flatMap(({ primary, keys }) =>
      keys.filter(isOwned).map(({ fingerprint }) => `${primary} ${fingerprint}`),
    ),
  );
  return {
    outlines: certificates.map(outlineOf),
    unreadable,
    brought,
    keys: indexKeys(certificates.flatMap(candidatesOf), owned),
    judge,
  };
}

/** As `openCertificates`, with every certificate judged. */
export async function openKeyring(files: readonly KeyFile[]): Promise<OpenedKeyring> {
  const { outlines, unreadable, keys, judge } = await openCertificates(files);
  const certificates = await judge(outlines.map(({ primary }) => primary));
  return { keyring: { certificates, unreadable }, keys };
}

async function judgeCertificate(packets: CertificatePackets): Promise<Certificate> {
  const verified = await verifySelfSignatures(packets);
  const { primary, subkeys } = packets;
  const standing = primaryStanding(primary.key.createdAt, verified.primary);
  const standings: KeyStanding[] = [
    standing,
    ...verified.subkeys.map((signatures, index) =>
      subkeyStanding(subkeys[index]?.key.createdAt ?? 0, signatures, standing),
    ),
  ];
  const outline = outlineOf(packets);
  const keys = outline.keys.flatMap((key, index): CertificateKey[] => {
    const own = standings[index];
    return own === undefined ? [] : [{ ...key, standing: own }];
  });
  return { ...outline, keys };
}

function outlineOf({ file, primary, userIds, subkeys }: CertificatePackets): CertificateOutline {
  return {
    file,
    primary: primary.key.fingerprint,
    keys: [outlineKey(primary.key, true), ...subkeys.map(({ key }) => outlineKey(key, false))],
    userIds: [...new Set(userIds.map(({ bytes }) => new TextDecoder().decode(bytes)))],
  };
}

function outlineKey(
  { fingerprint, algorithm, key, material, createdAt }: OpenpgpKey,
  primary: boolean,
): OutlinedKey {
  const name = key?.algorithm ?? `openpgp-${algorithm}`;
  return { fingerprint, primary, algorithm: name, bits: key?.bits ?? 0, material, createdAt };
}

/** Certificates that hold a key which another one holds as well. */
function sharersOf(certificates: readonly CertificatePackets[]): string[] {
  const holders = Map.groupBy(certificates.flatMap(candidatesOf), ({ fingerprint }) => fingerprint);
  return [...holders.values()]
    .filter((candidates) => new Set(candidates.map(({ primary }) => primary)).size > 1)
    .flatMap((candidates) => candidates.map(({ primary }) => primary));
}

function candidatesOf({ primary, subkeys }: CertificatePackets): VerificationKey[] {
  return [primary, ...subkeys].map(({ key: { fingerprint, algorithm, key } }) => ({
    fingerprint,
    primary: primary.key.fingerprint,
    algorithm,
    key,
  }));
}

/** Anybody can put somebody else's key below their own primary key, but not make it sign back. */
function isOwned({ standing: { binding, canSign, backSignature } }: CertificateKey): boolean {
  return binding === 'verified' && canSign && backSignature === 'verified';
}

/** @param owned keys of several certificates, with the one that really owns them, which comes first */
function indexKeys(candidates: readonly VerificationKey[], owned: ReadonlySet<string>): VerificationKeys {
  const index = new Map<string, VerificationKey[]>();
  const rank = ({ primary, fingerprint }: VerificationKey): number =>
    owned.has(`${primary} ${fingerprint}`) ? 0 : 1;
  for (const found of candidates.toSorted((a, b) => rank(a) - rank(b))) {
    for (const name of [found.fingerprint, keyIdOf(found.fingerprint)]) {
      const known = index.get(name);
      if (known === undefined) index.set(name, [found]);
      else known.push(found);
    }
  }
  return {
    find: ({ fingerprint, keyId }: Issuer) => index.get(fingerprint ?? keyId ?? '') ?? [],
  };
}
