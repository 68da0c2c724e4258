import { openBasePolicy } from '../core/facts/base-policy.ts';
import type { Facts } from '../core/facts/facts.ts';
import { ofRoster, type RosterText } from '../core/facts/needs.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { StatementSource } from '../core/statement/extract.ts';
import { headOf, type Revocation } from '../core/statement/statement.ts';
import { REVOKED, type KeptStatement } from '../store/store.ts';

/**
 * The statements among facts whose signature verifies under a key pinned to the very person that they name, whatever else
 * is wrong with them: one entry for each commit that a signed text is about. These are kept for good (trust.md C17);
 * nobody else can make the store grow. Of revocations only those are kept that stop something here: they are read for
 * every judgement.
 */
export async function verifiedStatements(facts: Facts, project: string): Promise<readonly KeptStatement[]> {
  const found = await ofRoster(facts.policy, facts.statements);
  const base = found.length === 0 ? null : await openBasePolicy(facts.policy);
  if (base === null) return [];
  return found.flatMap((text) => keep(text, base.policy, project));
}

function keep({ signed, statements, by }: RosterText, policy: Policy, project: string): KeptStatement[] {
  const kept = new Map<string, KeptStatement>();
  for (const statement of statements) {
    const head = headOf(statement);
    if (head !== null) kept.set(head, { ...signed, project, head, sameAs: null });
    else if (statement.type === 'revoke' && stops(policy, statement)) {
      const { person, key, revoker } = statement;
      const sameAs = JSON.stringify([person, key, revoker, by]);
      kept.set(sameAs, { ...signed, project, head: REVOKED, sameAs });
    }
  }
  return [...kept.values()];
}

/** Whether it is about a key of the roster, by its owner or by a member of the governance group (trust.md D19). */
function stops(policy: Policy, { project, person, key, revoker }: Revocation): boolean {
  const owner = policy.people.get(person) ?? policy.bots.get(person);
  const governs = policy.groups.get(policy.governance.from)?.has(revoker) === true;
  const pinned = owner?.keys.some((pin) => `${pin.kind}:${pin.fingerprint}` === key) === true;
  return project === policy.project && pinned && (revoker === person || governs);
}

/** A kept statement as a text that it can be extracted from again, byte for byte. */
export function sourceOf({ from, text, armor, form }: KeptStatement): StatementSource {
  const frame = form === 'cleartext' ? '-----BEGIN PGP SIGNED MESSAGE-----\n\n' : '';
  return { from, text: `${frame}${decode(text)}${decode(armor)}` };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
