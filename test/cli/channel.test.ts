import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { useFollowedStage, type FollowedStage } from './followed-stage.ts';

const use = useFollowedStage({
  steps: [
    { by: 'alice', approved: ['bob'], files: { 'default.nix': '"one"\n' } },
    { by: 'bob', approved: ['carol'], files: { 'default.nix': '"two"\n' } },
    { by: 'carol', approved: ['dave'], files: { 'default.nix': '"three"\n' } },
    { by: 'dave', approved: ['alice'], files: { 'default.nix': '"four"\n' } },
    { by: 'alice', files: { 'default.nix': '"five"\n' } },
  ],
});
let stage: FollowedStage;
let folder: string;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  folder = join(stage.home, '.local/share/countersign/channels/nixpkgs-master');
});

const here = (): readonly string[] => readdirSync(folder).sort();
const read = (): string => readFileSync(join(folder, 'current/default.nix'), 'utf8');

describe('channel update', () => {
  test('writes the newest proven tree, and prints where nix finds it', async () => {
    stage.publish(5);
    const { code, out } = await stage.cli('channel', 'update');
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(read()).toBe('"four"\n');
    expect(readlinkSync(join(folder, 'current'))).toBe(stage.built.at(4));
    expect(out).toContain(`export NIX_PATH=nixpkgs=${join(folder, 'current')}\n`);
    expect(out).toContain('1 step ahead of what is proven');
    expect(here()).toEqual(['channel.json', 'current', stage.built.at(4)].sort());
    expect(readdirSync(join(folder, '..'))).toEqual(['nixpkgs-master']);
  });

  test('keeps the three trees used last, and a running reader keeps its own', async () => {
    for (const step of [1, 2, 3]) {
      stage.publish(step);
      expect((await stage.cli('channel', 'update', 'nixpkgs-master')).code).toBe(0);
    }
    stage.publish(4);
    expect((await stage.cli('channel', 'update', 'nixpkgs')).code).toBe(0);
    const kept = [2, 3, 4].map((step) => stage.built.at(step));
    expect(here()).toEqual(['channel.json', 'current', ...kept].sort());
    const { code, json } = await stage.json('channel', 'list');
    expect(code).toBe(0);
    expect(json.channels[0]).toMatchObject({
      ...{ name: 'nixpkgs-master', branch: 'master', current: stage.built.at(4), word: 'nixpkgs' },
      revisions: kept.toReversed().map((rev) => ({ rev })),
    });
    expect((await stage.cli('channel', 'list')).out).toContain('3 trees kept');
  });

  test('a tree that was changed on disk is written anew', async () => {
    await stage.cli('channel', 'update');
    const file = join(folder, 'current/default.nix');
    for (const harm of [
      () => {
        unlinkSync(file);
      },
      () => {
        rmSync(file);
        writeFileSync(file, '"evil"\n');
      },
      () => {
        rmSync(file);
        symlinkSync('/etc/hostname', file);
      },
      () => {
        chmodSync(file, 0o755);
      },
      () => {
        writeFileSync(join(folder, 'current/more.nix'), '');
      },
    ]) {
      harm();
      expect((await stage.cli('channel', 'update')).code).toBe(0);
      expect(read()).toBe('"one"\n');
      expect(lstatSync(file).mode & 0o777).toBe(0o444);
      expect(here()).toEqual(['channel.json', 'current', stage.built.at(1)].sort());
    }
  });

  test('what an interrupted update left behind is cleared away', async () => {
    await stage.cli('channel', 'update');
    mkdirSync(join(folder, 'new-00000000-0000-0000-0000-000000000000/deep'), { recursive: true });
    symlinkSync('nowhere', join(folder, 'link-00000000-0000-0000-0000-000000000000'));
    await stage.cli('channel', 'update');
    expect(here()).toEqual(['channel.json', 'current', stage.built.at(1)].sort());
  });
});

