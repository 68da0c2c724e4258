import type { Oid } from '../../core/object/id.ts';
import type { OpenRepository } from '../../git/reader.ts';

/** A branch's tip, as the remote last showed it, else as it is here; `null` where there is none. */
export async function findTip({ refs }: OpenRepository, remote: string, branch: string): Promise<Oid | null> {
  for (const ref of [`remotes/${remote}/${branch}`, `heads/${branch}`]) {
    const found = (await refs.findAll(ref)).find((one) => one.ref === `refs/${ref}`);
    if (found !== undefined) return found.id;
  }
  return null;
}
