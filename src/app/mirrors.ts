import type { Place } from '../github/subject.ts';
import { openMirror, type Mirror } from '../git/mirror.ts';
import type { Configuration } from './configuration.ts';

export interface Mirrors {
  /** Lends the mirror of a repository for as long as `use` runs. */
  borrow<T>(place: Place, use: (mirror: Mirror) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** Each open mirror holds git processes; those that nobody uses are closed beyond this number. */
const MOST_IDLE = 8;

/** What merges leave behind in the workspace of a mirror goes when that is closed, so that none stays open for ever. */
const LONGEST_OPEN_MS = 60 * 60_000;

interface Entry {
  readonly mirror: Promise<Mirror>;
  /** Milliseconds since the epoch. */
  readonly since: number;
  users: number;
}

/** The mirrors below the data directory, opened when first needed and kept open for the next event. */
export function openMirrors(
  { data, githubUrl }: Configuration,
  token: (installation: number) => Promise<string>,
): Mirrors {
  // In the order of last use.
  const open = new Map<string, Entry>();

  async function closeIdle(most: number): Promise<void> {
    const idle = [...open].filter(([, { users }]) => users === 0);
    const old = Date.now() - LONGEST_OPEN_MS;
    const closing = idle.filter(([, { since }], index) => index < idle.length - most || since < old);
    for (const [key, { mirror }] of closing) {
      open.delete(key);
      await (await mirror).dispose();
    }
  }

  return {
    async borrow({ installation, owner, repo }, use) {
      const key = `${installation} ${owner}/${repo}`.toLowerCase();
      const entry = open.get(key) ?? {
        users: 0,
        since: Date.now(),
        mirror: openMirror({
          directory: data,
          url: `${githubUrl}/${owner}/${repo}`,
          token: () => token(installation),
          allowHttp: githubUrl.startsWith('http:'),
        }),
      };
      open.delete(key);
      open.set(key, entry);
      entry.users += 1;
      try {
        const mirror = await entry.mirror.catch((error: unknown) => {
          open.delete(key);
          throw error;
        });
        return await use(mirror);
      } finally {
        entry.users -= 1;
        await closeIdle(MOST_IDLE);
      }
    },
    async dispose() {
      const all = [...open.values()];
      open.clear();
      for (const { mirror } of all) {
        const opened = await mirror.catch(() => null);
        await opened?.dispose();
      }
    },
  };
}
