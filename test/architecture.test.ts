import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The import rule of docs/architecture.md. A room may import itself and the rooms named here, nothing else. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'core/object': [],
  'core/signature': ['core/object'],
  'core/identity': ['core/object', 'core/signature'],
  'core/statement': ['core/object', 'core/signature', 'core/identity'],
  'core/policy': ['core/object', 'core/signature', 'core/identity', 'core/statement'],
  'core/facts': ['core/object', 'core/signature', 'core/identity', 'core/statement', 'core/policy'],
  'core/verdict': [
    'core/object',
    'core/signature',
    'core/identity',
    'core/statement',
    'core/policy',
    'core/facts',
  ],
  'core/history': [
    'core/object',
    'core/signature',
    'core/identity',
    'core/statement',
    'core/policy',
    'core/facts',
    'core/verdict',
  ],
  'core/report': ['core/object', 'core/identity', 'core/policy', 'core/facts', 'core/verdict'],
  gather: ['core'],
  disk: [],
  git: ['core', 'gather/ports.ts', 'disk'],
  github: ['core', 'gather/ports.ts'],
  store: ['core', 'gather/ports.ts'],
  signing: ['core'],
  trust: ['core', 'gather/ports.ts', 'disk'],
  nix: ['core', 'gather/ports.ts'],
  'judge.ts': ['core', 'gather'],
  'follow.ts': ['core', 'gather', 'judge.ts'],
  'provable.ts': ['core', 'gather', 'judge.ts'],
  app: ['core', 'gather', 'git', 'github', 'store', 'judge.ts', 'provable.ts'],
  cli: [
    'core',
    'gather',
    'disk',
    'git',
    'github',
    'store',
    'signing',
    'trust',
    'nix',
    'judge.ts',
    'follow.ts',
    'provable.ts',
  ],
};

