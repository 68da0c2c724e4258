import type { PolicyFolder } from '../policy/folder.ts';
import { ownerOf } from '../policy/roster.ts';
import { verifySignature } from '../signature/verify.ts';
import type { SignedText } from '../statement/extract.ts';
import { parseStatements } from '../statement/statement.ts';
import { openBasePolicy } from './base-policy.ts';
import { ofRoster } from './needs.ts';

/** Of very many texts, those that a judgement could rest on. */
export interface Thinned {
  /** In the order given, each once, however often and in whatever wrapping it was posted. */
  readonly kept: readonly SignedText[];
  /** How many statements there are in them. */
  readonly statements: number;
}

/**
 * What people of the roster signed, whether it can be read or not: a text that nobody can read may be a "no". Others'
 * statements would only be explained.
 */
export async function thinCrowd(folder: PolicyFolder, texts: readonly SignedText[]): Promise<Thinned> {
  const known = await ofRoster(folder, texts);
  const keys = new Map(known.map(({ signed, by }) => [signed, by]));
  for (const [signed, by] of await illegible(folder, texts)) keys.set(signed, by);
  const kept = new Map<string, SignedText>();
  for (const signed of texts) {
    const by = keys.get(signed);
    if (by === undefined) continue;
    const key = `${by} ${Buffer.from(signed.text).toString('latin1')}`;
    if (!kept.has(key)) kept.set(key, signed);
  }
  const once = new Set(kept.values());
  const counts = known.map(({ signed, statements }) => (once.has(signed) ? statements.length : 0));
  return { kept: [...once], statements: counts.reduce((a, b) => a + b, 0) };
}

/** Texts that hold no statements, by somebody on the roster, with the key that signed. */
async function illegible(
  folder: PolicyFolder,
  texts: readonly SignedText[],
): Promise<[SignedText, string][]> {
  const base = await openBasePolicy(folder);
  if (base === null) return [];
  const found: [SignedText, string][] = [];
  for (const signed of texts) {
    if (parseStatements(signed.text).ok) continue;
    const { text: payload, armor, form } = signed;
    const { status, key } = await verifySignature(
      { payload, armor, form, namespace: 'countersign@v1' },
      base.keys,
    );
    if (status !== 'good' || key === null) continue;
    if (ownerOf(base.roster, key)?.kind === 'person') found.push([signed, key.fingerprint]);
  }
  return found;
}
