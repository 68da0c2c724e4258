import type { PinDocument } from '../core/policy/pin.ts';
import type { Pin } from '../core/policy/policy.ts';

/** A pin as files list it: what `parsePin` reads as the same. */
export function pinDocument(pin: Pin): PinDocument {
  if (pin.kind === 'openpgp') return { openpgp: pin.fingerprint };
  const ssh = `${pin.type} ${pin.blob}`;
  const usual = pin.type.startsWith('sk-') ? 'touch' : 'none';
  return pin.presence === usual ? { ssh } : { ssh, presence: pin.presence };
}

/** People and their pins in one spelling, for comparing: order is no difference. */
export function headsText(heads: ReadonlyMap<string, readonly Pin[]>): string {
  const people = [...heads].map(([name, pins]) => [
    name,
    ...pins.map((pin) => JSON.stringify(pinDocument(pin))).sort(),
  ]);
  return JSON.stringify(people.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)));
}
