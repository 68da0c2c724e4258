import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, vi } from 'vitest';
import type { StatementSource } from '../../src/core/statement/extract.ts';
import { appendToLedger, type Appended, type AppendOptions } from '../../src/git/ledger-append.ts';
import { findLedgers, readLedger } from '../../src/git/ledger.ts';
import { openRepository, type OpenRepository } from '../../src/git/reader.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { gitIn, oid, scratchAt, type Scratch } from './scratch.ts';

/** A bare repository and clones of it, each with a commit; people's own git finds names and nothing else to go by. */
export interface LedgerStage {
  readonly root: string;
  readonly remote: string;
  readonly state: string;
  readonly clone: (name: string) => Scratch;
  append(
    clone: Scratch,
    files: ReadonlyMap<string, string>,
    more?: Partial<AppendOptions>,
  ): Promise<Appended>;
  /** What is in the ledger of the bare repository, by path. */
  readonly contents: () => ReadonlyMap<string, string>;
  /** Makes a commit in the bare repository whose tree is exactly these files. */
  readonly rewrite: (files: ReadonlyMap<string, string>, parent?: string) => Oid;
  readonly remove: () => void;
}

export function makeStage(format: 'sha1' | 'sha256' = 'sha1'): LedgerStage {
  const root = mkdtempSync(join(tmpdir(), 'cs-ledger-'));
  const remote = join(root, 'remote.git');
  const state = join(root, 'state');
  gitIn(root, ['init', '-q', '--bare', '-b', 'master', `--object-format=${format}`, remote]);
  const git = (args: readonly string[], input = ''): string =>
    gitIn(remote, args, input).toString().trimEnd();
  return {
    root,
    remote,
    state,
    clone(name) {
      const dir = join(root, name);
      gitIn(root, ['init', '-q', '-b', 'master', `--object-format=${format}`, dir]);
      const clone = scratchAt(root, dir);
      clone.git(['remote', 'add', 'origin', remote]);
      clone.git(['fetch', '-q', 'origin']);
      clone.write('a', name);
      clone.commit('first');
      return clone;
    },
    append: (clone, files, more = {}) =>
      withOpen(clone.dir, (opened) =>
        appendToLedger(opened, {
          directory: clone.dir,
          remote: 'origin',
          project: 'example.org/acme/x',
          state,
          files: new Map([...files].map(([path, text]) => [path, Buffer.from(text)])),
          acceptRewrite: false,
          keep: (sources) => Promise.resolve(sources),
          ...more,
        }),
      ),
    contents() {
      const listed = git(['ls-tree', '-r', 'countersign/ledger']);
      return new Map(
        listed.split('\n').map((line) => {
          const [meta = '', path = ''] = line.split('\t');
          return [path, gitIn(remote, ['cat-file', 'blob', meta.split(' ')[2] ?? '']).toString()];
        }),
      );
    },
    rewrite(files, parent) {
      const tree = treeOf(git, [...files]);
      const parents = parent === undefined ? [] : ['-p', parent];
      const commit = oid(git(['commit-tree', '-m', 'rewritten', ...parents, tree]));
      git(['update-ref', 'refs/heads/countersign/ledger', commit]);
      return commit;
    },
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Writes a tree of files by path, with real git. */
export function treeOf(
  git: (args: readonly string[], input?: string) => string,
  files: readonly (readonly [string, string])[],
): string {
  const lines: string[] = [];
  for (const [name, below] of Map.groupBy(files, ([path]) => path.split('/')[0] ?? '')) {
    const [first] = below;
    if (first?.[0] === name) {
      lines.push(`100644 blob ${git(['hash-object', '-w', '--stdin'], first[1])}\t${name}`);
    } else {
      const inside = below.map(([path, text]) => [path.slice(name.length + 1), text] as const);
      lines.push(`040000 tree ${treeOf(git, inside)}\t${name}`);
    }
  }
  return git(['mktree'], lines.map((line) => `${line}\n`).join(''));
}

export async function withOpen<T>(dir: string, act: (opened: OpenRepository) => Promise<T>): Promise<T> {
  const opened = await openRepository(dir);
  try {
    return await act(opened);
  } finally {
    await opened.dispose();
  }
}

/** What a clone's ledgers say about heads. */
export function readFrom(clone: Scratch, heads: readonly Oid[]): Promise<readonly StatementSource[]> {
  return withOpen(clone.dir, async (opened) => {
    const found = await findLedgers(opened.refs, 'origin');
    return (await Promise.all(found.map(({ id }) => readLedger(opened, id, heads)))).flat();
  });
}

export function named(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** One file of the ledger, about a head. */
export function entry(head: Oid, text: string, folder = 'review'): readonly [string, string] {
  return [`${folder}/${head}/${named(text)}`, text];
}

/** The environment in which the person's own git runs: no configuration but the repository's, and a name. */
export function usePerson(): void {
  beforeAll(() => {
    vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
    vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
    vi.stubEnv('GIT_AUTHOR_NAME', 'alice');
    vi.stubEnv('GIT_AUTHOR_EMAIL', 'alice@example.org');
    vi.stubEnv('GIT_COMMITTER_NAME', 'alice');
    vi.stubEnv('GIT_COMMITTER_EMAIL', 'alice@example.org');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });
}
