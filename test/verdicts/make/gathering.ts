import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Facts } from '../../../src/core/facts/facts.ts';
import type { Verdict } from '../../../src/core/verdict/verdict.ts';
import { gather } from '../../../src/gather/gather.ts';
import { openRepository } from '../../../src/git/reader.ts';
import { decide } from '../../../src/judge.ts';
import type { Judged } from './case.ts';
import { openStore } from './objects.ts';
import { NOW, openScene, PROJECT, type Scene } from './scene.ts';

/** Makes a scene in a repository of its own, and gathers the facts of it as everybody else does. */
export async function gatherScene(
  make: (scene: Scene) => Judged,
  people?: readonly string[],
): Promise<Facts> {
  const home = mkdtempSync(join(tmpdir(), 'cv-'));
  try {
    execFileSync('git', ['init', '--quiet', '--bare', home]);
    const {
      target,
      statements = [],
      earlier = [],
    } = make(openScene(openStore(join(home, 'objects')), people));
    const sources = statements.map((text, index) => ({ from: `comment ${index + 1}`, text }));
    const opened = await openRepository(home);
    try {
      const about = () => Promise.resolve({ sources, earlier });
      const ports = { repository: opened.repository, statements: { about } };
      return await gather(target, ports, { now: NOW, repository: PROJECT });
    } finally {
      await opened.dispose();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A verdict with its codes, for tests that look at some of them. */
export async function judgeScene(
  make: (scene: Scene) => Judged,
  people?: readonly string[],
): Promise<Verdict & { readonly codes: readonly string[] }> {
  const verdict = await decide(await gatherScene(make, people));
  return { ...verdict, codes: verdict.rulings.flatMap(({ findings }) => findings.map(({ code }) => code)) };
}
