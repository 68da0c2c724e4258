import { signatureKindOf } from '../object/signature-kind.ts';
import { parseSignatureArmor } from './armor.ts';
import type { Proof, ProofReason, ProofStatus, SignatureKind, SignerKey } from './proof.ts';
import { Refusal } from './refusal.ts';
import { parseSshSignature, verifySshSignature } from './sshsig.ts';
import type { VerificationKeys } from './verification-keys.ts';
import { cleartextDocument, parseOpenpgpClaim, verifyOpenpgpSignature } from './verify-openpgp.ts';

/** Bytes and a signature that is said to be over them. */
export interface Claim {
  readonly payload: Uint8Array;
  /** Empty: no signature. */
  readonly armor: Uint8Array;
  /** `cleartext`: the armored signature of a `gpg --clearsign` frame over `payload`, text with LF and a final LF. */
  readonly form: 'detached' | 'cleartext';
  /** What an SSH signature must be made for. */
  readonly namespace: 'git' | 'countersign@v1';
}

const DASH = 0x2d;

const STATUS: Readonly<Record<ProofReason, ProofStatus>> = {
  unsigned: 'unsigned',
  'x509-unsupported': 'unsupported',
  'algorithm-unsupported': 'unsupported',
  'version-unsupported': 'unsupported',
  'dsa-refused': 'unsupported',
  'ssh-certificate': 'unsupported',
  'signature-malformed': 'malformed',
  'several-signatures': 'malformed',
  'trailing-bytes': 'malformed',
  'wrong-namespace': 'malformed',
  'signature-bad': 'bad',
  'weak-hash': 'bad',
  'weak-key': 'bad',
  'text-mode-signature': 'bad',
  'wrong-signature-type': 'bad',
  'key-unknown': 'unknown-key',
};

/**
 * Says which key made the signature, and nothing about whether that key may speak: expiry, revocation, flags and binding
 * are for `standingOf`, roster and pins for the policy. Hostile input never throws.
 *
 * An OpenPGP key must be among `keys`; an SSH signature carries its key, so it is good or bad whoever owns it.
 */
export async function verifySignature(claim: Claim, keys: VerificationKeys): Promise<Proof> {
  if (claim.armor.length === 0) return proof('none', 'unsigned');
  const kind = signatureKindOf(claim.armor);
  // git tells the kind by the very first bytes (gpg-interface.c, `get_format_by_sig`), and finds none behind blanks.
  if (claim.namespace === 'git' && claim.armor[0] !== DASH)
    return proof(kind === 'unknown' ? 'none' : kind, 'signature-malformed');
  switch (kind) {
    case 'openpgp':
      return verifyOpenpgp(claim, keys);
    case 'ssh':
      return verifySsh(claim);
    case 'x509':
      return proof('x509', 'x509-unsupported');
    case 'unknown':
      return proof('none', 'signature-malformed');
  }
}

async function verifyOpenpgp({ payload, armor, form }: Claim, keys: VerificationKeys): Promise<Proof> {
  let named: Pick<Proof, 'issuer' | 'claimedAt' | 'expiresAt'> = {
    issuer: null,
    claimedAt: null,
    expiresAt: null,
  };
  try {
    const signature = parseOpenpgpClaim(armor, form);
    const { fingerprint, keyId } = signature.issuer;
    named = { issuer: fingerprint ?? keyId, claimedAt: signature.createdAt, expiresAt: signature.expiresAt };
    const document = form === 'cleartext' ? cleartextDocument(payload) : payload;
    const signer = await verifyOpenpgpSignature(signature, document, keys);
    const key: SignerKey = { kind: 'openpgp', fingerprint: signer.fingerprint, primary: signer.primary };
    return { ...proof('openpgp', null), ...named, key };
  } catch (error) {
    return { ...proof('openpgp', reasonOf(error)), ...named };
  }
}

async function verifySsh({ payload, armor, form, namespace }: Claim): Promise<Proof> {
  let key: SignerKey | null = null;
  try {
    if (form === 'cleartext') throw new Refusal('wrong-signature-type', 'only OpenPGP signs clear text');
    const signature = parseSshSignature(parseSignatureArmor(armor, 'SSH SIGNATURE'));
    const { type, blob, fingerprint } = signature.signer.named;
    key = { kind: 'ssh', type, blob, fingerprint };
    if (signature.namespace !== namespace)
      throw new Refusal('wrong-namespace', 'it was made for something else');
    const { good, presence } = await verifySshSignature(signature, payload);
    if (!good)
      throw new Refusal('signature-bad', 'it is no signature over these bytes by the key that it carries');
    return { ...proof('ssh', null), key, presence };
  } catch (error) {
    return { ...proof('ssh', reasonOf(error)), key };
  }
}

function reasonOf(error: unknown): ProofReason {
  if (error instanceof Refusal) return error.reason;
  throw error;
}

function proof(kind: SignatureKind, reason: ProofReason | null): Proof {
  const status = reason === null ? 'good' : STATUS[reason];
  return { kind, status, reason, key: null, issuer: null, presence: null, claimedAt: null, expiresAt: null };
}
