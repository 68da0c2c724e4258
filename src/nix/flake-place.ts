import type { Attributes } from './flake-lock.ts';

export interface FlakePlace {
  /** The URL of a git repository; `null` for anything else, and for what could be read in more than one way. */
  readonly url: string | null;
  /** For people, in the manner of a flake reference. */
  readonly shown: string;
}

const WORD = /^[A-Za-z0-9_.~-]{1,100}$/;
const HOST = /^[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,20}(?::[0-9]{1,5})?$/;
const GIT_URL = /^(?:https?|ssh|git|file):\/\/[^\s?#\\]{0,2000}$/;
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['sourcehut', 'git.sr.ht'],
]);

/**
 * Where the attributes of an input lead (nix manual, "nix flake", section "Types"). For forges the URL is put together as
 * nix does; a name that is no plain word (a slash, a dot alone) could make another repository of it and gives none.
 */
export function placeOf(attributes: Attributes): FlakePlace {
  const type = text(attributes, 'type');
  const host = HOSTS.get(type);
  if (host !== undefined) return forgePlace(type, text(attributes, 'host') || host, attributes);
  if (type === 'git') {
    const url = text(attributes, 'url');
    return { url: gitUrl(url), shown: `git+${url}` };
  }
  if (type === 'indirect') return { url: null, shown: `flake:${text(attributes, 'id')}` };
  return { url: null, shown: `${type}:${text(attributes, type === 'path' ? 'path' : 'url')}` };
}

function forgePlace(type: string, host: string, attributes: Attributes): FlakePlace {
  const owner = text(attributes, 'owner');
  const repo = text(attributes, 'repo');
  const shown = `${type}:${owner}/${repo}${attributes.has('host') ? `?host=${host}` : ''}`;
  // GitLab's groups lie inside each other; nix wants their slashes written as %2F.
  const owners = type === 'gitlab' ? owner.split(/%2f/i) : [owner];
  const plain = [...owners, repo].every((word) => WORD.test(word) && !/^\.{1,2}$/.test(word));
  const url = plain && HOST.test(host) ? `https://${host}/${owners.join('/')}/${repo}` : null;
  return { url, shown };
}

/** A query belongs to the server: what is asked with it may be another repository. */
function gitUrl(url: string): string | null {
  const scp = /^([A-Za-z0-9_.-]{1,64}@[A-Za-z0-9.-]{1,255}):(?!\/)([^\s?#\\:]{1,2000})$/.exec(url);
  if (scp !== null) return `ssh://${scp[1] ?? ''}/${scp[2] ?? ''}`;
  return GIT_URL.test(url) && !/\/\.{1,2}(?:\/|$)|%/.test(url) ? url : null;
}

function text(attributes: Attributes, name: string): string {
  const value = attributes.get(name);
  return typeof value === 'string' ? value : '';
}
