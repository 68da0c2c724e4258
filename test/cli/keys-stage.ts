import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { PLAIN } from '../../src/core/report/text.ts';
import { encodePossession } from '../../src/core/statement/possession.ts';
import { openKeys, type Keys } from '../keys/keys.ts';

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A repository's folder with a policy in it, a gpg home, and `countersign keys` run inside. */
export interface KeysStage {
  readonly keys: Keys;
  readonly dir: string;
  /** Runs `countersign keys …` with this folder as the current one. */
  run(...args: string[]): Promise<Result>;
  /** Begins anew: this policy, these certificates, no other file. */
  reset(policy: string, certificates?: Readonly<Record<string, Uint8Array>>): Promise<void>;
  put(name: string, content: string | Uint8Array): Promise<string>;
  policy(): Promise<string>;
  /** Every file below `.countersign`, by its path there. */
  files(): Promise<Record<string, string>>;
}

export function useKeysStage(): () => KeysStage {
  let stage: KeysStage | null = null;
  let close = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const keys = await openKeys();
    const dir = await mkdtemp(join(tmpdir(), 'cs-'));
    const before = process.env['GNUPGHOME'];
    process.env['GNUPGHOME'] = keys.home;
    close = async () => {
      if (before === undefined) delete process.env['GNUPGHOME'];
      else process.env['GNUPGHOME'] = before;
      await keys.close();
      await rm(dir, { recursive: true, force: true });
    };
    stage = makeStage(keys, dir);
  });
  afterAll(() => close());
  return () => {
    if (stage === null) throw new Error('the stage is not set');
    return stage;
  };
}

function makeStage(keys: Keys, dir: string): KeysStage {
  const folder = join(dir, '.countersign');
  return {
    keys,
    dir,
    run: (...args) => runCountersign(['keys', ...args], dir),
    async reset(policy, certificates = {}) {
      await rm(dir, { recursive: true, force: true });
      await mkdir(join(folder, 'keys'), { recursive: true });
      await mkdir(join(dir, '.git'));
      await writeFile(join(folder, 'policy.yaml'), policy);
      for (const [name, bytes] of Object.entries(certificates)) {
        await writeFile(join(folder, 'keys', name), bytes);
      }
    },
    async put(name, content) {
      await writeFile(join(dir, name), content);
      return name;
    },
    policy: () => readFile(join(folder, 'policy.yaml'), 'utf8'),
    async files() {
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      const found: Record<string, string> = {};
      for (const entry of names.filter((one) => one.isFile())) {
        const path = join(entry.parentPath, entry.name);
        found[path.slice(folder.length + 1)] = await readFile(path, 'latin1');
      }
      return found;
    },
  };
}

export async function runCountersign(
  args: readonly string[],
  dir: string,
  terminal: Io['terminal'] = { out: false, err: false },
): Promise<Result> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    path: (given) => resolve(dir, given),
    paint: PLAIN,
    environment: {},
    terminal,
  };
  const code = await main(args, io);
  return { code, out, err };
}

export const BOB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** A policy with bob in it, and with whatever else stands under `people`. */
export function policyOf(people = ''): string {
  return `# Who counts.
version: 1
project: github.com/acme/nixpkgs
people:
  bob: # knows ssh
    keys:
      - ssh: ${BOB} # his laptop
${people}groups:
  core: [bob]
governance: { people: 1, from: core }
bots:
  updater: { keys: [{ openpgp: ${'F'.repeat(40)} }], paths: ["pkgs/**"] }
branches:
  - name: stable
    match: [master]
    commits: { signed-by: core }
    require:
      - { name: everything, people: 1, from: core }
`;
}

export const PROJECT = 'github.com/acme/nixpkgs';

/** The text that the owner of a key signs. */
export function textFor(person: string, key: string, project = PROJECT): Buffer {
  return Buffer.from(encodePossession({ project, person, key }));
}

/** The code of the first finding on standard error. */
export function codeOf(text: string): string {
  return /\[([a-z0-9-]+)\]$/m.exec(text)?.[1] ?? text;
}
