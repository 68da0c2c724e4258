import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { encodeIntroduction } from '../../src/core/history/introduction.ts';
import { PLAIN } from '../../src/core/report/paint.ts';
import type { Remembered } from '../../src/trust/memory.ts';
import { parseTrust } from '../../src/trust/parse.ts';
import { DIGEST, oid } from '../trust/texts.ts';

export const PROJECT = 'github.com/acme/nixpkgs';
export const URL = `https://${PROJECT}`;
export const OTHER = oid('beef');

/** The string that the project publishes. */
export function given(branch = 'master', commit = oid('c0ffee'), policy = DIGEST): string {
  return encodeIntroduction({ project: PROJECT, branch, commit, policy });
}

/** The code at the end of what was printed. */
export function codeOf(text: string): string {
  return /\[([a-z-]+)\]$/m.exec(text)?.[1] ?? text;
}

/** What was proven of `given()`, and what it is remembered by. */
export const KEY = { branch: 'master', introduction: oid('c0ffee'), policy: null };
export const REMEMBERED: Remembered = {
  verifier: '0.1.0',
  state: {
    branch: 'master',
    introduction: oid('c0ffee'),
    commit: OTHER,
    policy: DIGEST,
    freshness: null,
    steps: 3,
    commits: 7,
    ratified: [oid('c')],
  },
  project: null,
  ledger: null,
};

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A user's home, and a project in it in which `countersign trust …` is run. */
export class TrustStage {
  root = '';
  get home(): string {
    return join(this.root, 'home');
  }
  get own(): string {
    return join(this.home, '.config', 'countersign', 'trust.yaml');
  }
  get state(): string {
    return join(this.home, '.local', 'state', 'countersign');
  }
  get project(): string {
    return join(this.home, 'project');
  }
  get lock(): string {
    return join(this.project, 'countersign.lock');
  }

  async put(path: string, text: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o600 });
  }

  read(path: string): Promise<string> {
    return readFile(path, 'utf8');
  }

  /** What a trust file says: URL, project, branch, introduction and policy of each entry. */
  async entries(path = this.own): Promise<unknown[]> {
    const parsed = parseTrust(Buffer.from(await this.read(path)), path);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
    return parsed.entries.map(({ url, project, branch, introduction, policy }) => [
      url,
      project,
      branch,
      introduction,
      policy,
    ]);
  }

  async run(...args: string[]): Promise<Result> {
    return this.runWith({ HOME: this.home }, ...args);
  }

  async runWith(environment: Io['environment'], ...args: string[]): Promise<Result> {
    return this.#run(environment, '.', args);
  }

  /** In a folder of the project. */
  async runIn(folder: string, ...args: string[]): Promise<Result> {
    return this.#run({ HOME: this.home }, folder, args);
  }

  async #run(environment: Io['environment'], folder: string, args: readonly string[]): Promise<Result> {
    let out = '';
    let err = '';
    const io: Io = {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      path: (given) => resolve(this.project, folder, given),
      paint: PLAIN,
      environment,
    };
    const code = await main(['trust', ...args], io);
    return { code, out, err };
  }
}

export function useTrustStage(): TrustStage {
  const stage = new TrustStage();
  beforeEach(async () => {
    stage.root = await mkdtemp(join(tmpdir(), 'cs-'));
    await mkdir(join(stage.project, '.git'), { recursive: true });
  });
  afterEach(async () => {
    await rm(stage.root, { recursive: true, force: true });
  });
  return stage;
}
