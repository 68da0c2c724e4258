import { z } from 'zod';
import { parseOid, type Oid } from '../object/id.ts';
import type { Facts } from './facts.ts';

/** The facts' one JSON form: bytes in base64, maps as objects, keys in order. The audit trail and case files hold it. */
export function encodeFacts(facts: Facts): string {
  return JSON.stringify({ facts: VERSION, ...facts }, plain);
}

/** Looks at the holder's own value: a Buffer among the bytes has turned itself into an object by then. */
function plain(this: Record<string, unknown>, key: string, encoded: unknown): unknown {
  const value = this[key];
  if (value instanceof Uint8Array) return base64(value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return encoded;
  const pairs: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  const named = pairs.map(([name, inner]) => [String(name), inner] as const);
  return Object.fromEntries(named.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Reads what `encodeFacts` wrote. Throws `FactsError` for anything else: half-read facts would be other facts. */
export function parseFacts(text: string): Facts {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new FactsError('not JSON');
  }
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FactsError(`\`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'not facts'}`);
}

export class FactsError extends Error {
  override name = 'FactsError';
}

const VERSION = 'v3';

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

const oid = z.string().transform((text, context): Oid => {
  const id = parseOid(text);
  if (id !== null) return id;
  context.addIssue({ code: 'custom', message: 'not an object id' });
  return z.NEVER;
});
const bytes = z.base64().transform((text): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64')));
const raw = z.strictObject({ id: oid, raw: bytes });
const side = z.strictObject({ mode: z.enum(['100644', '100755', '120000', '160000']), id: oid }).nullable();
const diff = z.strictObject({
  files: z.array(z.strictObject({ path: bytes, before: side, after: side })),
  twins: z.array(z.strictObject({ path: bytes, twin: bytes })),
});
const remerge = z
  .discriminatedUnion('clean', [
    z.strictObject({ clean: z.literal(true), tree: oid }),
    z.strictObject({ clean: z.literal(false), conflicts: z.array(bytes) }),
  ])
  .nullable();
const folder = z.strictObject({
  entries: z.array(z.strictObject({ path: bytes, mode: z.string(), id: oid, bytes: bytes.nullable() })),
});
const byOid = <T extends z.ZodType>(value: T) =>
  z.record(z.string(), value).transform((record, context) => {
    const map = new Map<Oid, z.output<T>>();
    for (const [key, inner] of Object.entries(record)) {
      const id = parseOid(key);
      if (id === null) context.addIssue({ code: 'custom', message: 'not an object id' });
      else map.set(id, inner);
    }
    return map;
  });

const body = z.strictObject({
  evaluatedAt: z.int(),
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('change'), branch: z.string(), tip: oid, head: oid }),
    z.strictObject({ kind: z.literal('step'), branch: z.string(), parent: oid, commit: oid }),
  ]),
  repository: z.string().nullable(),
  policy: folder,
  proposedPolicy: folder.nullable(),
  tip: raw,
  commits: z.array(raw),
  mergeBases: z.array(oid).nullable(),
  change: diff,
  landing: diff.nullable(),
  remerge,
  contents: byOid(z.string().regex(/^[0-9a-f]{64}$/)),
  statements: z.array(
    z.strictObject({ from: z.string(), text: bytes, armor: bytes, form: z.enum(['detached', 'cleartext']) }),
  ),
  broken: z.array(
    z.strictObject({
      from: z.string(),
      line: z.int(),
      problem: z.enum(['signature-missing', 'armor-cut', 'text-missing', 'too-large', 'too-many']),
    }),
  ),
  earlier: z.array(oid),
  spans: z.array(
    z.strictObject({
      base: oid,
      head: oid,
      baseLanded: z.boolean(),
      headLanded: z.boolean(),
      mergeBases: z.array(oid).nullable(),
      change: diff,
      repeatedBy: oid.nullable(),
      commits: z.array(raw),
      recreated: remerge,
      beganBelow: z.boolean(),
    }),
  ),
});

/** The version is the envelope's and no part of the facts. */
const schema = z
  .looseObject({ facts: z.literal(VERSION) })
  .transform((envelope) => Object.fromEntries(Object.entries(envelope).filter(([key]) => key !== 'facts')))
  .pipe(body);
