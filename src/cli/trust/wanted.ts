import { parseIntroduction } from '../../core/history/introduction.ts';
import { parseOid, type Oid } from '../../core/object/id.ts';
import { isBranchName } from '../../core/statement/names.ts';
import type { RepositoryUrl } from '../../trust/url.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { findBranchAt } from './branch-there.ts';
import { readUrl } from './place.ts';

/** What somebody wants to trust. */
export interface Wanted {
  readonly url: RepositoryUrl;
  readonly project: string | null;
  readonly branch: string;
  readonly introduction: Oid;
  /** 64 hex digits. */
  readonly policy: string | null;
  /** Who says which branch it is: the user, or the policy at the introduction. */
  readonly branchFrom: 'given' | 'policy';
}

export interface WantedOptions {
  readonly introduction?: string;
  readonly branch?: readonly string[];
  /** A clone in which the introduction can be read. */
  readonly repository?: string;
}

const SCHEME = 'countersign:';

/**
 * Reads the arguments of `trust add`: a URL, introduction strings, or both. Throws `UsageError`, and `Unreadable` where
 * `repository` cannot be read.
 */
export async function readWanted(
  given: readonly string[],
  options: WantedOptions,
  io: Io,
): Promise<readonly Wanted[]> {
  const whole = [...given, ...(options.introduction === undefined ? [] : [options.introduction])];
  const strings = whole.filter(isString);
  const [place, ...others] = given.filter((one) => !isString(one));
  if (others.length > 0) throw new UsageError('one repository at a time: give one URL');
  const url = place === undefined ? null : readUrl(place, io);
  const wanted =
    strings.length > 0 ? fromStrings(strings, url, options, io) : await fromOptions(url, options, io);
  const branches = wanted.map((one) => JSON.stringify([one.url.key, one.branch]));
  if (new Set(branches).size < branches.length) {
    throw new UsageError('one branch is named twice: each has one introduction');
  }
  return wanted;
}

function isString(given: string): boolean {
  return given.startsWith(SCHEME);
}

function fromStrings(
  strings: readonly string[],
  url: RepositoryUrl | null,
  { introduction, branch }: WantedOptions,
  io: Io,
): Wanted[] {
  const twice = introduction !== undefined && (!isString(introduction) || strings.length > 1);
  if (twice || branch !== undefined) {
    throw new UsageError(
      'an introduction string names commit and branch: leave out --branch, and any other --introduction',
    );
  }
  return strings.map((text) => {
    const parsed = parseIntroduction(text);
    if (parsed === null) {
      throw new UsageError(
        'this is no introduction: it has the form `countersign:github.com/acme/nixpkgs#BRANCH@COMMIT,sha256:DIGEST`, and is copied whole',
      );
    }
    const { project, commit, policy } = parsed;
    if (url !== null && url.ref !== null && url.ref !== parsed.branch) {
      throw new UsageError(`the URL names branch \`${url.ref}\`, the introduction \`${parsed.branch}\``);
    }
    const place = url ?? readUrl(`https://${project}`, io);
    return { url: place, project, branch: parsed.branch, introduction: commit, policy, branchFrom: 'given' };
  });
}

async function fromOptions(
  url: RepositoryUrl | null,
  { introduction, branch = [], repository }: WantedOptions,
  io: Io,
): Promise<Wanted[]> {
  if (url === null || introduction === undefined) {
    throw new UsageError(
      'say from which commit on: --introduction COMMIT, or the string that the project publishes',
    );
  }
  const commit = parseOid(introduction);
  if (commit === null) {
    throw new UsageError(`\`${introduction}\` is no whole commit id: 40 or 64 hex digits in lower case`);
  }
  const named = branch.length > 0 ? branch : url.ref === null ? [] : [url.ref];
  const branchFrom = named.length > 0 ? 'given' : 'policy';
  const names = named.length > 0 ? named : [await findBranchAt(commit, repository, io)];
  return names.map((name) => {
    if (!isBranchName(name)) throw new UsageError(`\`${name}\` cannot be the name of a branch`);
    return { url, project: null, branch: name, introduction: commit, policy: null, branchFrom };
  });
}
