import { openKeyring } from '../identity/certificate.ts';
import type { Oid } from '../object/id.ts';
import { openFolder, type PolicyFolder } from '../policy/folder.ts';
import { parsePolicy } from '../policy/parse.ts';
import { buildRoster, speaksFor } from '../policy/roster.ts';
import { verifySignature } from '../signature/verify.ts';
import type { SignedText } from '../statement/extract.ts';
import { parseStatement, type Review } from '../statement/review.ts';
import { blobsOf } from './digest.ts';
import type { TreeDiff } from './change.ts';
import type { Proposal } from './target.ts';

/** What the second round of gathering must bring, because of what the first one found. */
export interface Needs {
  /** Blobs to hash. Empty where nobody on the roster has signed anything about what is judged. */
  readonly contents: readonly Oid[];
  /** Commits of which to find out whether they have landed. */
  readonly bases: readonly Oid[];
}

/**
 * Only statements that people of the roster really signed make anything necessary: whoever may comment can name as many
 * heads and bases as they like, and must not be able to make a judgement long, or crowd out what others signed.
 */
export async function needs(
  proposal: Proposal,
  folder: PolicyFolder,
  diffs: readonly TreeDiff[],
  statements: readonly SignedText[],
): Promise<Needs> {
  const { branch, heads } = proposal;
  const about = statements.filter(({ text }) => {
    const parsed = parseStatement(text);
    return parsed.ok && parsed.statement.branch === branch && heads.includes(parsed.statement.head);
  });
  const signed = await ofRoster(folder, about);
  if (signed.length === 0) return { contents: [], bases: [] };
  return {
    contents: blobsOf(diffs.flatMap(({ files }) => files)),
    bases: [...new Set(signed.map(({ review }) => review.base))],
  };
}

/** The statements among these that are signed by a key of the very person whom they name. */
export async function ofRoster(
  folder: PolicyFolder,
  statements: readonly SignedText[],
): Promise<readonly { readonly signed: SignedText; readonly review: Review }[]> {
  const opened = openFolder(folder);
  if (statements.length === 0 || opened.policy.state !== 'present') return [];
  const policy = parsePolicy(opened.policy.bytes);
  if (!policy.ok) return [];
  const { keyring, keys } = await openKeyring(opened.keys);
  const roster = buildRoster(policy.policy, keyring);
  const found: { signed: SignedText; review: Review }[] = [];
  for (const signed of statements) {
    const parsed = parseStatement(signed.text);
    if (!parsed.ok || !policy.policy.people.has(parsed.statement.reviewer)) continue;
    const { text: payload, armor, form } = signed;
    const proof = await verifySignature({ payload, armor, form, namespace: 'countersign@v1' }, keys);
    if (speaksFor(roster, proof, parsed.statement.reviewer)) found.push({ signed, review: parsed.statement });
  }
  return found;
}
