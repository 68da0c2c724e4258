import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll } from 'vitest';
import { registerChannel } from '../../src/cli/channel/command.ts';
import { registerFlake } from '../../src/cli/flake/command.ts';
import type { Oid } from '../../src/core/object/id.ts';
import { parseCommit } from '../../src/core/object/commit.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import { openRepository } from '../../src/git/reader.ts';
import { narHash } from '../../src/nix/nar.ts';
import { gitIn } from '../git/scratch.ts';
import { buildHistory, type Built } from '../histories/build.ts';
import type { History, Step } from '../histories/history.ts';
import { lockText, nodesOf, type NodeText } from '../nix/locks.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A repository on a server, and a user who follows it: home, trust file, and a flake with one input. */
export interface FollowedStage {
  readonly built: Built;
  readonly root: string;
  readonly home: string;
  readonly remote: string;
  readonly flake: string;
  readonly lockPath: string;
  /** `countersign flake …` or `countersign channel …`; in a folder of the home's. */
  cli(...args: string[]): Promise<Ran>;
  /** With `--json`, parsed. */
  json(...args: string[]): Promise<Ran & { readonly json: Told }>;
  /** Lets the server have master at a step, and the ledger at a tip. */
  publish(step: number | Oid, ledger?: Oid | null): void;
  /** Writes the user's trust file. */
  trust(...entries: readonly TrustLine[]): void;
  /** Writes the lock file. */
  lock(nodes: Readonly<Record<string, unknown>>, version?: number): void;
  /** The input as nix locks it. */
  node(step: number | Oid, more?: Partial<NodeText>): Promise<NodeText>;
  /** What is locked now. */
  locked(name?: string): Readonly<Record<string, unknown>>;
  lockBytes(): string;
  /** A user who has seen nothing yet, and a server that has step 1. */
  reset(): Promise<void>;
}

export interface TrustLine {
  readonly url?: string;
  readonly branch?: string;
  readonly introduction?: string;
}

export interface Told {
  readonly outcome?: string;
  readonly written?: boolean;
  readonly inputs: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly before: string | null;
    readonly accepted: string | null;
    readonly head: string | null;
    readonly narHash: string | null;
    readonly ahead: number | null;
    readonly problems: readonly {
      readonly code: string;
      readonly outcome: string;
      readonly message: string;
    }[];
    readonly findings: readonly { readonly code: string }[];
    readonly summary: readonly string[];
  }[];
  readonly unverified: readonly { readonly name: string; readonly reason: string }[];
  readonly channels: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly before: string | null;
    readonly accepted: string | null;
    readonly current: string;
    readonly nixPath: string;
    readonly problem: string | null;
    readonly findings: readonly { readonly code: string }[];
  }[];
}

export const FLAKE_NIX = '{ outputs = { self }: { answer = 42; }; }\n';

/** Two approved steps, one that nobody approved, and one more on top of it. */
const STEPS: readonly Step[] = [
  { by: 'alice', approved: ['bob'], files: { 'flake.nix': FLAKE_NIX, 'default.nix': '"one"\n' } },
  { by: 'bob', approved: ['carol'], files: { 'default.nix': '"two"\n', run: '#!/bin/sh\n' } },
  { by: 'carol', files: { 'default.nix': '"three"\n' } },
  { by: 'dave', approved: ['alice'] },
];

export function useFollowedStage(history: Partial<History> = {}): { readonly stage: FollowedStage } {
  let open: (FollowedStage & { close(): void }) | null = null;
  beforeAll(async () => {
    open = await openFollowedStage({ about: 'what a user follows', steps: STEPS, ...history });
  });
  afterAll(() => open?.close());
  return {
    get stage() {
      if (open === null) throw new Error('the stage is not open yet');
      return open;
    },
  };
}

