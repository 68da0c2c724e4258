import { createHash } from 'node:crypto';
import { openBasePolicy } from '../core/facts/base-policy.ts';
import { ofRoster, type RosterText } from '../core/facts/needs.ts';
import type { PolicyFolder } from '../core/policy/folder.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { SignedText, StatementSource } from '../core/statement/extract.ts';
import { headOf, type Revocation, type Statement } from '../core/statement/statement.ts';
import { REVOKED, type KeptStatement } from '../store/store.ts';

/** A verified statement, and the branches for which it says something of a change. */
export interface Verified extends KeptStatement {
  readonly branches: readonly string[];
}

/**
 * The statements among texts whose signature verifies under a key pinned by a policy to the very person that they name,
 * whatever else is wrong with them: one entry for each commit of this project that a signed text is about. These are kept
 * for good (trust.md C17); nobody else can make the store grow. Of revocations only those are kept that stop something
 * here: they are read for every judgement.
 */
export async function verifiedStatements(
  folder: PolicyFolder,
  texts: readonly SignedText[],
  project: string,
): Promise<readonly Verified[]> {
  const found = await ofRoster(folder, texts);
  const base = found.length === 0 ? null : await openBasePolicy(folder);
  if (base === null) return [];
  return found.flatMap((text) => keep(text, base.policy, project));
}

function keep(text: RosterText, policy: Policy, project: string): readonly Verified[] {
  const { signed, by } = text;
  const here = text.statements.filter((one) => one.project.toLowerCase() === project.toLowerCase());
  const sameAs = identityOf(text);
  const kept = new Map<string, Verified>();
  for (const [head, about] of Map.groupBy(here, headOf)) {
    if (head === null) continue;
    const branches = [...new Set(about.flatMap((one) => branchOf(one) ?? []))];
    kept.set(head, { ...signed, project, head, sameAs, branches });
  }
  for (const statement of here) {
    if (statement.type !== 'revoke' || !stops(policy, statement)) continue;
    const { person, key, revoker } = statement;
    // It says nothing new where the same key of the same person was revoked by the same key before, in whatever words.
    const said = JSON.stringify([person, key, revoker, by]);
    kept.set(said, { ...signed, project, head: REVOKED, sameAs: said, branches: [] });
  }
  return [...kept.values()];
}

/** What was signed, by which key, and what that key signed besides: nobody else can make another one of it. */
function identityOf({ signed, by, proof: { claimedAt, expiresAt, presence } }: RosterText): string {
  const text = createHash('sha256').update(signed.text).digest('hex');
  return JSON.stringify([text, by, claimedAt, expiresAt, presence?.touched, presence?.verified]);
}

/** Where a statement may change a verdict; what is said to users about where a branch stands changes none. */
function branchOf(statement: Statement): string | null {
  if (statement.type === 'revoke' || statement.type === 'head' || statement.type === 'introduction')
    return null;
  return statement.branch;
}

/** Whether it is about a key of the roster, by its owner or by a member of the governance group (trust.md D19). */
function stops(policy: Policy, { project, person, key, revoker }: Revocation): boolean {
  const owner = policy.people.get(person) ?? policy.bots.get(person);
  const governs = policy.groups.get(policy.governance.from)?.has(revoker) === true;
  const pinned = owner?.keys.some((pin) => `${pin.kind}:${pin.fingerprint}` === key) === true;
  return project === policy.project && pinned && (revoker === person || governs);
}

/** A kept statement as a text that it can be extracted from again, byte for byte. */
export function sourceOf({ from, text, armor, form }: SignedText): StatementSource {
  const frame = form === 'cleartext' ? '-----BEGIN PGP SIGNED MESSAGE-----\n\n' : '';
  return { from, text: `${frame}${decode(text)}${decode(armor)}` };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
