import { openKeyring } from '../identity/certificate.ts';
import type { Keyring } from '../identity/keyring.ts';
import type { Proof } from '../signature/proof.ts';
import { verifySignature } from '../signature/verify.ts';
import type { Reading } from './reading.ts';

/** What cryptography says of every signature among the facts, without people and without policy. */
export interface Proofs {
  readonly keyring: Keyring;
  /** The certificates that the change would leave; `null` where it does not touch them. */
  readonly proposedKeyring: Keyring | null;
  /** In the order of `Reading.commits`; `null` for a commit that could not be parsed. */
  readonly commits: readonly (Proof | null)[];
  /** In the order of `Reading.statements`. */
  readonly statements: readonly Proof[];
}

/** As many verifications as wait for libuv's pool at a time: enough to keep it busy, few enough to bound memory. */
const IN_FLIGHT = 64;

/** The only asynchronous part of a judgement. Never throws for hostile input: a bad signature is a proof that says so. */
export async function prove(reading: Reading): Promise<Proofs> {
  const { keyring, keys } = await openKeyring(reading.keys);
  const commits = await inOrder(reading.commits, (parsed) => {
    if (!parsed.ok) return Promise.resolve(null);
    const { payload, signature } = parsed.commit;
    const armor = signature?.armor ?? new Uint8Array();
    return verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys);
  });
  const statements = await inOrder(reading.statements, ({ signed: { text, armor, form } }) =>
    verifySignature({ payload: text, armor, form, namespace: 'countersign@v1' }, keys),
  );
  const proposed = reading.proposed && (await openKeyring(reading.proposed.keys));
  return { keyring, proposedKeyring: proposed?.keyring ?? null, commits, statements };
}

async function inOrder<T, R>(items: readonly T[], verify: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += IN_FLIGHT) {
    results.push(...(await Promise.all(items.slice(start, start + IN_FLIGHT).map(verify))));
  }
  return results;
}
