import type { Facts } from '../../src/core/facts/facts.ts';
import type { Judged } from '../verdicts/make/case.ts';
import { gatherScene } from '../verdicts/make/gathering.ts';
import type { About, Scene } from '../verdicts/make/scene.ts';

/** A statement as somebody might post it, with the truth about it that no judgement is told. */
export interface Posted {
  readonly text: string;
  /** Whom it names. */
  readonly named: string;
  /** Whose key signed it. */
  readonly by: string;
  readonly kind: 'approve' | 'adopt' | 'reject' | 'withdraw' | 'overrule' | 'ratify' | 'revoke';
  /** What it says is right: the project, the branch, the change. */
  readonly right: boolean;
  /** Whether it is about the first of the heads: what is judged. */
  readonly central: boolean;
}

/** One change or step, and everything that anybody could say about it. */
export interface World {
  readonly facts: Facts;
  /** Who really signed commits. */
  readonly signers: readonly string[];
  readonly pool: readonly Posted[];
  /** The same facts with only these statements. */
  with(posted: readonly Posted[]): Facts;
}

export interface Played extends Judged {
  readonly signers: readonly string[];
  readonly pool: readonly Posted[];
}

/** Gathers the facts of a world once: what lies between the bases and heads is the same whichever statements are posted. */
export async function openWorld(play: (scene: Scene) => Played): Promise<World> {
  const plays: Played[] = [];
  const facts = await gatherScene((scene) => {
    const played = play(scene);
    plays.push(played);
    return { ...played, statements: played.pool.map(({ text }) => text) };
  });
  const { signers = [], pool = [] } = plays[0] ?? {};
  if (facts.statements.length !== pool.length) throw new Error('every text holds one signed text');
  const signed = new Map(pool.map((one, index) => [one, facts.statements[index]]));
  return {
    facts,
    signers,
    pool,
    with: (posted) => ({ ...facts, statements: posted.flatMap((one) => signed.get(one) ?? []) }),
  };
}

const PEOPLE = ['alice', 'bob', 'carol', 'dave'] as const;
const SERIALS = [1, 2, 3] as const;
/** Above all that is in a pool: what is said last. */
export const FRESH = 9;

/** Everything that four people, and a stranger in their names, could say about these; the first is what is judged. */
export function poolOf(scene: Scene, spans: readonly Pick<About, 'base' | 'head'>[]): Posted[] {
  const pool: Posted[] = [];
  for (const { base, head } of spans) {
    for (const as of PEOPLE) {
      const post = (kind: Posted['kind'], text: string, by: string = as, right = true): void => {
        pool.push({ text, named: as, by, kind, right, central: head === spans[0]?.head });
      };
      for (const serial of [...SERIALS, FRESH]) {
        const about = { as, base, head, serial };
        post('approve', scene.review(about));
        post('adopt', scene.adopt(about));
        if (serial === FRESH) continue;
        post('reject', scene.review({ ...about, decision: 'reject' }));
        post('withdraw', scene.review({ ...about, decision: 'withdraw' }));
      }
      post('approve', scene.review({ as, base, head, key: 'mallory' }), 'mallory');
      post('adopt', scene.adopt({ as, base, head, key: 'erin' }), 'erin');
      post('approve', scene.review({ as, base, head, change: 'c'.repeat(64), serial: 2 }), as, false);
      post('approve', scene.review({ as, base, head, branch: 'staging', serial: 2 }), as, false);
      for (const of of PEOPLE.filter((name) => name !== as)) {
        post('overrule', scene.overrule({ as, of, head, serial: 3 }));
      }
    }
  }
  for (const as of PEOPLE) {
    for (const of of PEOPLE) {
      pool.push({
        text: scene.revoke({ as, of }),
        named: as,
        by: as,
        kind: 'revoke',
        right: true,
        central: true,
      });
    }
  }
  return pool;
}

/** Outside work with a maintainer's commit on top, rebased once; more is asked for where many things rest on it. */
export function playChange(scene: Scene): Played {
  const base = scene.policy({
    unsigned: 'adopt',
    governance: '{ people: 2, from: admins }',
    require: [
      '{ name: everything, people: 2, approvals: 1, from: maintainers }',
      '{ name: foundations, paths: ["lib/**"], people: 3, from: core }',
    ],
  });
  const old = scene.commit({ on: base, files: { 'lib/a.nix': '1\n' } });
  const tip = scene.commit({ on: base, files: { 'pkgs/b.nix': '1\n' }, as: 'carol' });
  const first = scene.rebase(old, tip);
  const head = scene.commit({ on: first, files: {}, as: 'alice', message: 'and nothing more' });
  return {
    target: { kind: 'change', branch: 'master', tip, head },
    earlier: [old],
    signers: ['alice'],
    pool: poolOf(scene, [
      { base: tip, head },
      { base: tip, head: first },
      { base, head: old },
    ]),
  };
}

/** Outside work alone: whoever adopts it approves nothing. */
export function playOutside(scene: Scene): Played {
  const base = scene.policy({ unsigned: 'adopt', governance: '{ people: 2, from: admins }' });
  const head = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } });
  return {
    target: { kind: 'change', branch: 'master', tip: base, head },
    signers: [],
    pool: poolOf(scene, [{ base, head }]),
  };
}

/** A merge that carol signed, who counts as an approver of what she merged. */
export function playStep(scene: Scene): Played {
  const base = scene.policy({
    unsigned: 'adopt',
    merges: '{ signer-counts-as: approver }',
    governance: '{ people: 2, from: admins }',
    require: ['{ name: everything, people: 3, approvals: 2, from: maintainers }'],
  });
  const first = scene.commit({ on: base, files: { 'pkgs/a.nix': '1\n' } });
  const head = scene.commit({ on: first, files: { 'pkgs/b.nix': '1\n' }, as: 'alice' });
  const merge = scene.merge(base, head, { as: 'carol' });
  const spans = [head, merge, first].map((one) => ({ base, head: one }));
  const ratified = PEOPLE.map((as): Posted => {
    const text = scene.ratify({ as, parent: base, commit: merge });
    return { text, named: as, by: as, kind: 'ratify', right: true, central: true };
  });
  return {
    target: { kind: 'step', branch: 'master', parent: base, commit: merge },
    signers: ['alice', 'carol'],
    pool: [...poolOf(scene, spans), ...ratified],
  };
}
