import { spawnSync } from 'node:child_process';

/** Commits and tags made byte by byte, for what git itself never writes. */

const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

export interface MadeCommit {
  readonly format?: 'sha1' | 'sha256';
  readonly parents?: readonly string[];
  /** Lines between the committer and the blank line, each with its LF. */
  readonly headers?: string;
  /** Latin-1: a character a byte. */
  readonly message?: string;
  /** Seconds since the epoch. */
  readonly at?: number;
}

/** The bytes of an unsigned commit of the empty tree. */
export function makeCommit({
  format = 'sha1',
  parents = [],
  headers = '',
  message = 'made\n',
  at = 1_700_000_000,
}: MadeCommit = {}): Buffer {
  const lines = [
    `tree ${EMPTY_TREE[format]}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author alice <alice@example.org> ${at} +0000`,
    `committer alice <alice@example.org> ${at} +0000`,
  ];
  return Buffer.from(`${lines.join('\n')}\n${headers}\n${message}`, 'latin1');
}

/** Puts a signature where git puts it: the last header. */
export function withSignature(raw: Uint8Array, armor: Uint8Array | string, header = 'gpgsig'): Buffer {
  const text = Buffer.from(raw).toString('latin1');
  const value = (typeof armor === 'string' ? armor : Buffer.from(armor).toString('latin1')).trimEnd();
  const blank = text.indexOf('\n\n') + 1;
  const signature = `${header} ${value.replaceAll('\n', '\n ')}\n`;
  return Buffer.from(`${text.slice(0, blank)}${signature}${text.slice(blank)}`, 'latin1');
}

/** Stores an object as it is and gives its id; git's own checks of its form are off. */
export function store(directory: string, type: 'commit' | 'tag', raw: Uint8Array): string {
  const args = ['-C', directory, 'hash-object', '-w', '-t', type, '--literally', '--stdin'];
  const { status, stdout, stderr } = spawnSync('git', args, { input: raw });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
}
