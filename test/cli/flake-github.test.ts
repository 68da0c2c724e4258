import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { nodesOf, type NodeText } from '../nix/locks.ts';
import { hashOf, useFollowedStage, without, type FollowedStage } from './followed-stage.ts';

const use = useFollowedStage({
  steps: [
    { by: 'alice', approved: ['bob'] },
    { by: 'bob', approved: ['carol'] },
    {
      by: 'carol',
      files: { '.gitattributes': 'a.nix export-subst\n' },
      approved: ['alice', 'bob', 'dave'],
    },
    { by: 'alice', approved: ['bob'] },
  ],
});
let stage: FollowedStage;

/** The server that a stand-in for ssh leads to has the repository at `acme/nixpkgs`. */
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  const programs = join(stage.root, 'bin');
  mkdirSync(programs, { recursive: true });
  const script = `#!/bin/sh\nwhile [ "$1" != git@github.com ]; do shift; done\nshift\ncd '${stage.root}' && exec sh -c "$*"\n`;
  writeFileSync(join(programs, 'ssh'), script);
  chmodSync(join(programs, 'ssh'), 0o755);
  vi.stubEnv('PATH', `${programs}:${process.env['PATH'] ?? ''}`);
  stage.trust({ url: 'git@github.com:acme/nixpkgs' });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** As nix locks `github:acme/nixpkgs/master`. */
async function node(step: number, more: Readonly<Record<string, unknown>> = {}): Promise<NodeText> {
  const rev = stage.built.at(step);
  const narHash = await hashOf(stage.built.dir, rev);
  const lastModified = Number(stage.built.git(['show', '-s', '--format=%ct', rev]));
  const place = { owner: 'acme', repo: 'nixpkgs', type: 'github' };
  return {
    locked: { lastModified, narHash, ...place, rev, ...more },
    original: { ...place, ref: 'master' },
  };
}

describe('an input of GitHub', () => {
  test('is followed from where the trust file says, and moved without what tarballs do not have', async () => {
    stage.lock(nodesOf({ nixpkgs: await node(1) }));
    stage.publish(2);
    const { code, out, err } = await stage.cli('flake', 'update');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).toContain('git@github.com:acme/nixpkgs has master at');
    expect(out).toContain('nixpkgs (acme/nixpkgs master): proven');
    expect(stage.locked()).toEqual((await node(2)).locked);
    expect((await stage.cli('flake', 'check')).code).toBe(0);
  });

  test('a branch that flake.nix does not name is the trusted one; another one is unverified', async () => {
    const { locked, original } = await node(1);
    const plain = without(original, 'ref');
    stage.lock(
      nodesOf({ nixpkgs: { locked, original: plain }, other: { locked, original: { ...plain, ref: 'v1' } } }),
    );
    stage.publish(2);
    const { code, err } = await stage.cli('flake', 'update');
    expect(code).toBe(0);
    expect(err).toContain(
      '**UNVERIFIED** other (github:acme/nixpkgs): your trust file knows `master` of its repository, not `v1`',
    );
    expect(err).toContain('--introduction COMMIT --branch v1');
    expect(stage.locked()['rev']).toBe(stage.built.at(2));
    expect(stage.locked('other')['rev']).toBe(stage.built.at(1));
  });

  test('attributes that change a tarball are named, and a hash that differs is then not called wrong', async () => {
    stage.lock(nodesOf({ nixpkgs: await node(2) }));
    stage.publish(4);
    const { code, out } = await stage.cli('flake', 'update');
    expect(code).toBe(0);
    expect(out).toContain('`.gitattributes:1` says export-subst [flake-tarball-attributes]');
    expect(out).toContain('ask for it as `git+https://github.com/acme/nixpkgs`');
    expect(stage.locked()['rev']).toBe(stage.built.at(4));
    expect((await stage.cli('flake', 'check')).code).toBe(0);

    stage.lock(nodesOf({ nixpkgs: await node(4, { narHash: `sha256-${'A'.repeat(43)}=` }) }));
    const before = stage.lockBytes();
    for (const command of ['update', 'check']) {
      const ran = await stage.json('flake', command);
      expect(ran.code).toBe(2);
      expect(ran.json.inputs[0]?.problems.map((one) => one.code)).toEqual([
        'flake-nar-hash-differs',
        'flake-tarball-attributes',
      ]);
    }
    expect(stage.lockBytes()).toBe(before);
  });

  test('a host of its own is another repository', async () => {
    const more = { host: 'github.example.org' };
    const { locked, original } = await node(1, more);
    stage.lock(nodesOf({ nixpkgs: { locked, original: { ...original, ...more } } }));
    const { code, err } = await stage.cli('flake', 'check');
    expect(code).toBe(2);
    expect(err).toContain('**UNVERIFIED** nixpkgs');
  });
});

describe('who says what is trusted', () => {
  const entry = (introduction: string): string =>
    `version: 1\nrepositories:\n  - url: git@github.com:acme/nixpkgs\n    branch: master\n    introduction: ${introduction}\n`;

  test('a countersign.lock beside the flake; the user’s own word against it is an error', async () => {
    stage.trust();
    stage.lock(nodesOf({ nixpkgs: await node(1) }));
    writeFileSync(join(stage.flake, 'countersign.lock'), entry(stage.built.at(0)));
    expect((await stage.cli('flake', 'check')).code).toBe(0);
    stage.trust({ url: 'git@github.com:acme/nixpkgs', introduction: stage.built.at(1) });
    const { code, err } = await stage.cli('flake', 'check');
    expect(code).toBe(2);
    expect(err).toContain('disagree about branch `master`');
    rmSync(join(stage.flake, 'countersign.lock'));
  });

  test('--trust alone', async () => {
    stage.trust();
    stage.lock(nodesOf({ nixpkgs: await node(1) }));
    writeFileSync(join(stage.home, 'given.yaml'), entry(stage.built.at(0)));
    expect((await stage.cli('flake', 'check')).code).toBe(2);
    expect((await stage.cli('flake', 'check', '--trust', '../given.yaml')).code).toBe(0);
  });
});
