import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { encodeStatement } from '../../src/core/statement/statement.ts';
import { PROJECT } from '../verdicts/make/scene.ts';
import { buildHistory, type Built } from './build.ts';
import type { History } from './history.ts';

/** Somebody who verifies: a home with nothing in it, and repositories that go away with the test. */
export interface User {
  readonly home: string;
  /** A home of its own, of somebody who has seen nothing yet. */
  readonly stranger: () => string;
  readonly build: (history: History) => Built;
}

/** A new home and new repositories for every test. */
export function useUser(): User {
  let root = '';
  let home = '';
  let homes = 0;
  const made: Built[] = [];
  const newHome = (): string => {
    homes += 1;
    const path = join(root, `home-${homes}`);
    mkdirSync(path);
    return path;
  };
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'cu-'));
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    home = newHome();
  });
  afterEach(() => {
    for (const one of made.splice(0)) one.remove();
  });
  return {
    get home() {
      return home;
    },
    stranger: newHome,
    build(history) {
      const built = buildHistory(history);
      made.push(built);
      return built;
    },
  };
}

/** The user's trust file with one entry. Lines that are `null` are left out. */
export function writeTrust(
  home: string,
  entry: {
    readonly url: string;
    readonly introduction: Oid;
    readonly branch?: string;
    readonly project?: string;
    readonly policy?: string;
    /** Whose SSH keys may say what the newest head is. */
    readonly heads?: Built;
  },
  people: readonly string[] = ['alice', 'carol'],
): string {
  const { url, introduction, branch = 'master', project, policy, heads } = entry;
  const pins = people.flatMap((name) => {
    const key = heads?.scene.signers.get(name)?.key;
    return key?.kind === 'ssh'
      ? [`      ${name}:`, `        - ssh: ${key.publicKey.split(' ').slice(0, 2).join(' ')}`]
      : [];
  });
  const lines = [
    'version: 1',
    'repositories:',
    `  - url: ${url}`,
    ...(project === undefined ? [] : [`    project: ${project}`]),
    `    branch: ${branch}`,
    `    introduction: ${introduction}`,
    ...(policy === undefined ? [] : [`    policy: sha256:${policy}`]),
    ...(heads === undefined ? [] : ['    heads:', ...pins]),
  ];
  const path = join(home, 'trust.yaml');
  writeFileSync(path, `${lines.join('\n')}\n`);
  chmodSync(path, 0o600);
  return path;
}

/** `head/v1` by somebody, `age` seconds old. */
export function headStatement(
  { scene }: Built,
  about: {
    readonly as: string;
    readonly head: Oid;
    readonly branch?: string;
    readonly project?: string;
    readonly age?: number;
    readonly key?: string;
  },
): string {
  const { as, head, branch = 'master', project = PROJECT, age = 60, key = as } = about;
  const time = Math.floor(Date.now() / 1000) - age;
  const statement = { type: 'head', project, branch, head, time, attester: as } as const;
  const text = encodeStatement(statement);
  const signer = scene.signers.get(key);
  if (signer === undefined) throw new Error(`nobody is called ${key}`);
  return `${text}${signer.sign(Buffer.from(text), 'countersign@v1')}`;
}
