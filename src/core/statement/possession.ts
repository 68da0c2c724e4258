import { key, person, project } from './fields.ts';
import { form, parseForms } from './form.ts';

/** What the owner of a key signs with it before it becomes theirs in a policy: the fields of `possession/v1`. */
export interface Possession {
  readonly project: string;
  /** A person's or bot's name in the policy. */
  readonly person: string;
  /** `openpgp:` and the primary key's whole fingerprint in upper case, or `ssh:SHA256:` and unpadded base64. */
  readonly key: string;
}

export type ParsedPossession =
  | { readonly ok: true; readonly possession: Possession }
  | { readonly ok: false; readonly line: number; readonly problem: string };

const POSSESSION = form<Possession>('possession/v1', { project, person, key });

/** The one text that says whose a key is: what is signed, byte for byte. Throws `RangeError` for what has no encoding. */
export function encodePossession(possession: Possession): string {
  return POSSESSION.encode(possession);
}

/** Reads it from exactly the signed bytes. As with every statement there is one encoding, and nothing else parses. */
export function parsePossession(bytes: Uint8Array): ParsedPossession {
  const parsed = parseForms([POSSESSION], bytes);
  return parsed.ok ? { ok: true, possession: parsed.value } : parsed;
}
