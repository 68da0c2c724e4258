import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** `closed` refuses properties that a schema does not list: right for requests, too strict for answers. */
export type Mode = 'open' | 'closed';

const annotations = new Set([
  'example',
  'examples',
  'discriminator',
  'xml',
  'externalDocs',
  'description',
  'title',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
const combinators = ['allOf', 'anyOf', 'oneOf'] as const;
const schemaMaps = new Set(['properties', 'patternProperties', 'definitions', '$defs']);

/**
 * Turns an OpenAPI 3.0 schema object (section 4.7.24) into JSON Schema 2020-12: `nullable` becomes a type,
 * documentation keywords go, and every `#/components/schemas/x` becomes what `rename` makes of `x`.
 */
export function convertSchema(
  schema: Json,
  mode: Mode,
  rename: (component: string) => string,
  inside = false,
): Json {
  if (!isObject(schema)) return schema;
  const reference = schema['$ref'];
  // OpenAPI 3.0: keywords beside `$ref` are ignored.
  if (typeof reference === 'string') return { $ref: rename(reference.slice(reference.lastIndexOf('/') + 1)) };

  const out: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    // Addresses in commits are whatever git holds, and GitHub passes them on.
    if (key === 'format' && value === 'email') continue;
    if (annotations.has(key) || key === 'nullable' || key.startsWith('x-')) continue;
    if (schemaMaps.has(key) && isObject(value)) {
      out[key] = Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, convertSchema(part, mode, rename)]),
      );
    } else if (key === 'items' || key === 'additionalProperties' || key === 'not') {
      out[key] = convertSchema(value, mode, rename);
    } else if ((combinators as readonly string[]).includes(key) && Array.isArray(value)) {
      const name = key === 'allOf' && isEitherAccount(value) ? 'anyOf' : key;
      out[name] = value.map((part) => convertSchema(part, mode, rename, true));
    } else {
      out[key] = value;
    }
  }
  if (mode === 'closed' && !inside && 'properties' in out && !('additionalProperties' in out)) {
    out['unevaluatedProperties'] = false;
  }
  return schema['nullable'] === true ? allowNull(out) : out;
}

/** `GET /app/installations` says that an account is a user and an enterprise at once: one of them is meant. */
function isEitherAccount(parts: Json[]): boolean {
  const titles = parts.map((part) => (isObject(part) ? part['title'] : undefined));
  return titles.includes('Simple User') && titles.includes('Enterprise');
}

function allowNull(schema: JsonObject): JsonObject {
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const out: JsonObject = { ...schema, type: [schema['type'], 'null'] };
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(null))
    out['enum'] = [...schema['enum'], null];
  return out;
}
