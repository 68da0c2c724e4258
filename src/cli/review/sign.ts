import { openBasePolicy } from '../../core/facts/base-policy.ts';
import { openKeyring } from '../../core/identity/certificate.ts';
import { openFolder, type PolicyFolder } from '../../core/policy/folder.ts';
import { speaksFor } from '../../core/policy/roster.ts';
import { verifySignature } from '../../core/signature/verify.ts';
import {
  reasonInWords,
  signerProblemInWords,
  signerProblemRemedy,
} from '../../core/verdict/catalogue/words.ts';
import { signerOf } from '../../core/verdict/signer.ts';
import { signText } from '../../signing/configured.ts';
import type { Batch } from './draft.ts';
import type { Me } from './me.ts';
import { Refusal, signingRefusal } from './refusal.ts';

export interface SignedBatch extends Batch {
  readonly armor: string;
}

/** Text and armor one after the other: what a comment and a file hold. */
export function signedText({ text, armor }: Pick<SignedBatch, 'text' | 'armor'>): string {
  return armor.endsWith('\n') ? text + armor : `${text}${armor}\n`;
}

/**
 * Lets the person sign a batch with their own tool, and looks at the signature as the judging policy will: a key that is
 * not theirs, has run out or was not touched is found here, before anything is posted.
 *
 * @throws Refusal
 */
export async function signBatch(batch: Batch, me: Me, landed: boolean): Promise<SignedBatch> {
  const signed = await signText(me.setup, batch.text);
  if (!signed.ok) throw signingRefusal(signed.trouble);
  const folders = new Set(batch.drafts.map(({ folder }) => folder));
  for (const folder of folders) await checkCounts(folder, batch.text, signed.armor, me.name, landed);
  return { ...batch, armor: signed.armor };
}

async function checkCounts(
  folder: PolicyFolder,
  text: string,
  armor: string,
  name: string,
  landed: boolean,
): Promise<void> {
  const base = await openBasePolicy(folder);
  if (base === null) throw new Refusal('policy-invalid', 'the policy at the base cannot be read');
  const encode = (part: string): Uint8Array => new TextEncoder().encode(part);
  const proof = await verifySignature(
    { payload: encode(text), armor: encode(armor), form: 'detached', namespace: 'countersign@v1' },
    base.keys,
  );
  if (!speaksFor(base.roster, proof, name)) {
    throw new Refusal(
      'key-not-theirs',
      proof.reason === null || proof.reason === 'key-unknown'
        ? `your signature is good, but its key is not one of \`${name}\` in the policy`
        : `your signature does not count: ${reasonInWords(proof.reason)}`,
      `sign with a key that the policy has for \`${name}\` (\`countersign keys list\`), or add this one: \`countersign keys add ${name} FILE\``,
    );
  }
  const { keyring } = await openKeyring(openFolder(folder).keys);
  const at = Math.floor(Date.now() / 1000);
  const context = {
    policy: base.policy,
    roster: base.roster,
    keyring,
    at,
    landed,
    revoked: new Set<string>(),
    settled: new Set<string>(),
  };
  const signer = signerOf(proof, context);
  if (signer.kind === 'not-touched') {
    throw new Refusal(
      signer.demand === 'verified' ? 'not-verified' : 'not-touched',
      `the policy asks for ${signer.demand === 'verified' ? 'a PIN or fingerprint' : 'a touch'} with each signature of this key, and there was none`,
      'use a key that was made without `no-touch-required`',
    );
  }
  if (signer.kind !== 'no-standing') return;
  const [problem] = signer.problems;
  if (problem === undefined) return;
  throw new Refusal(
    problem,
    `your signature would not count: ${signerProblemInWords(problem)}`,
    signerProblemRemedy(problem).replaceAll('FINGERPRINT', signer.fingerprint),
  );
}
