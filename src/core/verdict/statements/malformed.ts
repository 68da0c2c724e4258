import type { MalformedText } from '../../facts/reading.ts';
import type { Case } from '../case.ts';
import { finding, type Finding } from '../finding.ts';
import { signerOf } from '../signer.ts';
import { outlasts } from './signature.ts';

/**
 * Signed texts that hold no statements. Whoever may comment can post such; but where somebody on the roster signed one that
 * names what is judged, it may hold a "no" among lines that this version does not know, and nobody can tell. In history
 * only positive evidence counts (trust.md C18).
 */
export function judgeMalformed(judged: Case): { readonly blocking: Finding[]; readonly notes: Finding[] } {
  const blocking: Finding[] = [];
  const notes: Finding[] = [];
  for (const text of judged.reading.malformed) {
    const { signed, line, problem } = text;
    const data = { from: signed.from, line, problem };
    const signer = judged.landed || !namesJudged(judged, text) ? null : personBehind(judged, text);
    if (signer === null) notes.push(finding('statement-malformed', data));
    else blocking.push(finding('statement-illegible', { ...data, signer }));
  }
  return { blocking, notes };
}

/** Whose key in a standing in which a "no" of it would count has signed the text; `null` for nobody's. */
function personBehind(judged: Case, { index }: MalformedText): string | null {
  const proof = judged.proofs.statements[index] ?? null;
  const signer = signerOf(proof, judged);
  if (signer.kind === 'person') return signer.name;
  if (signer.kind !== 'no-standing' || signer.owner !== 'person' || proof === null) return null;
  return outlasts(judged, proof, signer.problems) ? signer.name : null;
}

const ID = /[0-9a-f]{40,64}/gi;

/** Any head that the proposal has or had, or a commit of it, in whatever line. */
function namesJudged({ byId, heads, earlier }: Case, { signed }: MalformedText): boolean {
  const judged = new Set<string>([...byId.keys(), ...heads, ...earlier]);
  const text = Buffer.from(signed.text).toString('latin1');
  return (text.match(ID) ?? []).some((id) => judged.has(id.toLowerCase()));
}
