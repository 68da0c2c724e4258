import { readFileSync } from 'node:fs';

/** The version in this package's package.json; `unknown` where it says none. */
export function programVersion(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known = typeof file === 'object' && file !== null && 'version' in file ? file.version : null;
  return typeof known === 'string' ? known : 'unknown';
}
