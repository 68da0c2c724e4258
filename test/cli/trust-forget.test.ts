import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openMemory } from '../../src/trust/memory.ts';
import { keepIn } from '../trust/texts.ts';
import { given, KEY, REMEMBERED, URL, useTrustStage } from './trust-stage.ts';

const stage = useTrustStage();

describe('trust forget', () => {
  test('drops the memory, and says what that means', async () => {
    await stage.run('add', given(), given('stable'));
    await keepIn(openMemory(stage.state, KEY), REMEMBERED);
    const { code, out } = await stage.run('forget', URL);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        `forgotten: 1 memory of branch \`master\` of \`${URL}\``,
        `nothing was remembered of branch \`stable\` of \`${URL}\``,
        '  → until it is proven anew, an older state than the one you had would be accepted',
        '',
      ].join('\n'),
    );
    expect(await openMemory(stage.state, KEY).read()).toEqual({ state: 'none' });
  });

  test('drops what cannot be read any more', async () => {
    await stage.run('add', given());
    const memory = openMemory(stage.state, KEY);
    await keepIn(memory, REMEMBERED);
    await writeFile(memory.path, 'nonsense');
    const forgotten = JSON.parse(
      (await stage.run('forget', URL, '--branch', 'master', '--json')).out,
    ) as unknown;
    expect(forgotten).toMatchObject({ forgotten: [{ branch: 'master', memories: 1 }] });
    expect(await memory.read()).toEqual({ state: 'none' });
  });

  test('of what is not trusted is refused', async () => {
    expect((await stage.run('forget', URL)).code).toBe(1);
  });
});

describe('what trust forget cannot drop', () => {
  interface Told {
    readonly findings: readonly {
      readonly code: string;
      readonly message: string;
      readonly remedy: string;
    }[];
  }

  /** What is said to people is what is said to programs; neither names the command that was just run. */
  async function refused(path: string, why: string): Promise<string> {
    const shown = await stage.run('forget', URL);
    expect([shown.code, shown.out]).toEqual([2, '']);
    const { code, out } = await stage.run('forget', URL, '--json');
    expect(code).toBe(2);
    const [found] = (JSON.parse(out) as Told).findings;
    expect(found).toMatchObject({ code: 'file-unreadable' });
    expect(found?.message).toContain(`\`${path}\``);
    expect(found?.message).toContain(why);
    expect(shown.err).toBe(
      `countersign trust forget: ${found?.message ?? ''} [file-unreadable]\n  → ${found?.remedy ?? ''}\n`,
    );
    expect(found?.remedy).not.toContain('trust forget');
    expect(found?.remedy).toContain(`\`ls -ld ${path}\``);
    return found?.remedy ?? '';
  }

  test('a memory that is a folder: a person looks, and removes it by hand', async () => {
    await stage.run('add', given());
    const { path } = openMemory(stage.state, KEY);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'somebody'), 'put something there');
    const remedy = await refused(path, 'cannot be removed: it is a folder');
    expect(remedy).toContain('remove it by hand');
    expect(remedy).toContain('until then an older state would be accepted');
    await rm(path, { recursive: true });
    expect((await stage.run('forget', URL)).code).toBe(0);
  });

  test('where the folder of all is none: a person moves it away, and knows what goes with it', async () => {
    await stage.run('add', given());
    const folder = dirname(openMemory(stage.state, KEY).path);
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(folder, 'nonsense');
    // This is what sends people here.
    expect((await stage.run('list')).out).toContain(`→ countersign trust forget ${URL}`);
    const remedy = await refused(folder, 'cannot be read: a part of its path is no folder');
    expect(remedy).toContain('move it away');
    expect(remedy).toContain('every repository');
    await rm(folder);
    expect((await stage.run('forget', URL)).code).toBe(0);
  });
});