describe('a forge that serves something else changes nothing', () => {
  const untouched = async (want: number, code: string): Promise<void> => {
    const before = here();
    const text = read();
    const { code: got, json } = await stage.json('channel', 'update');
    expect(json.channels[0]?.findings.map((one) => one.code)).toContain(code);
    expect(got).toBe(want);
    expect(json.channels[0]?.accepted).toBeNull();
    expect(here()).toEqual(before);
    expect(read()).toBe(text);
  };

  test('an old head', async () => {
    stage.publish(2);
    await stage.cli('channel', 'update');
    stage.publish(1);
    await untouched(1, 'history-downgrade');
    // The channel itself remembers, where nothing else does.
    rmSync(join(stage.home, '.local/state'), { recursive: true });
    rmSync(join(stage.home, '.cache'), { recursive: true });
    await untouched(1, 'history-downgrade');
    expect((await stage.cli('channel', 'update', '--allow-downgrade')).code).toBe(0);
    expect(read()).toBe('"one"\n');
  });

  test('a rewritten ledger', async () => {
    stage.publish(2);
    await stage.cli('channel', 'update');
    stage.publish(3, stage.built.ledger.tips[0] ?? null);
    await untouched(1, 'ledger-rewritten');
  });

  test('an unreviewed commit: the channel goes to the one before it', async () => {
    const { commit } = stage.built.extend(stage.built.at(2), { by: 'mallory' });
    stage.publish(commit);
    const { code, json } = await stage.json('channel', 'update');
    expect(code).toBe(0);
    expect(json.channels[0]).toMatchObject({ accepted: stage.built.at(2), ahead: 1 });
    expect(read()).toBe('"two"\n');
  });

  test('nothing there at first: no channel is made', async () => {
    stage.trust({ introduction: stage.built.at(3) });
    const { code, out } = await stage.cli('channel', 'update', 'nixpkgs');
    expect(code).toBe(2);
    expect(out).toContain('nothing was changed');
    expect(() => here()).toThrow('ENOENT');
  });
});

describe('names', () => {
  test('of several channels one has to be said, until they are here', async () => {
    stage.trust({}, { branch: 'release/1' });
    const { code, err } = await stage.cli('channel', 'update');
    expect(code).toBe(64);
    expect(err).toContain('`nixpkgs-master`, `nixpkgs-release-1`');
    expect((await stage.cli('channel', 'update', 'nixpkgs')).code).toBe(64);
    expect((await stage.cli('channel', 'update', 'nixpkgs-master')).code).toBe(0);
    expect((await stage.json('channel', 'update')).json.channels).toHaveLength(1);
  });

  test('of two repositories with one name the owner is part', async () => {
    stage.trust({ url: 'https://github.com/acme/nixpkgs' }, { url: 'https://github.com/other/nixpkgs' });
    const { code, err } = await stage.cli('channel', 'update');
    expect(code).toBe(64);
    expect(err).toContain('`github.com-acme-nixpkgs-master`, `github.com-other-nixpkgs-master`');
  });

  test('a folder that holds another repository is left alone', async () => {
    await stage.cli('channel', 'update');
    const about = join(folder, 'channel.json');
    writeFileSync(about, readFileSync(about, 'utf8').replace(stage.built.at(0), stage.built.at(1)));
    stage.publish(2);
    const { code, out } = await stage.cli('channel', 'update');
    expect(code).toBe(2);
    expect(out).toContain('remove it first');
    expect(read()).toBe('"one"\n');
  });

  test('a folder in the place of the link, and nothing trusted', async () => {
    mkdirSync(join(folder, 'current'), { recursive: true });
    writeFileSync(join(folder, 'current/mine'), '');
    expect((await stage.cli('channel', 'update')).code).toBe(2);
    expect(readdirSync(join(folder, 'current'))).toEqual(['mine']);
    stage.trust();
    expect((await stage.cli('channel', 'update')).code).toBe(64);
    expect((await stage.cli('channel', 'update', 'nixpkgs')).err).toContain('countersign trust add');
  });
});
