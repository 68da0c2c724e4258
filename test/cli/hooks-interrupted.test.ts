import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { usePullStage, type PullStage } from './pull-stage.ts';

const use = usePullStage();
let stage: PullStage;
let program: string;
beforeEach(async () => {
  ({ stage } = use);
  await stage.reset();
  program = join(stage.home, '../bin/countersign');
  await stage.must(['fetch', '--quiet', stage.built.dir, stage.built.at(4)]);
});
afterEach(() => {
  mend();
});

const TRACKED = 'refs/remotes/origin/master';

/** Loaded before the program: it strikes at one of the program's changes to what hooks read in the git directory. */
const PRELOAD = `
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
let calls = 0;
for (const name of ['mkdir', 'open', 'writeFile', 'rename', 'rm', 'link', 'symlink']) {
  const real = fsp[name];
  fsp[name] = async (...args) => {
    if (args.some((one) => /\\/\\.git\\/countersign(?:\\/|$)/.test(String(one)))) {
      calls += 1;
      const at = Number(process.env.STRIKE_AT);
      if (calls >= at) fs.writeFileSync(process.env.STRUCK, name);
      if (calls === at && process.env.STRIKE === 'kill') process.kill(process.pid, 'SIGKILL');
      // From here on the disk is full.
      if (calls >= at) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: name });
    }
    return real.apply(fsp, args);
  };
}
syncBuiltinESMExports();
`;

/** From now on the program is struck at its nth change; tells whether it came so far. */
function strikeAt(how: string, nth: number): () => boolean {
  const preload = join(stage.home, 'strike.mjs');
  const struck = join(stage.home, 'struck');
  rmSync(struck, { force: true });
  writeFileSync(preload, PRELOAD);
  renameSync(program, `${program}.real`);
  const variables = `STRIKE=${how} STRIKE_AT=${nth} STRUCK='${struck}' NODE_OPTIONS='--import ${preload}'`;
  writeFileSync(program, `#!/bin/sh\n${variables} exec '${program}.real' "$@"\n`);
  chmodSync(program, 0o755);
  return () => existsSync(struck);
}

function mend(): void {
  if (existsSync(`${program}.real`)) renameSync(`${program}.real`, program);
}

describe('what hooks know of trusted branches, where writing it', () => {
  test.each(['kill', 'disk full'])(
    'ends early (%s): the branch stays guarded, wherever it ended',
    { timeout: 180_000 },
    async (how) => {
      const own = join(stage.home, '.config/countersign/trust.yaml');
      let points = 0;
      for (let struck = true; struck; points += Number(struck)) {
        // The hooks know that nothing is trusted; then the person trusts a branch.
        writeFileSync(own, 'version: 1\nrepositories: []\n');
        expect((await stage.cli('hooks', 'install')).code).toBe(0);
        stage.trust();
        const hasStruck = strikeAt(how === 'kill' ? 'kill' : 'full', points + 1);
        expect((await stage.git(['update-ref', TRACKED, stage.built.at(4)])).code).not.toBe(0);
        struck = hasStruck();
        mend();
        const refused = await stage.git(['update-ref', TRACKED, stage.built.at(4)]);
        expect([points, refused.code === 0]).toEqual([points, false]);
        expect(refused.err).toContain('is a trusted branch, and does not move to what is not proven');
      }
      expect(points).toBeGreaterThan(2);
      expect((await stage.refs()).get(TRACKED)).toBe(stage.built.at(1));
    },
  );

  test('left a part of it behind: nothing of that counts', { timeout: 60_000 }, async () => {
    const own = join(stage.home, '.config/countersign/trust.yaml');
    const guard = join(stage.clone, '.git/countersign/trusted');
    expect((await stage.cli('hooks', 'install')).code).toBe(0);
    const whole = readFileSync(guard, 'utf8');
    expect(whole).toBe(`countersign trusted 1 file\nmaster\n\n${readFileSync(own, 'utf8')}`);
    const other = whole.replace('master', 'x');
    const halves = ['', 'countersign trusted 1 file\n', whole.slice(0, 28), other.slice(0, -1)];
    const lies = [other.replace('1 file', '1 none'), other.replace('1 file', '2 file'), `\n${other}`];
    for (const text of [...halves, ...lies]) {
      writeFileSync(guard, text);
      const { code } = await stage.git(['update-ref', TRACKED, stage.built.at(4)]);
      expect([text, code === 0]).toEqual([text, false]);
      expect(readFileSync(guard, 'utf8')).toBe(whole);
    }
  });

  test('finds what older hooks read, that is gone afterwards', async () => {
    const folder = join(stage.clone, '.git/countersign');
    expect((await stage.cli('hooks', 'install')).code).toBe(0);
    writeFileSync(join(folder, 'branches'), '');
    writeFileSync(join(folder, 'trust.yaml'), '');
    expect((await stage.cli('hook', 'branches')).code).toBe(0);
    expect([existsSync(join(folder, 'branches')), existsSync(join(folder, 'trust.yaml'))]).toEqual([
      false,
      false,
    ]);
  });
});
