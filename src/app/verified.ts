import type { Facts } from '../core/facts/facts.ts';
import { prove } from '../core/facts/prove.ts';
import { readFacts } from '../core/facts/reading.ts';
import { buildRoster, speaksFor } from '../core/policy/roster.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import type { KeptStatement } from '../store/store.ts';

/**
 * The statements among facts whose signature verifies under a key pinned to the very person that they name, whatever else
 * is wrong with them. These are kept for good (trust.md C17); nobody else can make the store grow.
 */
export async function verifiedStatements(facts: Facts, project: string): Promise<readonly KeptStatement[]> {
  const reading = readFacts(facts);
  if (reading.policy?.ok !== true || reading.statements.length === 0) return [];
  const proofs = await prove({ ...reading, commits: [] });
  const roster = buildRoster(reading.policy.policy, proofs.keyring);
  return reading.statements.flatMap(({ signed, parsed }, index): KeptStatement[] => {
    const proof = proofs.statements[index];
    if (!parsed.ok || !proof || !speaksFor(roster, proof, parsed.statement.reviewer)) return [];
    return [{ ...signed, project, head: parsed.statement.head }];
  });
}

/** A kept statement as a text that it can be extracted from again, byte for byte. */
export function sourceOf({ from, text, armor, form }: KeptStatement): StatementSource {
  const frame = form === 'cleartext' ? '-----BEGIN PGP SIGNED MESSAGE-----\n\n' : '';
  return { from, text: `${frame}${decode(text)}${decode(armor)}` };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
