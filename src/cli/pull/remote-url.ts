import { isAbsolute, resolve } from 'node:path';
import { Unreadable } from '../../gather/ports.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import { listRemotes } from '../../git/own.ts';

/** Where a remote is. git takes a relative path as from the top of the work tree, trust files know whole ones. */
export async function remoteUrl(directory: string, remote: string, top: string | null): Promise<string> {
  return wholeUrl(await findRemoteUrl(directory, remote), top ?? directory);
}

/** The same of a URL that git gave. */
export function wholeUrl(url: string, from: string): string {
  return url === '' || isAbsolute(url) || url.includes(':') ? url : resolve(from, url);
}

/** All remotes that have a place; a name or a configuration that git makes nothing of is none. */
export async function allRemotes(
  directory: string,
  top: string | null,
): Promise<readonly { readonly name: string; readonly url: string }[]> {
  const found: { name: string; url: string }[] = [];
  for (const name of await listRemotes(directory)) {
    try {
      found.push({ name, url: await remoteUrl(directory, name, top) });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return found;
}
