import { posix } from 'node:path';
import { showInvisible } from '../core/report/clean.ts';

/** A repository as people, git and flakes write it. */
export interface RepositoryUrl {
  /**
   * One spelling for all ways to reach it: `github.com/acme/nixpkgs`, `host:2222/path`, `file:///srv/nixpkgs`. Only for
   * comparing: two that are one here and not for a server are judged by one introduction, which one of them then fails.
   */
  readonly key: string;
  /** What git can fetch from: without a password, and without a user's name where that is a token's place. */
  readonly fetch: string;
  /** The branch or tag that a flake reference asks for. */
  readonly ref: string | null;
  /** Whether something secret was left out. */
  readonly concealed: boolean;
}

export type ParsedUrl =
  | { readonly ok: true; readonly url: RepositoryUrl }
  /** Why not; never with the text itself, in which a password may be. */
  | { readonly ok: false; readonly problem: string };

const LONGEST_URL = 2000;
const TOO_LONG = `it has more than ${LONGEST_URL} characters`;

/** Servers on which letter case makes no other repository. */
const CASELESS = new Set(['github.com', 'gitlab.com', 'codeberg.org', 'bitbucket.org']);

/** Flake references that name a server by a word (nix3-flake(1), "Types"). */
const FORGES: Readonly<Record<string, string>> = {
  github: 'github.com',
  gitlab: 'gitlab.com',
  sourcehut: 'git.sr.ht',
};

const PORTS: Readonly<Record<string, string>> = { https: '443', http: '80', ssh: '22', git: '9418' };

const UNKNOWN =
  'expected the URL of a repository, such as `https://github.com/acme/nixpkgs`, `git@github.com:acme/nixpkgs`, `github:acme/nixpkgs` or a whole path';

/**
 * Reads where a repository is: `https`, `http`, `ssh`, `git` and `file` URLs (with `git+` before them too), `host:path` as
 * ssh takes it (git-clone(1), "GIT URLS"), whole paths, and the flake references `github:`, `gitlab:`, `sourcehut:`.
 */
export function parseRepositoryUrl(text: string): ParsedUrl {
  if (text.length > LONGEST_URL) return { ok: false, problem: TOO_LONG };
  if (showInvisible(text) !== text) return { ok: false, problem: 'it has control or invisible characters' };
  if (/[\s\\<>"`{}|^]/.test(text) && !text.startsWith('/')) {
    return { ok: false, problem: 'it has blanks, backslashes or other characters that no such URL has' };
  }
  const read = readUrl(text);
  // Once more: what was percent-encoded is not any more.
  if (read !== null && [read.key, read.fetch, read.ref ?? ''].some((part) => showInvisible(part) !== part)) {
    return { ok: false, problem: 'it has control or invisible characters' };
  }
  if (read !== null && read.fetch.length > LONGEST_URL) return { ok: false, problem: TOO_LONG };
  return read === null ? { ok: false, problem: UNKNOWN } : { ok: true, url: read };
}

/** The spelling to compare by, and the branch that is asked for; `null` for what is no repository's URL. */
export function normalUrl(text: string): RepositoryUrl | null {
  const parsed = parseRepositoryUrl(text);
  return parsed.ok ? parsed.url : null;
}

function readUrl(text: string): RepositoryUrl | null {
  if (text.startsWith('/')) return localPath(text, null);
  const [, word = '', rest = ''] = /^(github|gitlab|sourcehut):(.*)$/.exec(text) ?? [];
  if (word !== '' && !rest.startsWith('//')) return forgeReference(word, rest);
  const [, scheme = ''] = /^(?:git\+)?(https|http|ssh|git|file):\/\//.exec(text) ?? [];
  return scheme === '' ? secureCopy(text) : schemeUrl(scheme, text.replace(/^git\+/, ''));
}

function schemeUrl(scheme: string, text: string): RepositoryUrl | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  // `https:///host` would be read as `https://host`.
  if (url === null || (scheme !== 'file' && text.startsWith(`${scheme}:///`))) return null;
  const ref = refOf(url.searchParams);
  if (ref === undefined) return null;
  if (scheme === 'file') {
    const path = url.hostname === '' || url.hostname === 'localhost' ? decode(url.pathname) : null;
    return path === null ? null : localPath(path, ref);
  }
  const host = url.hostname.toLowerCase();
  const port = url.port === PORTS[scheme] ? '' : url.port;
  const path = pathOf(url.pathname);
  if (path === null || !isHost(host)) return null;
  // For ssh a user's name says whose account is asked, mostly `git`; for the others it is where tokens are written.
  const user = scheme === 'ssh' && /^\w[\w.-]*$/.test(url.username) ? `${url.username}@` : '';
  const concealed = url.password !== '' || (url.username !== '' && user === '') || hasSecret(url);
  const place = `${host}${port === '' ? '' : `:${port}`}`;
  return {
    key: keyOf(place, path),
    fetch: `${scheme}://${user}${place}${url.pathname}`,
    ref,
    concealed,
  };
}

