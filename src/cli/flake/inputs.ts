import { Unreadable } from '../../gather/ports.ts';
import { everyInput, inputsOf, type LockedInput } from '../../nix/flake-inputs.ts';
import type { FlakeLock } from '../../nix/flake-lock.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntry, type Trust } from '../../trust/find.ts';

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

export interface SortedInputs {
  /** The flake's own and what they bring, each node once, under the shortest of its names. */
  readonly trusted: readonly TrustedInput[];
  readonly unverified: readonly UnverifiedInput[];
  /** Those for which the trust file does not say which branch is meant. */
  readonly ambiguous: readonly UnverifiedInput[];
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
  const ambiguous: UnverifiedInput[] = [];
  for (const input of everyInput(lock)) {
    if (input.url === null) {
      unverified.push({ input, reason: notARepository(input) });
      continue;
    }
    try {
      const entry = findEntry(trust, input.url, input.ref ?? undefined);
      if (entry !== null) trusted.push({ input, entry });
      else unverified.push({ input, reason: notTrusted(input) });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      ambiguous.push({ input, reason: `${error.message}: \`flake.nix\` has to ask for one of them` });
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

function notTrusted({ ref }: LockedInput): string {
  return ref === null
    ? 'your trust file does not know it'
    : `your trust file does not know its branch ${ref}`;
}
