import type { Facts } from '../core/facts/facts.ts';
import { ofRoster } from '../core/facts/needs.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import type { KeptStatement } from '../store/store.ts';

/**
 * The statements among facts whose signature verifies under a key pinned to the very person that they name, whatever else
 * is wrong with them. These are kept for good (trust.md C17); nobody else can make the store grow.
 */
export async function verifiedStatements(facts: Facts, project: string): Promise<readonly KeptStatement[]> {
  const found = await ofRoster(facts.policy, facts.statements);
  return found.map(({ signed, review }) => ({ ...signed, project, head: review.head }));
}

/** A kept statement as a text that it can be extracted from again, byte for byte. */
export function sourceOf({ from, text, armor, form }: KeptStatement): StatementSource {
  const frame = form === 'cleartext' ? '-----BEGIN PGP SIGNED MESSAGE-----\n\n' : '';
  return { from, text: `${frame}${decode(text)}${decode(armor)}` };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