/** What a room may import from outside `src`; `node:*` and packages. */
const OUTSIDE: Readonly<Record<string, readonly RegExp[]>> = {
  core: [/^node:crypto$/, /^openpgp$/, /^yaml$/, /^zod$/],
  gather: [],
  disk: [/^node:/],
  git: [/^node:/],
  github: [/^node:/, /^@octokit\//, /^probot$/, /^zod$/],
  store: [/^node:/],
  signing: [/^node:/],
  trust: [/^node:/, /^yaml$/, /^zod$/],
  nix: [/^node:/],
  'judge.ts': [],
  'follow.ts': [],
  'provable.ts': [],
  app: [/^node:/, /^@octokit\//, /^probot$/],
  cli: [/^node:/, /^commander$/],
};

const BANNED = /^(?:utils?|helpers?|common|shared|lib)(?:\.ts)?$/;

const root = resolve(import.meta.dirname, '..', 'src');

interface Import {
  readonly from: string;
  readonly target: string;
  readonly names: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8');
  const from = relative(root, path);
  const found: Import[] = [];
  const resolveTarget = (target: string): string =>
    target.startsWith('.') ? relative(root, resolve(dirname(path), target)) : target;
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s+)?([^;'"]*?from\s+)?'([^']+)'/gms)) {
    const [, type, names = '', target = ''] = match;
    found.push({ from, target: resolveTarget(target), names, typeOnly: type !== undefined, dynamic: false });
  }
  for (const [, target = ''] of text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) {
    found.push({ from, target: resolveTarget(target), names: '', typeOnly: false, dynamic: true });
  }
  return found;
}

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'core' ? `${first}/${second}` : first;
}

const paths = filesBelow(root);
const imports = paths.flatMap(importsOf);
const inside = imports.filter(({ target }) => target.endsWith('.ts'));
const outside = imports.filter(({ target }) => !target.endsWith('.ts'));

function allowed({ from, target }: Import): boolean {
  const room = roomOf(from);
  if (roomOf(target) === room) return true;
  if (from === 'cli/start.ts' && roomOf(target) === 'app') return true;
  return (ROOMS[room] ?? []).some((entry) => target === entry || target.startsWith(`${entry}/`));
}

describe('architecture', () => {
  test('the sources were found, with their imports', () => {
    expect(paths.length).toBeGreaterThan(50);
    expect(inside.length).toBeGreaterThan(100);
  });

  test('every room of src has a line in the import table', () => {
    expect(paths.map((path) => roomOf(relative(root, path))).filter((room) => !(room in ROOMS))).toEqual([]);
  });

  test('imports point toward core', () => {
    expect(inside.filter((one) => !allowed(one)).map(({ from, target }) => `${from} -> ${target}`)).toEqual(
      [],
    );
  });

  test('what every command loads needs neither zod nor yaml, which take longer to load than to verify a hundred commits', () => {
    const loads = (target: string): readonly string[] =>
      imports.flatMap((one) => (one.from === target && !one.typeOnly && !one.dynamic ? [one.target] : []));
    const reached = new Set(['cli/main.ts', 'cli/log/command.ts', 'cli/log/list.ts', 'cli/log/people.ts']);
    for (const path of reached) for (const target of loads(path)) reached.add(target);
    expect(reached).toContain('git/reader.ts');
    expect([...reached].filter((target) => target === 'zod' || target === 'yaml')).toEqual([]);
  });

  test('the table refuses what points away from core', () => {
    const made = (from: string, target: string): Import => ({
      from,
      target,
      names: '',
      typeOnly: true,
      dynamic: false,
    });
    expect(allowed(made('core/object/id.ts', 'core/verdict/verdict.ts'))).toBe(false);
    expect(allowed(made('core/facts/facts.ts', 'gather/ports.ts'))).toBe(false);
    expect(allowed(made('git/run.ts', 'github/checks.ts'))).toBe(false);
    expect(allowed(made('cli/verify.ts', 'app/app.ts'))).toBe(false);
  });

  test('rooms import only the modules from outside that their table allows', () => {
    const strange = outside.filter(({ from, target }) => {
      const [first = ''] = from.split('/');
      return !(OUTSIDE[first] ?? []).some((pattern) => pattern.test(target));
    });
    expect(strange.map(({ from, target }) => `${from} -> ${target}`)).toEqual([]);
  });

  test('core takes from node:crypto only hashing, key objects and verification', () => {
    const known = new Set([
      'createHash',
      'hash',
      'createPublicKey',
      'verify',
      'KeyObject',
      'JsonWebKey',
      'Hash',
      'constants',
    ]);
    const names = outside
      .filter(({ from, target }) => from.startsWith('core/') && target === 'node:crypto')
      .flatMap(({ names: list }) => list.replace(/[{}]|\bfrom\b|\btype\b/g, ' ').split(/[\s,]+/))
      .filter((name) => name !== '' && name !== 'as' && !known.has(name));
    expect(names).toEqual([]);
  });

  test('core loads openpgp only when called, and reads neither clock, chance nor environment', () => {
    const early = outside.filter(({ from, target, dynamic, typeOnly }) => {
      return from.startsWith('core/') && target === 'openpgp' && !dynamic && !typeOnly;
    });
    expect(early).toEqual([]);
    const impure = paths
      .filter((path) => relative(root, path).startsWith('core/'))
      .filter((path) =>
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bfetch\(/.test(
          readFileSync(path, 'utf8'),
        ),
      );
    expect(impure).toEqual([]);
  });

  test('no file imports itself through others', () => {
    const next = Map.groupBy(
      inside.filter(({ dynamic }) => !dynamic),
      ({ from }) => from,
    );
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      state.set(path, 'open');
      for (const { target } of next.get(path) ?? []) visit(target, [...trail, path]);
      state.set(path, 'done');
    };
    for (const path of paths) visit(relative(root, path), []);
    expect(cycles).toEqual([]);
  });

  test('only git/run.ts and signing/tool.ts start processes', () => {
    const starters = outside
      .filter(({ target, typeOnly }) => target === 'node:child_process' && !typeOnly)
      .map(({ from }) => from);
    expect([...new Set(starters)].sort()).toEqual(['git/run.ts', 'signing/tool.ts']);
  });

  test('no folder or file is a drawer for anything', () => {
    const parts = paths.flatMap((path) => relative(root, path).split('/'));
    expect(parts.filter((part) => BANNED.test(part))).toEqual([]);
  });
});
