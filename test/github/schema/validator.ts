import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { convertSchema } from './convert.ts';
import type { Mode } from './convert.ts';

/** Compiles only what is asked for: GitHub's description has thousands of schemas. */
export interface Validator {
  /** Problems of `value` under `schema`, one text each; empty when valid. `key` names the schema for the cache. */
  problems(key: string, schema: Json, value: Json, mode: Mode): string[];
}

/** `coerce` reads texts as numbers and booleans: for what comes out of a URL. It changes `value` in place. */
export function createValidator(components: JsonObject, coerce = false): Validator {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    coerceTypes: coerce ? 'array' : false,
    // Silences GitHub's own formats, such as `repo.nwo`.
    logger: false,
  });
  addFormats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();

  const added = new Set<string>();
  const pending: { id: string; source: Json; mode: Mode }[] = [];

  function rename(component: string, mode: Mode): string {
    const id = `${mode}:/${component}`;
    if (!added.has(id)) {
      added.add(id);
      pending.push({ id, source: components[component] ?? false, mode });
    }
    return id;
  }

  function convert(schema: Json, mode: Mode): JsonObject {
    const converted = convertSchema(schema, mode, (component) => rename(component, mode));
    return isObject(converted) ? converted : { not: {} };
  }

  function addPending(): void {
    for (let next = pending.pop(); next; next = pending.pop())
      ajv.addSchema(convert(next.source, next.mode), next.id);
  }

  return {
    problems(key, schema, value, mode) {
      let check = compiled.get(key);
      if (!check) {
        const converted = convert(schema, mode);
        addPending();
        check = ajv.compile(converted);
        compiled.set(key, check);
      }
      if (check(value)) return [];
      return (check.errors ?? []).slice(0, 8).map(explain);
    },
  };
}

function explain(error: ErrorObject): string {
  const where = error.instancePath === '' ? 'the value' : error.instancePath;
  const detail = JSON.stringify(error.params);
  return `${where} ${error.message ?? error.keyword} ${detail}`;
}
