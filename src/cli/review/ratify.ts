import type { Io } from '../io.ts';
import { draft } from './draft.ts';
import { reasonOf } from './reason.ts';
import { finish } from './finish.ts';
import { openStep, readCommit } from './one.ts';
import { Refusal, runGuarded } from './refusal.ts';
import { withWorkplace, type WorkOptions } from './workplace.ts';

export interface RatifyOptions extends WorkOptions {
  readonly reason?: string;
}

/** `countersign ratify`: governance takes upon itself a landed step that nothing else can prove. */
export function ratify(revision: string, options: RatifyOptions, io: Io): Promise<number> {
  return runGuarded('ratify', options, io, () =>
    withWorkplace(options, io, async (work) => {
      const reason = await reasonOf(options.reason, io);
      const { item, me } = await openStep(work, revision, options);
      const { people, from } = item.policy.governance;
      if (item.policy.groups.get(from)?.has(me.name) !== true) {
        throw new Refusal(
          'not-governance',
          `only members of \`${from}\` at the step's parent ratify, and \`${me.name}\` is none`,
        );
      }
      if (item.verdict.enforced === 'pass') {
        throw new Refusal('nothing-lacks', 'this step lacks nothing: there is nothing to ratify');
      }
      const { head: commit, tip: parent } = item.subject;
      const { tree } = await readCommit(work, commit);
      const ratification = draft(item, {
        type: 'ratify',
        project: item.policy.project,
        branch: item.target.branch,
        parent,
        commit,
        tree,
        ratifier: me.name,
        reason,
      });
      if (options.json !== true) {
        io.err(
          `it takes ${people} of \`${from}\` to ratify a step; every verification shows it from then on\n`,
        );
      }
      // What governance takes upon itself is never signed along with anything else.
      return finish(work, me, [{ ...ratification, alone: true }], options);
    }),
  );
}
