import { randomUUID } from 'node:crypto';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ObjectFormat } from '../core/object/id.ts';
import { makeFolders } from '../disk/make-folders.ts';
import { runGitOk } from './run.ts';

/** What a bare repository of ours takes from a server. */
export type Receives =
  /** All that its refs reach. */
  | 'everything'
  /** History and trees; contents as they are asked for (gitrepository-layout(5), partial clones). */
  | 'history';

/**
 * Legacy faults that fsck names and that mislead nobody here: tree modes and dates are parsed by us, more strictly, where
 * they matter, and dates prove nothing. Old histories have them below any introduction. All else is refused.
 */
const HARMLESS = ['zeroPaddedFilemode', 'missingSpaceBeforeDate', 'badTimezone'];

/**
 * A bare repository into which git fetches from a server that nobody trusts: every object is checked on its way in, and
 * nothing else is ever done there. Made aside and moved into place: whoever sees one sees a whole one.
 */
export async function makeReceiving(gitDir: string, format: ObjectFormat, receives: Receives): Promise<void> {
  if (await exists(gitDir)) return;
  const folder = dirname(gitDir);
  const aside = `${gitDir}.new-${randomUUID()}`;
  const args = ['init', '--quiet', '--bare', '--template=', '--initial-branch=unborn'];
  await makeFolders(folder, 0o700);
  try {
    await runGitOk([...args, `--object-format=${format}`, aside], { gitDir: null, cwd: folder });
    await writeFile(`${aside}/config`, configuration(format, receives));
    await rename(aside, gitDir);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!(await exists(gitDir))) throw error;
  }
}

function configuration(format: ObjectFormat, receives: Receives): string {
  const partial = receives === 'history';
  const extensions = [
    ...(partial ? ['\tpartialClone = origin\n'] : []),
    ...(format === 'sha256' ? ['\tobjectFormat = sha256\n'] : []),
  ];
  return `[core]
	repositoryFormatVersion = ${extensions.length > 0 ? 1 : 0}
	bare = true
	commitGraph = false
	attributesFile = /dev/null
	hooksPath = /dev/null
	logAllRefUpdates = false
${extensions.length > 0 ? `[extensions]\n${extensions.join('')}` : ''}${
    partial ? '[remote "origin"]\n\tpromisor = true\n\tpartialCloneFilter = blob:none\n' : ''
  }[fetch]
	fsckObjects = true
	writeCommitGraph = false
	recurseSubmodules = false
${partial ? '' : '\tunpackLimit = 1\n'}[fetch "fsck"]
${HARMLESS.map((fault) => `\t${fault} = ignore\n`).join('')}[transfer]
	fsckObjects = true
	bundleURI = false
[gc]
	auto = 0
[maintenance]
	auto = false
`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
