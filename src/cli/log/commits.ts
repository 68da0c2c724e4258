import { parseCommit } from '../../core/object/commit.ts';
import type { Mergetag } from '../../core/object/commit.ts';
import { verifySignature } from '../../core/signature/verify.ts';
import type { VerificationKeys } from '../../core/signature/verification-keys.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { StoredCommit } from '../../git/commit-records.ts';
import type { VerifiedCommit, VerifiedMergetag } from './line.ts';

const NO_SIGNATURE = new Uint8Array();

/**
 * Hashes, parses and verifies one commit and the tags that it merged. Hostile bytes never throw; a list that went on by
 * other parents than the bytes name does (`object-forged`), since commits may be missing from it.
 *
 * @param cut whether the history ends somewhere for no other reason than that it was cut there
 */
export async function verifyCommit(
  { id, raw, listedParents }: StoredCommit,
  keys: VerificationKeys,
  cut: boolean,
): Promise<VerifiedCommit> {
  const parsed = parseCommit(id, raw);
  if (!parsed.ok) return { ok: false, id, problem: parsed.problem, detail: parsed.detail };
  const { subject, payload, signature, mergetags, moreMergetags, parents } = parsed.commit;
  if (parents.join(' ') !== listedParents && !(cut && listedParents === '')) {
    throw new Unreadable(
      'object-forged',
      `git listed other parents of \`${id}\` than it has: the store holds it twice, once damaged or forged (git fsck)`,
      { passing: false },
    );
  }
  const armor = signature?.armor ?? NO_SIGNATURE;
  const proof = verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys);
  return {
    ok: true,
    id,
    subject,
    proof: await proof,
    mergetags: await Promise.all(mergetags.map((tag) => verifyMergetag(tag, keys))),
    moreMergetags,
  };
}

async function verifyMergetag(mergetag: Mergetag, keys: VerificationKeys): Promise<VerifiedMergetag> {
  if (!mergetag.ok) return { ok: false, detail: mergetag.detail };
  const { name, type, payload, signature } = mergetag.tag;
  const armor = signature?.armor ?? NO_SIGNATURE;
  return {
    ok: true,
    name: new TextDecoder().decode(name.subarray(0, 200)),
    isParent: type === 'commit' && mergetag.parent !== null,
    proof: await verifySignature({ payload, armor, form: 'detached', namespace: 'git' }, keys),
  };
}
