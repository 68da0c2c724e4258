import type { CommitText, Person } from '../describe/commit.ts';
import { git, tryGit } from './run.ts';

const hash = /^[0-9a-f]{40}$/;

/** Whether the object store of the network has a commit of this name. */
export async function hasCommit(gitDir: string, sha: string): Promise<boolean> {
  if (!hash.test(sha)) return false;
  return (await tryGit(gitDir, ['cat-file', '-e', `${sha}^{commit}`])).code === 0;
}

/** A commit, from its raw bytes. */
export async function readCommit(gitDir: string, sha: string): Promise<CommitText> {
  const raw = await git(gitDir, ['cat-file', 'commit', sha]);
  const end = raw.indexOf('\n\n');
  const headers = raw.slice(0, end).split('\n');
  const all = (name: string): string[] =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    sha,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: parsePerson(all('author')[0] ?? ''),
    committer: parsePerson(all('committer')[0] ?? ''),
    message: raw.slice(end + 2),
  };
}

function parsePerson(line: string): Person {
  const open = line.indexOf(' <');
  const close = line.lastIndexOf('> ');
  return {
    name: line.slice(0, open),
    email: line.slice(open + 2, close),
    date: new Date(Number(line.slice(close + 2).split(' ')[0]) * 1000),
  };
}

function encodePerson(person: Person): string {
  return `${person.name} <${person.email}> ${Math.floor(person.date.getTime() / 1000)} +0000`;
}

export interface NewCommit {
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  message: string;
}

/** Writes a commit object, signed when `sign` gives an armored signature over its bytes, and gives its name. */
export async function writeCommit(
  gitDir: string,
  commit: NewCommit,
  sign?: (payload: Buffer) => string,
): Promise<string> {
  const headers = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${encodePerson(commit.author)}`,
    `committer ${encodePerson(commit.committer)}`,
  ].join('\n');
  const payload = Buffer.from(`${headers}\n\n${commit.message}`);
  if (!sign) return await git(gitDir, ['hash-object', '-t', 'commit', '-w', '--stdin'], payload);
  // The signature's last line end stays, as in GitHub's commits: the header ends in a line of one blank.
  const signature = sign(payload).replaceAll('\n', '\n ');
  const signed = Buffer.from(`${headers}\ngpgsig ${signature}\n\n${commit.message}`);
  return await git(gitDir, ['hash-object', '-t', 'commit', '-w', '--stdin'], signed);
}

/** Names of the commits that `to` has and `from` has not, oldest first. */
export async function listCommits(
  gitDir: string,
  from: string | null,
  to: string,
  noMerges = false,
): Promise<string[]> {
  const args = ['rev-list', '--reverse', '--topo-order', ...(noMerges ? ['--no-merges'] : []), to];
  const out = await git(gitDir, from === null ? args : [...args, `^${from}`]);
  return out === '' ? [] : out.split('\n');
}

export async function isAncestor(gitDir: string, ancestor: string, descendant: string): Promise<boolean> {
  return (await tryGit(gitDir, ['merge-base', '--is-ancestor', ancestor, descendant])).code === 0;
}
