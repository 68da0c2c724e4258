import { keyringOf, openedFolder, policyIn, rosterOf } from '../facts/opened.ts';
import type { PolicyFolder } from '../policy/folder.ts';
import { verifySignature } from '../signature/verify.ts';
import type { SignedText } from '../statement/extract.ts';
import { parseStatements, type Statement } from '../statement/statement.ts';
import { signerOf } from '../verdict/signer.ts';
import type { Introduction } from './introduction.ts';

/** Of the governance group of the policy at an introduction: who has signed that trust may begin there, and who not. */
export interface Introducers {
  readonly group: string;
  readonly signed: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Finds the `introduction` statements that say exactly this. They prove that the people whom the policy lists meant it;
 * whether these are the right people only the user can know, by pinning the introduction (trust.md F28). Dates do not
 * matter, as for what has landed. `null` where no policy can be read.
 *
 * @param folder `.countersign/` at the introduction
 * @param now seconds since the epoch
 */
export async function findIntroducers(
  texts: readonly SignedText[],
  folder: PolicyFolder,
  introduction: Introduction,
  now: number,
): Promise<Introducers | null> {
  const opened = openedFolder(folder);
  const parsed = policyIn(opened);
  if (parsed?.ok !== true) return null;
  const { policy } = parsed;
  const { keyring, keys } = await keyringOf(opened.keys);
  const roster = rosterOf(policy, keyring);
  const context = { policy, roster, keyring, at: now, landed: true, revoked: new Set<string>() };
  const members = policy.groups.get(policy.governance.from) ?? new Set<string>();
  const signed = new Set<string>();
  for (const { text, armor, form } of texts) {
    const read = parseStatements(text);
    const named = read.ok ? read.statements.flatMap((one) => introducerOf(one, introduction)) : [];
    if (!named.some((name) => members.has(name))) continue;
    const claim = { payload: text, armor, form, namespace: 'countersign@v1' } as const;
    const signer = signerOf(await verifySignature(claim, keys), context);
    if (signer.kind === 'person' && named.includes(signer.name)) signed.add(signer.name);
  }
  const sorted = [...members].sort();
  return {
    group: policy.governance.from,
    signed: sorted.filter((name) => signed.has(name)),
    missing: sorted.filter((name) => !signed.has(name)),
  };
}

function introducerOf(statement: Statement, { project, branch, commit, policy }: Introduction): string[] {
  if (statement.type !== 'introduction') return [];
  const same =
    statement.project === project &&
    statement.branch === branch &&
    statement.commit === commit &&
    statement.policy === policy;
  return same ? [statement.introducer] : [];
}
