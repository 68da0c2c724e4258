import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatementSource } from '../../core/statement/extract.ts';
import { readSmall } from '../small-file.ts';
import { stateFolder } from '../state-folder.ts';
import { readPolicy } from '../statement-review.ts';
import type { Subject } from './subject.ts';
import type { Workplace } from './workplace.ts';

/** The newest so many are read again. */
const MOST_FILES = 500;
const SIGNED_FILE = /^[0-9a-f]{64}\.txt$/;

/** The same for the project of the policy at a branch's tip; nothing where there is none. */
export async function readKeptAt(
  { opened, io }: Workplace,
  { tip }: Pick<Subject, 'tip'>,
): Promise<readonly StatementSource[]> {
  const policy = await readPolicy(opened.repository, tip).catch(() => null);
  return policy === null ? [] : readKept(io.environment, policy.project);
}

/**
 * What this person signed on this machine for a project, for serials to go on from and for what changed since. It is a
 * memory, not evidence: each text is verified like any other. Without a home there is none.
 */
export async function readKept(
  environment: NodeJS.ProcessEnv,
  project: string,
): Promise<readonly StatementSource[]> {
  const folder = folderOf(environment, project);
  if (folder === null) return [];
  const names = (await readdir(folder).catch(() => [])).filter((name) => SIGNED_FILE.test(name));
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      at: await stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  const newest = dated.toSorted((a, b) => b.at - a.at).slice(0, MOST_FILES);
  const sources: StatementSource[] = [];
  for (const { name } of newest) {
    const bytes = await readSmall(join(folder, name));
    if (typeof bytes === 'string') continue;
    sources.push({ from: 'what you signed here', text: new TextDecoder().decode(bytes) });
  }
  return sources;
}

/** Remembers a signed text before it is posted, so that what could not be posted is not lost. The path, or `null`. */
export async function keepSigned(
  environment: NodeJS.ProcessEnv,
  project: string,
  signed: string,
): Promise<string | null> {
  const folder = folderOf(environment, project);
  if (folder === null) return null;
  const path = join(folder, `${createHash('sha256').update(signed).digest('hex')}.txt`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, signed, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return path;
  } catch {
    // A full disk is no reason not to post what is signed already.
    return null;
  }
}

function folderOf(environment: NodeJS.ProcessEnv, project: string): string | null {
  const state = stateFolder(environment);
  // A project's name has no `_` at its slashes that another could have: the digest tells them apart.
  const name = createHash('sha256').update(project).digest('hex').slice(0, 32);
  return state === null ? null : join(state, 'signed', name);
}
