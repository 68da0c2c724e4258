import { list } from '../../core/verdict/catalogue/entry.ts';
import { finding, type Finding } from '../../core/verdict/finding.ts';
import { everyInput, inputsOf, type LockedInput } from '../../nix/flake-inputs.ts';
import type { FlakeLock } from '../../nix/flake-lock.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, type Trust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';

/** An input that somebody may be asked about. */
export interface TrustedInput {
  readonly input: LockedInput;
  readonly entry: TrustEntry;
}

/** An input about which nothing can be proven. */
export interface UnverifiedInput {
  readonly input: LockedInput;
  /** A sentence in lower case: why not. */
  readonly reason: string;
}

/** An input for which the trust file does not say which branch is meant. */
export interface AmbiguousInput {
  readonly input: LockedInput;
  readonly found: Finding;
}

export interface SortedInputs {
  /** The flake's own and what they bring, each node once, under the shortest of its names. */
  readonly trusted: readonly TrustedInput[];
  readonly unverified: readonly UnverifiedInput[];
  readonly ambiguous: readonly AmbiguousInput[];
  /** The flake's own inputs that follow another one, by name: what they follow, joined by `/`. */
  readonly following: ReadonlyMap<string, string>;
}

/** Sorts all that nix may fetch for a flake by what is trusted. Throws `Unreadable` for a lock file that leads nowhere. */
export function sortInputs(lock: FlakeLock, trust: Trust): SortedInputs {
  const following = inputsOf(lock).flatMap(({ name, follows }) =>
    follows === null ? [] : [[name, follows.join('/')] as const],
  );
  const trusted: TrustedInput[] = [];
  const unverified: UnverifiedInput[] = [];
  const ambiguous: AmbiguousInput[] = [];
  for (const input of everyInput(lock)) {
    if (input.url === null) {
      unverified.push({ input, reason: notARepository(input) });
      continue;
    }
    const known = findEntries(trust, input.url);
    const [entry, ...others] = known.filter(({ branch }) => input.ref === null || branch === input.ref);
    if (entry === undefined) unverified.push({ input, reason: notTrusted(input, known) });
    else if (others.length === 0) trusted.push({ input, entry });
    else {
      const branches = known.map(({ branch }) => branch);
      const found = finding('flake-input-ambiguous', { url: conceal(input.url), branches });
      ambiguous.push({ input, found });
    }
  }
  return { trusted, unverified, ambiguous, following: new Map(following) };
}

/** Whether it is an input of the flake itself. */
export function isOwn({ path }: LockedInput): boolean {
  return path.length === 1;
}

function notARepository({ type }: LockedInput): string {
  if (type === 'path') return 'it is a folder of this machine';
  if (type === 'tarball' || type === 'file')
    return 'it is a file behind a URL, which has no history to prove';
  return 'it is not locked to a plain place of a git repository';
}

/** Where the repository itself is known, both branches are named: the one asked for and those that are trusted. */
function notTrusted({ ref }: LockedInput, known: readonly TrustEntry[]): string {
  if (known.length === 0 || ref === null) return 'your trust file does not know its repository';
  const names = list(known.map(({ branch }) => `\`${branch}\``));
  return `your trust file knows ${names} of its repository, not \`${ref}\`, which is asked for: ask for what is trusted, or trust that branch too`;
}
