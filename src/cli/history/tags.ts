import { keyringOf, openedFolder, policyIn, rosterOf } from '../../core/facts/opened.ts';
import type { Oid } from '../../core/object/id.ts';
import { MAX_TAG_BYTES, parseTag, type Tag } from '../../core/object/tag.ts';
import { verifySignature } from '../../core/signature/verify.ts';
import { reasonInWords } from '../../core/verdict/catalogue/words.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { signerOf } from '../../core/verdict/signer.ts';
import type { PolicyFolder } from '../../gather/ports.ts';
import type { OpenRepository } from '../../git/reader.ts';

const MOST_TAGS = 8;
const TAGS = 'refs/tags/';

/** The annotated tags from what a revision names down to its commit; none where it names a commit. */
export async function readTags({ objects }: OpenRepository, named: Oid): Promise<readonly Tag[]> {
  const tags: Tag[] = [];
  let id = named;
  while (tags.length < MOST_TAGS) {
    const [info] = await objects.readInfo([id]);
    if (info?.type !== 'tag') break;
    const [raw] = await objects.readObjects([id], 'tag', MAX_TAG_BYTES);
    const parsed = parseTag(id, raw ?? new Uint8Array());
    if (!parsed.ok) break;
    tags.push(parsed.tag);
    id = parsed.tag.object;
  }
  return tags;
}

/** A tag that bears another name inside than the ref that leads to it was made for something else. */
export function judgeName([tag]: readonly Tag[], ref: string | null): readonly Finding[] {
  if (tag === undefined || ref?.startsWith(TAGS) !== true) return [];
  const [asked, name] = [ref.slice(TAGS.length), new TextDecoder().decode(tag.name)];
  return asked === name ? [] : [finding('tag-name-differs', { tag: tag.id, asked, name })];
}

/**
 * Who signed a tag, by the policy at the commit that it leads to. A tag proves nothing about the commit, whose own history
 * does; but one whose signature is bad, or a stranger's, is not what its name promises. Dates are no evidence, so what
 * counts is that the key is pinned there.
 */
export async function judgeTag(tag: Tag, folder: PolicyFolder): Promise<Finding> {
  const name = new TextDecoder().decode(tag.name);
  const about = { tag: tag.id, name };
  if (tag.signature === null) return finding('tag-unsigned', about);
  const opened = openedFolder(folder);
  const parsed = policyIn(opened);
  if (parsed?.ok !== true) return finding('tag-signer-unknown', { ...about, fingerprint: '' });
  const { keyring, keys } = await keyringOf(opened.keys);
  const { armor } = tag.signature;
  const signed = { payload: tag.payload, armor, form: 'detached', namespace: 'git' } as const;
  const proof = await verifySignature(signed, keys);
  const { policy } = parsed;
  const roster = rosterOf(policy, keyring);
  const context = { policy, roster, keyring, at: 0, landed: true, revoked: new Set<string>() };
  const signer = signerOf(proof, context);
  switch (signer.kind) {
    case 'person':
      return finding('tag-signed', { ...about, person: signer.name });
    case 'stranger':
      return finding('tag-signer-unknown', { ...about, fingerprint: signer.key });
    case 'bad':
    case 'unsupported':
      return finding('tag-signature-refused', { ...about, reason: reasonInWords(signer.reason) });
    case 'no-standing':
      return finding('tag-signature-refused', { ...about, reason: `the key of ${signer.name} may not sign` });
    case 'not-touched':
      return finding('tag-signature-refused', { ...about, reason: `${signer.name} did not touch the key` });
    case 'unsigned':
      return finding('tag-unsigned', about);
    case 'bot':
    case 'web-flow':
      return finding('tag-signature-refused', { ...about, reason: 'it is no person who signed it' });
  }
}
