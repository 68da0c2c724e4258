import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { parseOid } from '../../src/core/object/id.ts';
import type { ObjectType, Oid } from '../../src/core/object/id.ts';

/** A real repository in a temporary folder, written with the real git. */
export interface Scratch {
  readonly root: string;
  readonly dir: string;
  /** Runs git in the repository and gives what it printed, without the last line feed. */
  git(args: readonly string[], input?: string | Uint8Array): string;
  gitBytes(args: readonly string[], input?: string | Uint8Array): Buffer;
  write(path: string, content: string | Uint8Array): void;
  /** Adds everything, commits, gives the id. */
  commit(message: string): Oid;
  id(revision: string): Oid;
  remove(): void;
}

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'alice',
  GIT_AUTHOR_EMAIL: 'alice@example.org',
  GIT_COMMITTER_NAME: 'alice',
  GIT_COMMITTER_EMAIL: 'alice@example.org',
};

/** Runs git anywhere. */
export function gitIn(dir: string, args: readonly string[], input: string | Uint8Array = ''): Buffer {
  return execFileSync('git', args, {
    cwd: dir,
    env: ENVIRONMENT,
    input,
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export function makeScratch(options: { format?: 'sha1' | 'sha256'; name?: string } = {}): Scratch {
  const root = mkdtempSync(join(tmpdir(), 'cs-git-test-'));
  const dir = join(root, options.name ?? 'repo');
  mkdirSync(dir);
  gitIn(dir, ['init', '-q', '-b', 'master', `--object-format=${options.format ?? 'sha1'}`]);
  return scratchAt(root, dir);
}

export function scratchAt(root: string, dir: string): Scratch {
  const gitBytes = (args: readonly string[], input?: string | Uint8Array): Buffer => gitIn(dir, args, input);
  const git = (args: readonly string[], input?: string | Uint8Array): string =>
    gitBytes(args, input).toString('utf8').replace(/\n$/, '');
  const id = (revision: string): Oid => oid(git(['rev-parse', '--verify', revision]));
  return {
    root,
    dir,
    git,
    gitBytes,
    write(path, content) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    },
    commit(message) {
      git(['add', '-A']);
      git(['commit', '-q', '--allow-empty', '-m', message]);
      return id('HEAD');
    },
    id,
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function oid(text: string): Oid {
  const id = parseOid(text);
  if (id === null) throw new Error(`no object id: ${text}`);
  return id;
}

/** Stores other bytes under an object's id, as a loose object (gitformat-loose). `claimed` is the size in its header. */
export function forgeObject(
  repo: Scratch,
  id: Oid,
  type: ObjectType,
  content: Uint8Array | string,
  claimed?: number,
): void {
  const bytes = Buffer.from(content);
  const path = join(repo.dir, '.git/objects', id.slice(0, 2), id.slice(2));
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(
    path,
    deflateSync(Buffer.concat([Buffer.from(`${type} ${claimed ?? bytes.length}\0`), bytes])),
  );
}

/** Numbered lines, some replaced: `{ 3: 'three' }`. */
export function lines(count: number, changes: Readonly<Record<number, string>> = {}): string {
  let text = '';
  for (let line = 1; line <= count; line += 1) text += `${changes[line] ?? `line ${line}`}\n`;
  return text;
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