/** What flakes and browsers call by such words is no server. */
const OTHER_REFERENCE = /^(?:path|flake|tarball|file|https?|ftps?|rsync|data):/;

/** `[user@]host:path`: no slash before the first colon. */
function secureCopy(text: string): RepositoryUrl | null {
  const colon = text.indexOf(':');
  const slash = text.indexOf('/');
  // `ext::…` would be a command, `a://…` another protocol.
  if (colon < 1 || (slash !== -1 && slash < colon) || /^(?::|\/\/)/.test(text.slice(colon + 1))) return null;
  if (OTHER_REFERENCE.test(text)) return null;
  const before = text.slice(0, colon);
  const [user = '', host = ''] = before.includes('@') ? before.split('@', 2) : ['', before];
  if (before.split('@').length > 2 || (before.includes('@') && !/^\w[\w.-]*$/.test(user))) return null;
  const path = pathOf(text.slice(colon + 1));
  const folded = host.toLowerCase();
  if (path === null || !isHost(folded) || !/^[a-z0-9]/.test(path.replace(/^[~._]/, '').toLowerCase())) {
    return null;
  }
  return { key: keyOf(folded, path), fetch: text, ref: null, concealed: false };
}

/** `owner/name[/ref][?host=…&ref=…]`. */
function forgeReference(word: string, rest: string): RepositoryUrl | null {
  const mark = rest.indexOf('?');
  const [path, query] = mark === -1 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)];
  const [owner = '', name = '', ...more] = path.split('/');
  const parameters = new URLSearchParams(query);
  const host = (parameters.get('host') ?? FORGES[word] ?? '').toLowerCase();
  const whole = pathOf(`${decode(owner) ?? ''}/${name}`);
  const asked = refOf(parameters);
  if (whole === null || !/^[\w.~/-]+$/.test(whole) || name === '' || owner === '') return null;
  if (!isHost(host) || asked === undefined) return null;
  const ref = asked ?? (more.length === 0 ? null : more.join('/'));
  // A commit is no branch.
  const branch = ref === null || /^[0-9a-f]{40}$/.test(ref) ? null : decode(ref);
  return { key: keyOf(host, whole), fetch: `https://${host}/${whole}`, ref: branch, concealed: false };
}

function localPath(path: string, ref: string | null): RepositoryUrl | null {
  const normal = posix
    .normalize(path)
    .replace(/^\/+/, '/')
    .replace(/(?<=.)\/$/, '');
  if (!normal.startsWith('/') || normal === '/') return null;
  return { key: `file://${normal}`, fetch: normal, ref, concealed: false };
}

function keyOf(host: string, path: string): string {
  const bare = path.replace(/\.git$/, '');
  return `${host}/${CASELESS.has(host) ? bare.toLowerCase() : bare}`;
}

/** Without slashes at its ends; `null` for an empty one, or one that leaves where it is. */
function pathOf(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length === 0 || parts.some((part) => part === '.' || part === '..')) return null;
  return parts.join('/').replace(/^\.git$/, '') === '' ? null : parts.join('/');
}

/** A name or address that no program takes for an option. */
function isHost(host: string): boolean {
  return /^(?:[a-z0-9_][a-z0-9._-]{0,252}|\[[0-9a-f:.]{2,45}\])$/.test(host);
}

/** `undefined` where several are asked for. */
function refOf(parameters: URLSearchParams): string | null | undefined {
  const refs = parameters.getAll('ref');
  if (refs.length > 1) return undefined;
  return refs[0]?.replace(/^refs\/heads\//, '') ?? null;
}

const HARMLESS = new Set([
  'ref',
  'rev',
  'dir',
  'shallow',
  'submodules',
  'narHash',
  'lastModified',
  'allRefs',
]);

function hasSecret(url: URL): boolean {
  return [...url.searchParams.keys()].some((name) => !HARMLESS.has(name));
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * Text with what may be a password or token in a URL replaced by as many `*`, for showing: between `//` and the last `@` of
 * a word, and everything behind a `?`. Places in the text stay where they are.
 */
export function conceal(text: string): string {
  return text.replaceAll(/[^\s"']+/g, (word) => {
    const slashes = word.indexOf('://');
    if (slashes === -1) return word;
    const at = word.lastIndexOf('@');
    const from = slashes + 3;
    const hidden = at > from ? word.slice(0, from) + '*'.repeat(at - from) + word.slice(at) : word;
    const mark = hidden.indexOf('?');
    return mark === -1 ? hidden : hidden.slice(0, mark + 1) + '*'.repeat(hidden.length - mark - 1);
  });
}
