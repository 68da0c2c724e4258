import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/object/id.ts';
import { openRepository } from '../../src/git/reader.ts';
import { askHistory } from './ask.ts';
import { buildHistory, type Built } from './build.ts';
import { withTexts } from './edits.ts';
import { judgeEachStep } from './reference.ts';

/** One thing that happens, with numbers that pick among what is there. */
interface Event {
  readonly kind: 'work' | 'join' | 'push' | 'merge' | 'resolve' | 'policy';
  readonly who: number;
  readonly one: number;
  readonly other: number;
  readonly signed: readonly number[];
}

const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'alice', 'bob', 'carol', 'dave', null] as const;
const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;

/** One signature is enough, so that lines get long: what is compared is the walk. */
const EASY = {
  unsigned: 'adopt',
  governance: '{ people: 1, from: admins }',
  require: ['{ name: alone, people: 1, from: maintainers }'],
} as const;

const event: fc.Arbitrary<Event> = fc.record({
  kind: fc.constantFrom('work', 'work', 'join', 'push', 'merge', 'merge', 'merge', 'resolve', 'policy'),
  who: fc.nat(8),
  one: fc.nat(30),
  other: fc.nat(30),
  signed: fc.array(fc.nat(11), { maxLength: 4 }),
});

/** Builds whatever the events say: side work from anywhere, also from before the introduction, criss-cross included. */
function play(events: readonly Event[]): { built: Built; line: readonly Oid[]; texts: readonly string[] } {
  const built = buildHistory({ about: 'random', steps: [] });
  const { scene } = built;
  const old = scene.commit({ files: { old: 'old\n' }, message: 'old' });
  const older = scene.commit({ on: old, files: { older: 'older\n' }, message: 'before' });
  const introduction = scene.commit({
    on: older,
    files: scene.policyFiles(EASY),
    as: 'alice',
  });
  const line: Oid[] = [introduction];
  const all: Oid[] = [old, older, introduction];
  const texts: string[] = [];
  const tip = (): Oid => line.at(-1) ?? introduction;
  for (const [number, { kind, who, one, other, signed }] of events.entries()) {
    const by = PEOPLE[who % PEOPLE.length] ?? null;
    const as = by === null ? {} : { as: by };
    const files = { [`pkgs/${number % 5}.nix`]: `${number}\n` };
    const pick = (at: number): Oid => all[at % all.length] ?? introduction;
    const parent = tip();
    let landed: Oid | null = null;
    let head = pick(one);
    if (kind === 'work') all.push(scene.commit({ on: head, files, message: `${number}`, ...as }));
    else if (kind === 'join') {
      if (head !== pick(other)) {
        all.push(scene.commit({ on: [head, pick(other)], files, message: `${number}`, ...as }));
      }
    } else if (kind === 'push') {
      landed = scene.commit({ on: parent, files, message: `${number}`, ...as });
      head = landed;
    } else if (kind === 'policy') {
      const governance = `{ people: ${1 + (one % 2)}, from: admins }`;
      landed = scene.commit({
        on: parent,
        files: scene.policyFiles({ ...EASY, governance }),
        message: `${number}`,
        ...as,
      });
      head = landed;
    } else if (head !== parent) {
      landed = merge(built, parent, head, kind === 'resolve' ? files : {}, as);
    }
    if (landed === null) continue;
    for (const index of signed) texts.push(...say(built, index, { parent, head, landed }));
    line.push(landed);
    all.push(landed);
  }
  withTexts(built, texts);
  built.git(['update-ref', 'refs/heads/master', tip()]);
  return { built, line, texts };
}

function merge(
  { scene }: Built,
  parent: Oid,
  head: Oid,
  files: Record<string, string>,
  as: { readonly as?: string },
): Oid {
  try {
    return scene.merge(parent, head, { files, ...as });
  } catch {
    // Several merge bases: the merge is whatever its maker made of it.
    return scene.commit({ on: [parent, head], files, ...as });
  }
}

function say(
  { scene }: Built,
  index: number,
  { parent, head, landed }: { readonly parent: Oid; readonly head: Oid; readonly landed: Oid },
): readonly string[] {
  const as = NAMES[index % NAMES.length] ?? 'alice';
  try {
    if (index < 6) return [scene.review({ as, base: parent, head })];
    if (index < 9) return [scene.adopt({ as, base: parent, head })];
    return [scene.ratify({ as, parent, commit: landed })];
  } catch {
    return [];
  }
}

test(
  'the walk over a history and the plain judgement of each step say the same',
  { timeout: 300_000 },
  async () => {
    let [passed, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 12 }), async (events) => {
        const { built, line, texts } = play(events);
        try {
          const plain = await judgeEachStep(built, line, texts);
          const told = await askHistory({ dir: built.dir, line });
          const isProven = plain.outcomes.every((outcome) => outcome === 'pass');
          expect(told).toMatchObject({
            outcome: plain.outcomes.at(-1) ?? 'pass',
            at: isProven ? null : plain.outcomes.length,
          });
          if (!isProven) expect(told.blocking.toSorted()).toEqual(plain.blocking.toSorted());
          if (isProven) passed += 1;
          else refused += 1;
          // From any place on the way, with what was proven until then, it ends in the same way.
          const middle = line[Math.floor(line.length / 2)];
          const first = await askHistory(
            { dir: built.dir, line },
            middle === undefined ? {} : { to: middle },
          );
          const resumed = await askHistory({ dir: built.dir, line }, { proven: first.state });
          expect(resumed).toEqual(told);
          await agreesOnSteps(built, line);
        } finally {
          built.remove();
        }
      }),
      { numRuns: RUNS },
    );
    expect(passed + refused).toBeGreaterThan(0);
  },
);

const RUNS = Number(process.env['HISTORIES_RUNS'] ?? 6);

/** What is answered from the lineage is what git answers about the same commits. */
async function agreesOnSteps({ dir }: Built, line: readonly Oid[]): Promise<void> {
  const [from] = line;
  const to = line.at(-1);
  if (from === undefined || to === undefined) return;
  const opened = await openRepository(dir);
  try {
    const walked = await opened.line(from, to);
    expect(walked?.steps).toEqual(line.slice(1));
    if (walked === null) return;
    const { repository: plain } = opened;
    for (const [index, commit] of walked.steps.entries()) {
      const parent = line[index] ?? from;
      const listed = await plain.listCommits(parent, commit, 1000);
      const ours = await walked.repository.listCommits(parent, commit, 1000);
      expect(ours.toSorted()).toEqual(listed.toSorted());
      expect(walked.sizes[index]).toBe(listed.length);
      const [raw = new Uint8Array()] = await plain.readCommits([commit]);
      const parents = [
        ...Buffer.from(raw)
          .toString('latin1')
          .matchAll(/^parent ([0-9a-f]+)$/gm),
      ];
      const second = line.find((id) => id === parents[1]?.[1]) ?? listed.find((id) => id === parents[1]?.[1]);
      for (const head of second === undefined ? [commit] : [commit, second]) {
        expect(await walked.repository.mergeBases(parent, head)).toEqual(
          await plain.mergeBases(parent, head),
        );
        for (const one of [...listed, ...line]) {
          expect(await walked.repository.isReachable(one, parent)).toBe(await plain.isReachable(one, parent));
        }
      }
    }
  } finally {
    await opened.dispose();
  }
}
