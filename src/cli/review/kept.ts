import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatementSource } from '../../core/statement/extract.ts';
import { makeFolders } from '../../disk/make-folders.ts';
import { fileProblem } from '../file-problem.ts';
import { EXIT } from '../io.ts';
import { readSmall } from '../small-file.ts';
import { stateFolder } from '../state-folder.ts';
import { readPolicy } from '../at-commit.ts';
import { Refusal } from './refusal.ts';
import type { Subject } from './subject.ts';
import type { Workplace } from './workplace.ts';

/** The newest so many are read again. */
const MOST_FILES = 500;
const SIGNED_FILE = /^[0-9a-f]{64}\.txt$/;

/** A text that was signed on this machine. */
export interface Kept extends StatementSource {
  readonly path: string;
  /** Whether it was posted, or written into a ledger, from here. */
  readonly delivered: boolean;
}

/** The same for the project of the policy at a branch's tip; nothing where there is none. */
export async function readKeptAt(
  { opened, io }: Workplace,
  { tip }: Pick<Subject, 'tip'>,
): Promise<readonly Kept[]> {
  const policy = await readPolicy(opened.repository, tip).catch(() => null);
  return policy === null ? [] : readKept(io.environment, policy.project);
}

/**
 * What this person signed on this machine for a project, for serials to go on from and for what changed since. It is a
 * memory, not evidence: each text is verified like any other. Without a home there is none.
 */
export async function readKept(environment: NodeJS.ProcessEnv, project: string): Promise<readonly Kept[]> {
  const folder = folderOf(environment, project);
  if (folder === null) return [];
  const all = new Set(await readdir(folder).catch(() => []));
  const names = [...all].filter((name) => SIGNED_FILE.test(name));
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
  const sources: Kept[] = [];
  for (const { name } of newest) {
    const path = join(folder, name);
    const bytes = await readSmall(path);
    if (typeof bytes === 'string') continue;
    const text = new TextDecoder().decode(bytes);
    sources.push({ from: 'what you signed here', text, path, delivered: all.has(markOf(name)) });
  }
  return sources;
}

/**
 * Makes sure, before anybody signs, that a signature can be remembered. One that cannot be would be signed again with the
 * same serial.
 *
 * @throws Refusal
 */
export async function refuseUnrecordable(environment: NodeJS.ProcessEnv, project: string): Promise<void> {
  const folder = folderOf(environment, project);
  if (folder === null) throw notRecorded('anywhere', 'neither HOME nor XDG_STATE_HOME names a folder');
  const path = join(folder, `${randomUUID()}.new`);
  try {
    await makeFolders(folder, 0o700);
    await writeFile(path, 'room for a signature\n', { mode: 0o600 });
    await rm(path);
  } catch (error) {
    throw notRecorded(`in \`${folder}\``, fileProblem(error));
  }
}

/** Remembers a signed text before it is posted, so that what could not be posted is not lost. Throws `Refusal`. */
export async function keepSigned(
  environment: NodeJS.ProcessEnv,
  project: string,
  signed: string,
): Promise<string> {
  const folder = folderOf(environment, project);
  if (folder === null) throw notRecorded('anywhere', 'neither HOME nor XDG_STATE_HOME names a folder');
  const path = join(folder, `${createHash('sha256').update(signed).digest('hex')}.txt`);
  try {
    await makeFolders(folder, 0o700);
    await writeFile(`${path}.new`, signed, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return path;
  } catch (error) {
    throw notRecorded(`in \`${folder}\``, fileProblem(error));
  }
}

/** Remembers that a kept text is not only here. A disk that takes no more loses no more than that. */
export async function markDelivered(path: string): Promise<void> {
  await writeFile(markOf(path), '', { mode: 0o600 }).catch(() => undefined);
}

/** Beside the text, under a name that no text has. */
function markOf(path: string): string {
  return path.replace(/\.txt$/, '.delivered');
}

function notRecorded(where: string, why: string): Refusal {
  return new Refusal(
    'signature-not-recorded',
    `could not record this signature ${where} (${why}): your next one would get the same serial`,
    'make room, or make that folder writable; `XDG_STATE_HOME` names another place',
    EXIT.undetermined,
  );
}

function folderOf(environment: NodeJS.ProcessEnv, project: string): string | null {
  const state = stateFolder(environment);
  // A project's name has no `_` at its slashes that another could have: the digest tells them apart.
  const name = createHash('sha256').update(project).digest('hex').slice(0, 32);
  return state === null ? null : join(state, 'signed', name);
}
