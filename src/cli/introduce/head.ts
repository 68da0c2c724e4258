import type { Oid } from '../../core/object/id.ts';
import { extractStatements, type StatementSource } from '../../core/statement/extract.ts';
import type { HeadStatement } from '../../core/statement/head.ts';
import { parseStatements } from '../../core/statement/statement.ts';
import { fetchRefs } from '../../git/own.ts';
import { lookUp } from '../../git/refs.ts';
import type { Io } from '../io.ts';
import { appendSigned } from '../review/append.ts';
import type { Draft } from '../review/draft.ts';
import type { Deliver } from '../review/deliver.ts';
import { finish } from '../review/finish.ts';
import { readKept } from '../review/kept.ts';
import { findMe } from '../review/me.ts';
import { Refusal, remarkText, runGuarded, type Remark } from '../review/refusal.ts';
import { withClone, type WorkOptions, type Workplace } from '../review/workplace.ts';
import { chooseBranch, findPlace, type Place } from './place.ts';
import { proveHead, type ProofOptions } from './prove-head.ts';

export type HeadOptions = Omit<WorkOptions, 'base' | 'api'> & ProofOptions;

/**
 * `countersign head`: somebody says that a commit is the newest of a branch, now, so that nobody can keep users at an older
 * one for long (trust.md D20). A forge that shows this person an older head than they know of is caught here.
 */
export function head(options: HeadOptions, io: Io): Promise<number> {
  return runGuarded('head', options, io, () =>
    withClone(options, io, async (work) => {
      const branch = await chooseBranch(work, options);
      const tracked = work.remote === null ? null : `refs/remotes/${work.remote}/${branch}`;
      const before = tracked === null ? null : await lookUp(work.directory, tracked);
      if (options.fetch && work.remote !== null && tracked !== null) {
        await fetchRefs(work.directory, work.remote, [`+refs/heads/${branch}:${tracked}`]);
      }
      const place = await findPlace(work, branch, options);
      const { commit, policy, folder } = place;
      const me = await findMe(work.directory, options.as, policy, folder);
      const time = Math.floor(Date.now() / 1000);
      if (options.commit === undefined) await refuseOlder(work, place, me.name, before);
      const unproven = await proveHead(work, place, options);
      const statement: HeadStatement = {
        type: 'head',
        project: policy.project,
        branch,
        head: commit,
        time,
        attester: me.name,
      };
      // Not part of what is signed, so it goes beside it, also where that is JSON.
      if (unproven !== null) io.err(remarkText(unproven));
      if (options.json !== true) for (const one of remarksOn(place, me.name)) io.err(remarkText(one));
      const draft: Draft = { statement, pulls: [], subject: null, folder, alone: true };
      const deliver: Deliver = work.remote === null ? null : (signed) => appendSigned(work, signed, folder);
      return finish(work, me, [draft], options, deliver);
    }),
  );
}

/**
 * Whoever is shown an old head must not vouch for it: the branch as it was seen here last, and what this person called its
 * newest commit before, are in the history of a newer one.
 */
async function refuseOlder(
  { opened, io }: Workplace,
  place: Place,
  name: string,
  before: Oid | null,
): Promise<void> {
  const mine = headsOf(await readKept(io.environment, place.policy.project), place, name);
  for (const id of [...(before === null ? [] : [before]), ...mine.map((one) => one.head)]) {
    if (!(await opened.repository.isReachable(id, place.commit))) throw wentBack(place, id);
  }
}

/** What this person called the newest commit before, on this machine: of all that, the last. */
function headsOf(
  sources: readonly StatementSource[],
  { policy, branch }: Place,
  name: string,
): readonly HeadStatement[] {
  const found = sources.flatMap((source) =>
    extractStatements(source).signed.flatMap(({ text }) => {
      const parsed = parseStatements(text);
      return parsed.ok ? parsed.statements : [];
    }),
  );
  return found
    .filter((one) => one.type === 'head')
    .filter((one) => one.project === policy.project && one.branch === branch && one.attester === name)
    .toSorted((a, b) => b.time - a.time)
    .slice(0, 1);
}

function wentBack({ branch, commit }: Place, known: string): Refusal {
  return new Refusal(
    'head-went-back',
    `\`${branch}\` is at ${commit} now, which does not contain ${known}, where it was before: it was rewritten, or you are shown an old state`,
    'ask the others what they see; if the branch was really rewritten, name its newest commit with `--commit REV`',
  );
}

function remarksOn({ policy, rule, branch, commit, tip }: Place, name: string): readonly Remark[] {
  const remarks: Remark[] = [];
  const { from } = policy.governance;
  if (commit !== tip) {
    const message = `\`${branch}\` is at ${tip} by now, and ${commit} is older: users who follow the branch wait for the newer one`;
    remarks.push({ code: 'head-not-newest', message, remedy: null });
  }
  if (rule.freshness === null) {
    const message = `the policy asks users for no such statement on \`${branch}\` (\`freshness\`)`;
    remarks.push({ code: 'freshness-not-asked', message, remedy: null });
  }
  if (policy.groups.get(from)?.has(name) !== true) {
    const message = `users pin the members of \`${from}\`, and \`${name}\` is none: it counts for those alone who pinned \`${name}\` by hand`;
    remarks.push({ code: 'not-governance', message, remedy: null });
  }
  return remarks;
}
