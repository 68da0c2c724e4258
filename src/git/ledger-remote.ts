import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import { LEDGER_BRANCH } from '../core/statement/names.ts';
import { Unreadable } from '../gather/ports.ts';
import { ASKING } from './environment.ts';
import { isBranchName, lookUp } from './refs.ts';
import { failed, runGit } from './run.ts';
import type { GitOptions, GitResult } from './run.ts';

const BRANCH = `refs/heads/${LEDGER_BRANCH}`;
/** A person may have to unlock a key, for fetching and again for pushing. */
const CONNECTION_MS = 10 * 60_000;

/** Where a remote is, as the person's own git would go there. Throws `Unreadable('git-failed')` for no such remote. */
export async function findRemoteUrl(directory: string, remote: string): Promise<string> {
  const result = await own(directory, ['remote', 'get-url', '--', checkName(remote)], { env: ASKING });
  if (result.code !== 0) {
    throw new Unreadable('git-failed', `there is no remote \`${remote}\` in this repository`, {
      passing: false,
    });
  }
  return Buffer.from(result.stdout).toString('utf8').trimEnd();
}

/**
 * Brings the remote's ledger here, under the name that git itself gives it (`refs/remotes/<remote>/countersign/ledger`);
 * `null` where it has none. Nothing but that name changes: no tags, no FETCH_HEAD.
 */
export async function fetchLedger(directory: string, remote: string): Promise<Oid | null> {
  const here = `refs/remotes/${checkName(remote)}/${LEDGER_BRANCH}`;
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'];
  const what = ['--no-recurse-submodules', '--', remote, `+${BRANCH}:${here}`];
  for (let tried = 1; ; tried += 1) {
    const result = await own(directory, [...args, ...what]);
    if (result.code === 0) return lookUp(directory, here);
    // git's words with LC_ALL=C, since 2013 (builtin/fetch.c, remote.c).
    if (/couldn't find remote ref refs\/heads\/countersign\/ledger/i.test(result.stderr)) return null;
    // Another process in the same repository has just fetched it as well.
    if (tried >= 5 || !/cannot lock ref|unable to update local ref/.test(result.stderr)) {
      throw new Unreadable(
        'git-failed',
        `the ledger could not be fetched from \`${remote}\`: ${result.stderr}`,
      );
    }
  }
}

/** A commit of a ledger's tree. Signed where the person's git signs commits; nothing ever asks for that signature. */
export async function writeLedgerCommit(
  directory: string,
  tree: Oid,
  parent: Oid | null,
  files: number,
): Promise<Oid> {
  const asked = await own(directory, ['config', '--type=bool', '--get', 'commit.gpgSign'], { env: ASKING });
  const sign = Buffer.from(asked.stdout).toString('latin1').trimEnd() === 'true';
  const message = `ledger: ${files} ${files === 1 ? 'file' : 'files'}`;
  const parents = parent === null ? [] : ['-p', parent];
  const args = ['commit-tree', ...(sign ? ['-S'] : []), ...parents, '-m', message, tree];
  const result = await own(directory, args);
  const id = parseOid(Buffer.from(result.stdout).toString('latin1').trimEnd());
  if (result.code === 0 && id !== null) return id;
  throw failed(args, result);
}

export type Pushed =
  | { readonly ok: true }
  /** `race`: by git's words somebody else was writing. They differ from server to server. */
  | { readonly ok: false; readonly race: boolean; readonly said: string };

/**
 * Pushes a commit as the ledger's new tip, if that only adds to what is there. The person's pre-push hook is for their
 * code and is not run.
 */
export async function pushLedger(directory: string, remote: string, commit: Oid): Promise<Pushed> {
  const args = ['push', '--quiet', '--porcelain', '--no-verify', '--no-follow-tags'];
  const what = ['--recurse-submodules=no', '--', checkName(remote), `${commit}:${BRANCH}`];
  const result = await own(directory, [...args, ...what]);
  if (result.code === 0) return { ok: true };
  const said = `${Buffer.from(result.stdout).toString('utf8')} ${result.stderr}`;
  const race =
    /fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|incorrect old value|reference already exists/i;
  return { ok: false, race: race.test(said), said: result.stderr };
}

/**
 * Keeps a state of the ledger from being collected as garbage, for putting back what a rewrite drops, under a name of
 * ours that is no branch; and as what the remote has.
 */
export async function rememberRef(directory: string, remote: string, tip: Oid): Promise<void> {
  const names = [
    `refs/countersign/ledger/${checkName(remote)}`,
    `refs/remotes/${checkName(remote)}/${LEDGER_BRANCH}`,
  ];
  const args = ['update-ref', '--stdin'];
  const input = names.map((name) => `update ${name} ${tip}\n`).join('');
  const result = await own(directory, args, { input });
  // Of two processes that remember at one time, one is enough.
  if (result.code !== 0 && !/cannot lock ref/.test(result.stderr)) throw failed(args, result);
}

function checkName(remote: string): string {
  if (isBranchName(remote)) return remote;
  throw new Unreadable('git-failed', `\`${remote}\` cannot be the name of a remote`, { passing: false });
}

function own(
  directory: string,
  args: readonly string[],
  more: Pick<GitOptions, 'env' | 'input'> = {},
): Promise<GitResult> {
  return runGit(args, { gitDir: null, cwd: directory, own: true, timeoutMs: CONNECTION_MS, ...more });
}
