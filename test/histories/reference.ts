import type { Oid } from '../../src/core/object/id.ts';
import type { Finding } from '../../src/core/verdict/finding.ts';
import { judge } from '../../src/judge.ts';
import { openRepository } from '../../src/git/reader.ts';
import { NOW, PROJECT } from '../verdicts/make/scene.ts';
import type { Built } from './build.ts';

/** What the judgement of each step says when it is asked for alone, with all statements there are. */
export interface Reference {
  /** Of the steps from the oldest on, up to the first that does not pass. */
  readonly outcomes: readonly string[];
  /** Codes of the last of them. */
  readonly codes: readonly string[];
  readonly blocking: readonly string[];
}

/** A second way to the answer, slow and plain: the same judgement of each step as for a push, and no trust state. */
export async function judgeEachStep(
  { dir }: Pick<Built, 'dir'>,
  line: readonly Oid[],
  texts: readonly string[],
): Promise<Reference> {
  const opened = await openRepository(dir);
  try {
    const sources = texts.map((text, index) => ({ from: `statement ${index + 1}`, text }));
    const statements = { about: () => Promise.resolve({ sources, earlier: [] }) };
    const outcomes: string[] = [];
    let last: readonly Finding[] = [];
    for (const [index, commit] of line.entries()) {
      const parent = line[index - 1];
      if (parent === undefined) continue;
      const target = { kind: 'step', branch: 'master', parent, commit } as const;
      const ports = { repository: opened.repository, statements };
      const { verdict } = await judge(target, ports, { now: NOW, repository: PROJECT });
      outcomes.push(verdict.outcome);
      last = verdict.rulings.flatMap(({ findings }) => findings);
      if (verdict.outcome !== 'pass') break;
    }
    const blocking = last.filter(({ outcome }) => outcome !== 'pass');
    return { outcomes, codes: last.map(({ code }) => code), blocking: blocking.map(({ code }) => code) };
  } finally {
    await opened.dispose();
  }
}