async function openFollowedStage(history: History): Promise<FollowedStage & { close(): void }> {
  const root = mkdtempSync(join(tmpdir(), 'cs-followed-'));
  const home = join(root, 'home');
  const remote = join(root, 'acme/nixpkgs.git');
  const flake = join(home, 'flake');
  const lockPath = join(flake, 'flake.lock');
  const built = buildHistory(history);
  const stage: FollowedStage = {
    ...{ built, root, home, remote, flake, lockPath },
    async cli(...args) {
      let out = '';
      let err = '';
      let code = -1;
      const io = {
        out: (text: string) => void (out += text),
        err: (text: string) => void (err += text),
        path: (given: string) => resolve(flake, given),
        paint: PLAIN,
        environment: { HOME: home },
      };
      const done = (given: number): void => {
        code = given;
      };
      const program = new Command().exitOverride();
      registerFlake(program, io, done);
      registerChannel(program, io, done);
      await program.parseAsync(args, { from: 'user' });
      return { code, out, err };
    },
    async json(...args) {
      const ran = await stage.cli(...args, '--json');
      return { ...ran, json: JSON.parse(ran.out === '' ? 'null' : ran.out) as Told };
    },
    publish(step, ledger = built.ledger.tips.at(-1) ?? null) {
      const master = typeof step === 'number' ? built.at(step) : step;
      const branch = 'refs/heads/countersign/ledger';
      const refs = [`${master}:refs/heads/master`, ledger === null ? `:${branch}` : `${ledger}:${branch}`];
      gitIn(built.dir, ['push', '--quiet', '--force', remote, ...refs]);
    },
    trust(...entries) {
      const lines = entries.flatMap(({ url = remote, branch = 'master', introduction = built.at(0) }) => [
        `  - url: ${JSON.stringify(url)}`,
        `    branch: ${JSON.stringify(branch)}`,
        `    introduction: ${introduction}`,
      ]);
      const file = join(home, '.config/countersign/trust.yaml');
      mkdirSync(dirname(file), { recursive: true });
      const list = lines.length === 0 ? ['repositories: []'] : ['repositories:', ...lines];
      writeFileSync(file, ['version: 1', ...list, ''].join('\n'), { mode: 0o600 });
    },
    lock(nodes, version) {
      writeFileSync(lockPath, lockText(nodes, version));
    },
    async node(step, more = {}) {
      const rev = typeof step === 'number' ? built.at(step) : step;
      const url = `file://${remote}`;
      const made = (args: readonly string[]): number => Number(gitIn(built.dir, [...args, rev]).toString());
      const locked = {
        lastModified: made(['log', '-1', '--format=%ct']),
        narHash: await hashOf(built.dir, rev),
        ref: 'master',
        rev,
        revCount: made(['rev-list', '--count']),
        type: 'git',
        url,
      };
      return {
        ...more,
        locked: { ...locked, ...more.locked },
        original: { ref: 'master', type: 'git', url, ...more.original },
      };
    },
    locked(name = 'nixpkgs') {
      const { nodes } = JSON.parse(stage.lockBytes()) as { nodes: Record<string, { locked: object }> };
      return { ...nodes[name]?.locked };
    },
    lockBytes: () => readFileSync(lockPath, 'utf8'),
    async reset() {
      for (const folder of [remote, home]) rmSync(folder, { recursive: true, force: true });
      mkdirSync(flake, { recursive: true });
      mkdirSync(dirname(remote), { recursive: true });
      const format = `--object-format=${history.format ?? 'sha1'}`;
      gitIn(root, ['init', '--quiet', '--bare', '--initial-branch=master', format, remote]);
      stage.publish(1, built.ledger.tips[0] ?? null);
      stage.trust({});
      stage.lock(nodesOf({ nixpkgs: await stage.node(1) }));
    },
  };
  await stage.reset();
  return {
    ...stage,
    close() {
      built.remove();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The hash that nix gives the tree of a commit, once compared with nix itself in test/nix/nar.test.ts. */
export async function hashOf(dir: string, rev: Oid): Promise<string> {
  const opened = await openRepository(dir);
  try {
    const [raw] = await opened.repository.readCommits([rev]);
    const parsed = parseCommit(rev, raw ?? new Uint8Array());
    if (!parsed.ok) throw new Error(parsed.detail);
    return await narHash(parsed.commit.tree, opened.objects);
  } finally {
    await opened.dispose();
  }
}

/** The same without one of its names. */
export function without<V>(
  attributes: Readonly<Record<string, V>>,
  name: string,
): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));
}
