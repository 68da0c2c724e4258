import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { policyJsonSchema } from '../src/core/policy/schema.ts';

/** Where the package publishes it: what `policy.example.yaml` names. */
export const SCHEMA_PATH = join(resolve(import.meta.dirname, '..'), 'schema', 'policy.schema.json');

/** schema/policy.schema.json as it should be. */
export async function schemaDocument(): Promise<string> {
  const config = await resolveConfig(SCHEMA_PATH);
  return format(JSON.stringify(policyJsonSchema()), { ...config, parser: 'json' });
}

/** `node tools/policy-schema.ts`: writes it anew. */
if (import.meta.main) {
  await mkdir(dirname(SCHEMA_PATH), { recursive: true });
  await writeFile(SCHEMA_PATH, await schemaDocument());
}
