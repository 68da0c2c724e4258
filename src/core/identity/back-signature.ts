import type { OpenpgpKey } from '../signature/openpgp-key.ts';
import { parseSignatureBody, SUBPACKET } from '../signature/openpgp-signature.ts';
import type { OpenpgpSignature } from '../signature/openpgp-signature.ts';
import { Refusal } from '../signature/refusal.ts';
import type { Found } from './keyring.ts';
import { MAX_BACK_SIGNATURES } from './certificate-weight.ts';
import { isCertifiedBy } from './certified.ts';
import { TYPE } from './signature-type.ts';

/**
 * Whether a subkey itself confirms its primary key in one of its verified bindings (RFC 9580 section 5.2.1.9): somebody
 * else's key can be bound by anybody, but only its owner can make it sign.
 */
export async function verifyBack(
  primary: OpenpgpKey,
  subkey: OpenpgpKey,
  bindings: readonly OpenpgpSignature[],
): Promise<Found> {
  const embedded = bindings
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .flatMap(embeddedIn)
    // The newest bindings' first: one that is right ends the search.
    .slice(0, MAX_BACK_SIGNATURES);
  if (embedded.length === 0) return 'missing';
  for (const body of embedded) {
    const back = readBack(body);
    if (back !== null && (await isCertifiedBy(subkey, back, { key: primary, subkey }))) return 'verified';
  }
  return 'bad';
}

/** May stand in either area, since it proves itself (RFC 9580 section 5.2.3.34). */
function embeddedIn({ hashed, unhashed }: OpenpgpSignature): Uint8Array[] {
  return [...hashed, ...unhashed]
    .filter(({ type }) => type === SUBPACKET.embeddedSignature)
    .map(({ body }) => body);
}

function readBack(body: Uint8Array): OpenpgpSignature | null {
  try {
    const signature = parseSignatureBody(body);
    return signature.type === TYPE.backSignature ? signature : null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

export function foundOf(verified: boolean, claimed: boolean): Found {
  if (verified) return 'verified';
  return claimed ? 'bad' : 'missing';
}
