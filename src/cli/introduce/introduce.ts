import { extractStatements } from '../../core/statement/extract.ts';
import type { IntroductionStatement } from '../../core/statement/introduction.ts';
import { policyDigest } from '../../core/policy/folder-digest.ts';
import { quoted } from '../../core/policy/words.ts';
import { findIntroducers, type Introducers } from '../../core/history/introducers.ts';
import { encodeIntroduction, type Introduction } from '../../core/history/introduction.ts';
import { clean, cleanSentence, shellWord, showInvisible } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { Unreadable } from '../../gather/ports.ts';
import { sourcesOfRoster } from '../../gather/roster.ts';
import { tipsOfLedgers, openLedger } from '../../git/ledger.ts';
import { short } from '../history/words.ts';
import { EXIT, type Io } from '../io.ts';
import { cleaned } from '../keys/outcome.ts';
import { appendSigned } from '../review/append.ts';
import type { Draft } from '../review/draft.ts';
import type { Deliver } from '../review/deliver.ts';
import { finish } from '../review/finish.ts';
import { findMe } from '../review/me.ts';
import { Refusal, remarkText, runGuarded, type Remark } from '../review/refusal.ts';
import { withClone, type WorkOptions, type Workplace } from '../review/workplace.ts';
import { judgeOwnStep, remarkOnStep, type OwnStep } from './own-step.ts';
import { chooseBranch, findPlace, type Place } from './place.ts';

export interface IntroduceOptions extends Omit<WorkOptions, 'base' | 'api' | 'fetch'> {
  readonly commit?: string;
  readonly sign?: boolean;
}

/** `countersign introduce`: the one string by which users begin to trust a branch, and the statement that it was meant. */
export function introduce(options: IntroduceOptions, io: Io): Promise<number> {
  return runGuarded('introduce', options, io, () =>
    withClone(options, io, async (work) => {
      const place = await findPlace(work, await chooseBranch(work, options), options);
      const { branch, commit } = place;
      const introduction: Introduction = {
        project: place.policy.project,
        branch,
        commit,
        policy: policyDigest(place.folder),
      };
      const insists = options.print === true;
      const step = await judgeOwnStep(work, place);
      const remarks = [observing(place, insists), remarkOnStep(step, insists)].filter((one) => one !== null);
      if (options.sign === true) return sign(work, place, introduction, remarks, options);
      const introducers = await readIntroducers(work, place, introduction, remarks);
      if (options.json === true) printJson(io, place, introduction, introducers, step, remarks);
      else print(io, place, introduction, introducers, step, remarks);
      return EXIT.pass;
    }),
  );
}

/** Throws `Refusal` where nothing could be proven from there and nobody insists. */
function observing({ rule, branch, commit }: Place, insists: boolean): Remark | null {
  if (rule.mode === 'enforce') return null;
  const code = 'observe-mode';
  const message = `the policy at ${short(commit)} only observes \`${branch}\`: nothing that follows can ever be proven from there`;
  const remedy = 'introduce the first commit whose policy says `mode: enforce`: `--commit REV`';
  if (insists) return { code, message, remedy };
  throw new Refusal(code, message, `${remedy}; \`--print\` prints it all the same`);
}

/** Who has signed it already, as far as the ledgers here tell; `null` where they cannot be read, which stops nothing. */
async function readIntroducers(
  { opened, remote }: Workplace,
  { folder }: Place,
  introduction: Introduction,
  remarks: Remark[],
): Promise<Introducers | null> {
  const texts = [];
  try {
    for (const id of await tipsOfLedgers(opened.refs, remote)) {
      const ledger = await openLedger(opened, id);
      const sources = await ledger.read([introduction.commit], (all) => sourcesOfRoster(folder, all));
      texts.push(...sources.flatMap((source) => extractStatements(source).signed));
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const message = `who has signed it cannot be told: the ledger cannot be read: ${error.message}`;
    remarks.push({ code: error.code, message, remedy: null });
    return null;
  }
  return findIntroducers(texts, folder, introduction, Math.floor(Date.now() / 1000));
}

async function sign(
  work: Workplace,
  { policy, folder }: Place,
  introduction: Introduction,
  remarks: readonly Remark[],
  options: IntroduceOptions,
): Promise<number> {
  const me = await findMe(work.directory, options.as, policy, folder);
  const { from } = policy.governance;
  if (policy.groups.get(from)?.has(me.name) !== true) {
    throw new Refusal(
      'not-governance',
      `only members of \`${from}\` at the introduction sign it, and \`${me.name}\` is none`,
    );
  }
  const statement: IntroductionStatement = { type: 'introduction', ...introduction, introducer: me.name };
  const draft: Draft = { statement, pulls: [], subject: null, folder, alone: true };
  if (options.json !== true) {
    work.io.err(`${encodeIntroduction(introduction)}\n`);
    for (const one of remarks) work.io.err(remarkText(one));
  }
  const deliver: Deliver = work.remote === null ? null : (signed) => appendSigned(work, signed, folder);
  return finish(work, me, [draft], { ...options, fetch: false }, deliver);
}

function print(
  io: Io,
  { commit, subject, branch, rule }: Place,
  introduction: Introduction,
  introducers: Introducers | null,
  step: OwnStep,
  remarks: readonly Remark[],
): void {
  const text = encodeIntroduction(introduction);
  io.out(`${text}\n`);
  const useful = rule.mode === 'enforce';
  const lines = [
    `trust in \`${branch}\` begins at ${short(commit)} (${clean(subject)}), whose policy judges what follows`,
    ...(step.state === 'proven' ? [step.message] : []),
    ...(useful
      ? [
          'publish the string above where your users trust you already, and let them compare it at several places',
        ]
      : []),
    ...(useful ? signedLines(introducers) : []),
  ];
  for (const line of lines) io.err(`${cleanSentence(line)}\n`);
  if (useful) io.err(`a user then runs: countersign trust add ${shellWord(showInvisible(text))}\n`);
  for (const one of remarks) io.err(remarkText(one));
}

function signedLines(introducers: Introducers | null): string[] {
  if (introducers === null) return [];
  const { group, signed, missing } = introducers;
  if (missing.length === 0) return [`every member of \`${group}\` has signed it`];
  const who = signed.length === 0 ? 'nobody has signed it yet' : `signed by ${quoted(signed)}`;
  return [`${who}; of \`${group}\` not by ${quoted(missing)}: \`countersign introduce --sign\``];
}

function printJson(
  io: Io,
  { rule }: Place,
  introduction: Introduction,
  introducers: Introducers | null,
  step: OwnStep,
  remarks: readonly Remark[],
): void {
  const { project, branch, commit, policy } = introduction;
  const found = {
    ok: true,
    introduction: encodeIntroduction(introduction),
    project,
    branch,
    commit,
    policy: `sha256:${policy}`,
    mode: rule.mode,
    step: { state: step.state, message: cleanSentence(step.message) },
    freshness: rule.freshness,
    signed: introducers?.signed ?? null,
    missing: introducers?.missing ?? null,
    findings: remarks.map(cleaned),
  };
  io.out(`${jsonText(found)}\n`);
}
