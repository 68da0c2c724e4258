import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { useFollowedStage, type FollowedStage } from './followed-stage.ts';

const use = useFollowedStage();
let stage: FollowedStage;
let cache: string;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  cache = join(stage.home, '.cache/countersign');
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
});

/** Lets it be as old as if its maker had been killed an hour ago. */
function age(name: string): void {
  const before = Date.now() / 1000 - 3600;
  utimesSync(join(cache, name), before, before);
}

const probes = (): readonly string[] => readdirSync(cache).filter((name) => name.includes('probe'));

test('what a killed process left of trying the cache is removed at the next start, and nothing else', async () => {
  for (const name of [
    'probe-AbC123',
    'probe-zzzzzz',
    'probe-Fresh1',
    'probe-full00',
    'probe-mine',
    'probe-1234567',
  ])
    mkdirSync(join(cache, name));
  writeFileSync(join(cache, 'probe-full00/something'), '');
  writeFileSync(join(cache, 'probe-aFile0'), '');
  mkdirSync(join(stage.home, 'elsewhere'), { recursive: true });
  symlinkSync(join(stage.home, 'elsewhere'), join(cache, 'probe-aLink0'));
  for (const name of probes()) if (name !== 'probe-Fresh1' && name !== 'probe-aLink0') age(name);
  const { code } = await stage.cli('flake', 'check');
  expect(code).toBe(0);
  expect(probes()).toEqual([
    'probe-1234567',
    'probe-Fresh1',
    'probe-aFile0',
    'probe-aLink0',
    'probe-full00',
    'probe-mine',
  ]);
  expect(readdirSync(stage.home)).toContain('elsewhere');
});

test('processes that start at one time do not stand in each other’s way', async () => {
  mkdirSync(join(cache, 'probe-AbC123'));
  age('probe-AbC123');
  const ran = await Promise.all([1, 2, 3].map(() => stage.cli('flake', 'check')));
  expect(ran.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(probes()).toEqual([]);
});
