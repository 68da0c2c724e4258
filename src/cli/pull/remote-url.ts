import { isAbsolute, resolve } from 'node:path';
import { findRemoteUrl } from '../../git/ledger-remote.ts';

/** Where a remote is. git takes a relative path as from the top of the work tree, trust files know whole ones. */
export async function remoteUrl(directory: string, remote: string, top: string | null): Promise<string> {
  return wholeUrl(await findRemoteUrl(directory, remote), top ?? directory);
}

/** The same of a URL that git gave. */
export function wholeUrl(url: string, from: string): string {
  return url === '' || isAbsolute(url) || url.includes(':') ? url : resolve(from, url);
}
