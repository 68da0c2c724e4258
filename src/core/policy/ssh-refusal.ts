import { parseBase64 } from '../signature/base64.ts';
import type { ProofReason } from '../signature/proof.ts';
import { Refusal } from '../signature/refusal.ts';
import { parseSshKeyBlob } from '../signature/ssh-key.ts';

/** Why the line of a `.pub` file, which `parseSshPublicKey` refused, can be no pin: a code for machines. */
export function refusalOfSsh(line: string): ProofReason | 'not-a-key' {
  const [type = '', base64 = ''] = line.trim().split(/[ \t]+/, 2);
  if (type === 'ssh-dss') return 'dsa-refused';
  const blob = base64.length > LONGEST ? null : parseBase64(base64);
  if (blob === null) return 'not-a-key';
  try {
    parseSshKeyBlob(blob);
  } catch (error) {
    if (error instanceof Refusal) return error.reason === 'signature-malformed' ? 'not-a-key' : error.reason;
    throw error;
  }
  return 'not-a-key';
}

const LONGEST = 12_288;
