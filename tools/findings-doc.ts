import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { findingsPage } from './findings/page.ts';

const PATH = join(resolve(import.meta.dirname, '..'), 'docs', 'findings.md');

/** docs/findings.md as it should be. */
export async function findingsDocument(): Promise<string> {
  return format(findingsPage(), { ...(await resolveConfig(PATH)), parser: 'markdown' });
}

/** `node tools/findings-doc.ts`: writes docs/findings.md anew. */
if (import.meta.main) await writeFile(PATH, await findingsDocument());
