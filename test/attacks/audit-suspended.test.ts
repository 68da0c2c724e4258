import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useFollowedStage, type FollowedStage, type Ran } from '../cli/followed-stage.ts';

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** Suspends the process (SIGSTOP) before the first file system call of a name that has a word in its arguments. */
const PRELOAD = `
import fs from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const [call, word, marker] = JSON.parse(process.env.SUSPEND);
const real = fs[call];
let done = false;
fs[call] = (...given) => {
  if (!done && given.some((one) => String(one).includes(word))) {
    done = true;
    writeFileSync(marker, '');
    process.kill(process.pid, 'SIGSTOP');
  }
  return real(...given);
};
syncBuiltinESMExports();
`;

const use = useFollowedStage({
  steps: [
    { by: 'alice', approved: ['bob'], files: { 'default.nix': '"one"\n' } },
    { by: 'bob', approved: ['carol'], files: { 'default.nix': '"two"\n' } },
    { by: 'carol', approved: ['dave'], files: { 'default.nix': '"three"\n' } },
  ],
});
let stage: FollowedStage;
let folder: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  folder = join(stage.home, '.local/share/countersign/channels/nixpkgs-master');
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** `channel update` in a process of its own, once it has suspended itself; the result is what it says after it goes on. */
async function suspended(
  call: string,
  word: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<() => Promise<Ran>> {
  const [marker, preload] = [join(stage.root, 'suspended'), join(stage.root, 'suspend.mjs')];
  rmSync(marker, { force: true });
  writeFileSync(preload, PRELOAD);
  const args = ['--disable-warning=ExperimentalWarning', '--import', preload, program, 'channel', 'update'];
  const env = {
    ...{ HOME: stage.home, PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(stage.root, 'compiled') },
    ...{ SUSPEND: JSON.stringify([call, word, marker]), ...environment },
  };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const ended = new Promise<number>((done) => {
    child.on('close', (code) => {
      done(code ?? -1);
    });
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const isStopped = (): boolean =>
    existsSync(marker) && / T /.test(readFileSync(`/proc/${child.pid ?? 0}/stat`, 'latin1'));
  while (!isStopped()) {
    if (child.exitCode !== null) throw new Error(`it ended before: ${(await said).join('')}`);
    await sleep(20);
  }
  return async () => {
    child.kill('SIGCONT');
    const [code, [out, err]] = await Promise.all([ended, said]);
    return { code, out, err };
  };
}

/** Its silence has lasted long enough for others to go on without it. */
function silence(): void {
  const old = new Date(Date.now() - 120_000);
  utimesSync(`${folder}.lock`, old, old);
}

const current = (): string => readlinkSync(join(folder, 'current'));

describe('a channel update that was suspended while another went further', () => {
  test.each([
    ['before it switches', 'symlink', 'link-', 'history-downgrade'],
    ['before it remembers', 'mkdir', '/countersign/history/', 'memory-not-kept'],
  ])('%s leaves the channel where it is', async (_, call, word, code) => {
    stage.publish(1);
    const goOn = await suspended(call, word);
    stage.publish(3);
    silence();
    expect((await stage.cli('channel', 'update')).code).toBe(0);
    expect(current()).toBe(stage.built.at(3));
    const ran = await goOn();
    expect(ran.out).toContain(`[${code}]`);
    expect(ran.out).toContain('nothing was changed');
    expect(ran.code).not.toBe(0);
    expect(current()).toBe(stage.built.at(3));
    expect(existsSync(`${folder}.lock`)).toBe(false);
    expect((await stage.cli('channel', 'update')).out).toContain('already at');
  });

  test('goes on where it is itself ahead', async () => {
    stage.publish(1);
    expect((await stage.cli('channel', 'update')).code).toBe(0);
    stage.publish(3);
    const goOn = await suspended('symlink', 'link-');
    const ran = await goOn();
    expect([ran.code, current()]).toEqual([0, stage.built.at(3)]);
  });
});
