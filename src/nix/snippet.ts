import type { Oid } from '../core/object/id.ts';
import { nixComment, nixString } from './expression.ts';
import {
  EXPORT_IGNORE,
  NAR_HASH,
  SECURITY_KEYS,
  VERIFIED_FETCHES,
  isBefore,
  showVersion,
} from './nix-version.ts';
import type { NixVersion } from './nix-version.ts';

/** What is to be fetched, and who may have signed it. */
export interface Fetch {
  readonly form: 'fetchGit' | 'fetchTree';
  readonly url: string;
  /** The branch; `null` for the default branch. */
  readonly ref: string | null;
  readonly rev: Oid;
  readonly narHash: string;
  /** The keys of whoever may sign commits of the branch, as the policy pins them. */
  readonly keys: readonly SnippetKey[];
  /** The key that signed the revision, where it is one of these; `null`: nix could not verify its signature. */
  readonly signer: SnippetKey | null;
  /** Whether `.gitattributes` keep files from exports. */
  readonly exportIgnore: boolean;
  /** The nix that it is for; `null`: the newest. */
  readonly version: NixVersion | null;
  /** To stand above it, a line each. */
  readonly comments: readonly string[];
}

export interface SnippetKey {
  /** Key type as OpenSSH calls it. */
  readonly type: string;
  /** The whole public key, base64. */
  readonly blob: string;
  readonly person: string;
}

export interface Snippet {
  readonly expression: string;
  /** Whether nix is told to verify the commit's signature. */
  readonly verified: boolean;
  /** The first nix that can evaluate it as it is meant. */
  readonly since: NixVersion;
}

/**
 * What nix calls the types of keys (builtins.fetchGit, `publicKeys`). Its `ssh-ecdsa` is written for OpenSSH as it stands,
 * which no OpenSSH reads (libfetchers/git-utils.cc, `verifyCommit`), so plain ECDSA keys cannot be named.
 */
const KEY_TYPES: ReadonlyMap<string, { readonly name: string; readonly since: NixVersion }> = new Map([
  ['ssh-ed25519', { name: 'ssh-ed25519', since: VERIFIED_FETCHES }],
  ['ssh-rsa', { name: 'ssh-rsa', since: VERIFIED_FETCHES }],
  ['sk-ssh-ed25519@openssh.com', { name: 'ssh-ed25519-sk', since: SECURITY_KEYS }],
  ['sk-ecdsa-sha2-nistp256@openssh.com', { name: 'ssh-ecdsa-sk', since: SECURITY_KEYS }],
]);

/** From which nix on a type of key can be named in `publicKeys`; `null`: in none. */
export function keySince(type: string): NixVersion | null {
  return KEY_TYPES.get(type)?.since ?? null;
}

/**
 * The expression that fetches exactly one tree (nix manual, builtins.fetchGit and builtins.fetchTree). `verifyCommit` is in
 * it where the nix that it is for can verify this very commit with the keys that can be named; a comment says why not.
 */
export function encodeFetch(fetch: Fetch): Snippet {
  const { form, url, ref, rev, narHash, keys, signer, exportIgnore, version, comments } = fetch;
  const usable = (since: NixVersion | null): boolean =>
    since !== null && (version === null || !isBefore(version, since));
  const named = keys.filter(({ type }) => usable(keySince(type)));
  const signerSince = signer === null ? null : keySince(signer.type);
  const verified = signerSince !== null && usable(signerSince);
  const since = latest(
    NAR_HASH,
    verified ? signerSince : NAR_HASH,
    form === 'fetchGit' && exportIgnore ? EXPORT_IGNORE : NAR_HASH,
  );
  const left = keys.filter((key) => !named.includes(key)).map(({ person }) => person);
  const lines = [
    ...comments.map(nixComment),
    ...(verified ? [] : [nixComment(whyUnverified(fetch))]),
    ...(verified && left.length > 0
      ? [nixComment(`nix cannot be given keys of ${[...new Set(left)].join(', ')}`)]
      : []),
    nixComment(needs(fetch, verified, since)),
    `builtins.${form} {`,
    ...(form === 'fetchTree' ? ['  type = "git";'] : []),
    `  url = ${nixString(url)};`,
    ...(ref === null ? [] : [`  ref = ${nixString(ref)};`]),
    `  rev = ${nixString(rev)};`,
    `  narHash = ${nixString(narHash)};`,
    ...(form === 'fetchGit' && exportIgnore && usable(EXPORT_IGNORE) ? ['  exportIgnore = false;'] : []),
    ...(verified ? ['  verifyCommit = true;', ...publicKeys(named)] : []),
    '}',
  ];
  return { expression: `${lines.join('\n')}\n`, verified, since };
}

function publicKeys(keys: readonly SnippetKey[]): readonly string[] {
  const lines = keys.map(({ type, blob, person }) => {
    const name = KEY_TYPES.get(type)?.name ?? type;
    return `    { type = ${nixString(name)}; key = ${nixString(blob)}; } ${nixComment(person)}`;
  });
  return ['  publicKeys = [', ...lines, '  ];'];
}

function whyUnverified({ signer, version }: Fetch): string {
  if (version !== null && isBefore(version, VERIFIED_FETCHES)) {
    return `without verifyCommit, which nix ${showVersion(version)} does not know (${showVersion(VERIFIED_FETCHES)} does)`;
  }
  if (signer === null) return 'without verifyCommit: no key that nix could be given has signed this commit';
  const since = keySince(signer.type);
  if (since === null) return `without verifyCommit: nix cannot be given keys of type ${signer.type}`;
  return `without verifyCommit: ${signer.person} signed with a security key, which nix verifies from ${showVersion(since)} on`;
}

function needs({ form }: Fetch, verified: boolean, since: NixVersion): string {
  const features = [
    ...(form === 'fetchTree' ? ['fetch-tree'] : []),
    ...(verified ? ['verified-fetches'] : []),
  ];
  const experimental = features.length === 0 ? '' : `, experimental-features = ${features.join(' ')}`;
  return `nix ${showVersion(since)} or later${experimental}`;
}

function latest(...versions: readonly [NixVersion, ...NixVersion[]]): NixVersion {
  return versions.reduce((one, other) => (isBefore(one, other) ? other : one));
}
