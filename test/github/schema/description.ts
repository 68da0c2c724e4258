import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isObject, parseJson } from '../json.ts';
import type { JsonObject } from '../json.ts';

/**
 * GitHub's own descriptions of its REST API (OpenAPI 3.0.3) and of its webhooks (3.1), read when first needed: the
 * packages' index files would load every edition.
 */
export function readDescription(packageName: '@octokit/openapi' | '@octokit/openapi-webhooks'): JsonObject {
  const index = createRequire(import.meta.url).resolve(packageName);
  const value = parseJson(readFileSync(join(dirname(index), 'generated', 'api.github.com.json'), 'utf8'));
  if (!isObject(value)) throw new Error(`${packageName} holds no description`);
  return value;
}

/** What `#/a/b` points to, at any depth of references. */
export function dereference(document: JsonObject, value: JsonObject): JsonObject {
  let current = value;
  for (let hops = 0; hops < 10; hops++) {
    const reference = current['$ref'];
    if (typeof reference !== 'string') return current;
    let target: JsonObject = document;
    for (const step of reference.slice(2).split('/')) {
      const next = target[step];
      if (!isObject(next)) throw new Error(`description lacks \`${reference}\``);
      target = next;
    }
    current = target;
  }
  throw new Error('references of the description go in circles');
}
