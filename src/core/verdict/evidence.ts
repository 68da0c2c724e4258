import type { SignedText } from '../statement/extract.ts';
import { headOf, signerNameOf } from '../statement/statement.ts';
import { ledgerDigest } from '../statement/ledger.ts';
import type { Assessment } from './assess.ts';
import type { Roles } from './behind.ts';
import type { Accepted } from './statements/accepted.ts';
import type { Revocations } from './statements/revocation.ts';
import type { Evidence } from './verdict.ts';

/** The statements on which a verdict rests, for and against, each once: what must be kept to come to it again. */
export function evidenceOf(
  { approvals, objections, ratified }: Assessment,
  { adoptions }: Roles,
  revocations: Revocations,
): Evidence[] {
  const counted: Accepted[] = [
    ...approvals,
    ...adoptions,
    ...objections.counted,
    ...ratified.counted,
    ...revocations.counted,
  ];
  // A batch is one file for all that is in it.
  const digests = new Map<SignedText, string | null>();
  return [...new Set(counted)].map(({ signed, statement }) => {
    const known = digests.get(signed);
    const digest = known === undefined ? ledgerDigest(signed) : known;
    digests.set(signed, digest);
    const signer = signerNameOf(statement);
    return { type: statement.type, signer, head: headOf(statement), from: signed.from, digest };
  });
}
