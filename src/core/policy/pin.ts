import { parseSshPublicKey } from '../signature/ssh-key.ts';
import type { Pin, PresenceDemand } from './policy.ts';

export type PinDocument = { openpgp: string } | { ssh: string; presence?: PresenceDemand | undefined };

export type ParsedPin =
  | { readonly ok: true; readonly pin: Pin }
  | { readonly ok: false; readonly field: 'openpgp' | 'ssh' | 'presence'; readonly problem: string };

/**
 * Reads one key of a person or bot. A hardware key whose pin does not say what it must prove must be touched: that is how
 * such keys are made unless somebody asked otherwise, and a policy says so where it is not.
 */
export function parsePin(document: PinDocument): ParsedPin {
  if ('openpgp' in document) {
    return { ok: true, pin: { kind: 'openpgp', fingerprint: document.openpgp.toUpperCase() } };
  }
  const parsed = parseSshPublicKey(document.ssh);
  if (!parsed.ok) return { ok: false, field: 'ssh', problem: parsed.reason };
  const { key } = parsed;
  if (!key.sk && document.presence !== undefined && document.presence !== 'none') {
    return {
      ok: false,
      field: 'presence',
      problem: `a key of type \`${key.type}\` cannot prove a touch: only \`sk-\` keys can`,
    };
  }
  return {
    ok: true,
    pin: {
      kind: 'ssh',
      type: key.type,
      blob: key.blob,
      fingerprint: key.fingerprint,
      material: key.material,
      presence: document.presence ?? (key.sk ? 'touch' : 'none'),
    },
  };
}

/** Who a list of pins belongs to, with the path of that list in the document. */
export interface PinOwner {
  readonly kind: 'person' | 'bot';
  readonly name: string;
  readonly pins: readonly { readonly pin: Pin; readonly path: readonly PropertyKey[] }[];
}
