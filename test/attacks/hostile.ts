import { vi } from 'vitest';
import { parseOid, type Oid } from '../../src/core/object/id.ts';
import { parsePolicy } from '../../src/core/policy/parse.ts';
import { reasonOf } from '../properties/violation.ts';

export const MIB = 1 << 20;
export const SOME_ID = '0'.repeat(39) + '1';

/** Bytes that may be measured and not looked at: who refuses them has done no work on them. */
export function untouchable(length: number): Uint8Array {
  return new Proxy(new Uint8Array(), {
    get(_, property) {
      if (property === 'length' || property === 'byteLength') return length;
      throw new Error(`looked at ${String(property)} of ${length} bytes`);
    },
  });
}

/** How often parts are cut out of bytes while they are parsed. */
export function cutsOf(
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => unknown,
): { reason: string; cuts: number } {
  const subarray = vi.spyOn(Uint8Array.prototype, 'subarray');
  const cut = vi.spyOn(Buffer.prototype, 'subarray');
  try {
    const reason = reasonOf(() => parse(new Uint8Array(bytes)));
    return { reason, cuts: subarray.mock.calls.length + cut.mock.calls.length };
  } finally {
    vi.restoreAllMocks();
  }
}

export function oid(): Oid {
  const id = parseOid(SOME_ID);
  if (id === null) throw new Error('no id');
  return id;
}

/** Codes of what is wrong with a policy. */
export function codes(bytes: Uint8Array): string[] {
  const parsed = parsePolicy(bytes);
  return parsed.ok ? [] : parsed.diagnostics.map(({ code }) => code);
}
