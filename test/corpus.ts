import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real signed commits and certificates, which lie outside of the repository. */
export const CORPUS = process.env['COUNTERSIGN_CORPUS'] ?? join(import.meta.dirname, '../../shared/corpus');
export const hasCorpus = existsSync(join(CORPUS, 'commits.ndjson'));
if (!hasCorpus) console.warn(`skipped: no corpus of real commits at \`${CORPUS}\` (set COUNTERSIGN_CORPUS)`);

/** Its certificates, by their path below `keys`. */
export function readCorpusKeys(): { readonly path: string; readonly bytes: Uint8Array }[] {
  return readdirSync(join(CORPUS, 'keys'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(gpg|asc)$/.test(path))
    .map((path) => ({ path, bytes: new Uint8Array(readFileSync(join(CORPUS, 'keys', path))) }));
}
