/** A version of nix: 2.19.3 is major 2, minor 19. */
export interface NixVersion {
  readonly major: number;
  readonly minor: number;
}

/** Flakes, `fetchTree` and `narHash` in the fetchers (release notes of 2.4). */
export const NAR_HASH: NixVersion = { major: 2, minor: 4 };
/** `verifyCommit` and `publicKeys`, experimental feature `verified-fetches` (release notes of 2.19). */
export const VERIFIED_FETCHES: NixVersion = { major: 2, minor: 19 };
/** `exportIgnore`; nix reads trees itself instead of asking `git archive` for them (release notes of 2.20). */
export const EXPORT_IGNORE: NixVersion = { major: 2, minor: 20 };
/** Before, the type of a security key was written as no OpenSSH reads it (NixOS/nix#13836, #13885). */
export const SECURITY_KEYS: NixVersion = { major: 2, minor: 32 };

/** `2.19`, `2.19.3`, or with what follows it in `nix --version`; `null` for anything else. */
export function parseNixVersion(text: string): NixVersion | null {
  const [, major, minor] = /^([0-9]{1,3})\.([0-9]{1,3})(?:(?:\.|pre)[a-z0-9._-]{0,40})?$/.exec(text) ?? [];
  return major === undefined ? null : { major: Number(major), minor: Number(minor) };
}

export function isBefore(one: NixVersion, other: NixVersion): boolean {
  return one.major < other.major || (one.major === other.major && one.minor < other.minor);
}

export function showVersion({ major, minor }: NixVersion): string {
  return `${major}.${minor}`;
}
