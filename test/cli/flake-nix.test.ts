import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasNix, openNix, sayWithoutNix, type Nix } from '../nix/nix.ts';
import { nodesOf } from '../nix/locks.ts';
import { useFollowedStage, type FollowedStage } from './followed-stage.ts';

sayWithoutNix('using what `countersign flake update` and `channel update` write');

const use = useFollowedStage();
let stage: FollowedStage;
let nix: Nix;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  nix = openNix();
});
afterEach(() => {
  nix.remove();
});

test.skipIf(!hasNix)('nix fetches what the lock file says, and takes it for whole', async () => {
  writeFileSync(
    join(stage.flake, 'flake.nix'),
    `{ inputs.nixpkgs.url = "git+file://${stage.remote}?ref=master"; outputs = { self, nixpkgs }: { found = import nixpkgs; }; }\n`,
  );
  stage.publish(4);
  expect((await stage.cli('flake', 'update')).code).toBe(0);
  const before = stage.lockBytes();
  const place = `path:${stage.flake}`;
  const told = JSON.parse(nix.run(['flake', 'metadata', '--json', '--no-update-lock-file', place])) as {
    locks: { nodes: { nixpkgs: { locked: { rev: string } } } };
  };
  expect(told.locks.nodes.nixpkgs.locked.rev).toBe(stage.built.at(2));
  // This fetches the input: nix compares rev, lastModified, revCount and narHash with what it gets.
  expect(nix.run(['eval', '--raw', '--no-update-lock-file', `${place}#found`])).toBe('two');
  expect(stage.lockBytes()).toBe(before);
});

test.skipIf(!hasNix)('a flake without a lock file gets one by nix, and what is proven by us', async () => {
  rmSync(stage.lockPath);
  writeFileSync(
    join(stage.flake, 'flake.nix'),
    `{ inputs.nixpkgs.url = "git+file://${stage.remote}?ref=master"; outputs = { self, nixpkgs }: { found = import nixpkgs; }; }\n`,
  );
  stage.publish(4);
  expect((await stage.cli('flake', 'update')).code).toBe(64);
  nix.run(['flake', 'lock', `path:${stage.flake}`]);
  expect(stage.locked()['rev']).toBe(stage.built.at(4));
  const ahead = await stage.json('flake', 'update');
  expect([ahead.code, ahead.json.inputs[0]?.problems.map(({ code }) => code)]).toEqual([
    3,
    ['history-ahead'],
  ]);
  expect((await stage.cli('flake', 'update', '--allow-downgrade')).code).toBe(0);
  expect(stage.locked()['rev']).toBe(stage.built.at(2));
  expect(nix.run(['eval', '--raw', '--no-update-lock-file', `path:${stage.flake}#found`])).toBe('two');
});

test.skipIf(!hasNix)('nix refuses the same with another hash, so ours is what it compares', async () => {
  writeFileSync(
    join(stage.flake, 'flake.nix'),
    `{ inputs.nixpkgs.url = "git+file://${stage.remote}?ref=master"; outputs = { self, nixpkgs }: { found = import nixpkgs; }; }\n`,
  );
  stage.lock(nodesOf({ nixpkgs: await stage.node(1, { locked: { narHash: `sha256-${'A'.repeat(43)}=` } }) }));
  expect(() => nix.run(['eval', '--raw', '--no-update-lock-file', `path:${stage.flake}#found`])).toThrow(
    /NAR hash mismatch/i,
  );
});

test.skipIf(!hasNix)('a channel is what nix hashes and finds in NIX_PATH', async () => {
  stage.publish(4);
  const { code, json } = await stage.json('channel', 'update', 'nixpkgs');
  expect(code).toBe(0);
  const [channel] = json.channels;
  const folder = join(stage.home, '.local/share/countersign/channels/nixpkgs-master');
  const want = await stage.node(2);
  expect(nix.hashPath(join(folder, stage.built.at(2)))).toBe(want.locked['narHash']);
  mkdirSync(join(stage.home, 'use'));
  const [word, path] = (channel?.nixPath ?? '').split('=');
  expect(word).toBe('nixpkgs');
  expect(
    nix.run(['eval', '--raw', '--impure', '-I', `nixpkgs=${path ?? ''}`, '--expr', 'import <nixpkgs>']),
  ).toBe('two');
});
