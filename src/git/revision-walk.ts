import { parseOid } from '../core/object/id.ts';
import type { Oid } from '../core/object/id.ts';
import type { Step } from './revision.ts';
import { COMMIT_BYTES } from './walk.ts';
import type { Ground } from './walk.ts';

/** Walks from a commit along the parents that its hashed bytes name; `null` where there is no such parent. */
export async function walkSteps(ground: Ground, from: Oid, steps: readonly Step[]): Promise<Oid | null> {
  let id = from;
  for (const { parent, times } of steps) {
    if (parent === 0) continue;
    for (let time = 0; time < times; time += 1) {
      const [raw] = await ground.objects.readObjects([id], 'commit', COMMIT_BYTES);
      const next = parentsOf(raw ?? new Uint8Array())[parent - 1];
      if (next === undefined) return null;
      id = next;
    }
  }
  return id;
}

/** As git reads them (commit.c, `parse_commit_buffer`), also where the commit is not written as git writes commits. */
function parentsOf(raw: Uint8Array): Oid[] {
  const [, ...lines] = Buffer.from(raw).toString('latin1').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('parent '));
  return lines.slice(0, Math.max(end, 0)).flatMap((line) => parseOid(line.slice('parent '.length)) ?? []);
}
