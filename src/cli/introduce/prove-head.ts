import type { Oid } from '../../core/object/id.ts';
import { shellWord } from '../../core/report/clean.ts';
import { titleOf } from '../../core/report/title.ts';
import { describe } from '../../core/verdict/finding.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import type { TrustEntry } from '../../trust/entry.ts';
import { findEntries, openTrust } from '../../trust/find.ts';
import { conceal } from '../../trust/url.ts';
import { findTrusted } from '../history/subject.ts';
import { short } from '../history/words.ts';
import { bringLedger, judgeRef } from '../hooks/judge-ref.ts';
import { EXIT } from '../io.ts';
import { wholeUrl } from '../pull/remote-url.ts';
import { Refusal, type Remark } from '../review/refusal.ts';
import type { Workplace } from '../review/workplace.ts';
import type { Place } from './place.ts';

export interface ProofOptions {
  readonly commit?: string;
  /** A commit, or the string that a project publishes: the branch is proven from there, whatever the trust file says. */
  readonly introduction?: string;
  readonly trust?: string;
  readonly fetch: boolean;
}

/**
 * Proves a head before somebody vouches for it, from where this person trusts the branch: whoever is shown a head that
 * nobody reviewed must not lend it their word. Without any such place that is said. Throws `Refusal` where it fails.
 */
export async function proveHead(
  work: Workplace,
  { branch, commit }: Place,
  options: ProofOptions,
): Promise<Remark | null> {
  const { opened, remote, directory, io } = work;
  const entry = await findEntryFor(work, branch, options);
  if (entry === null) {
    return {
      code: 'head-not-proven',
      message: `nothing was proven of ${short(commit)}, because your trust file does not say from where on to trust \`${branch}\``,
      remedy: '`--introduction COMMIT` says it, or `countersign trust add` once',
    };
  }
  const published = remote !== null && options.fetch ? await bringLedger(directory, remote) : null;
  const known = await tipsOfLedgers(opened.refs, remote);
  const ledgers = published === null ? known : [published, ...known];
  // Who names an older commit on purpose is told so elsewhere.
  const question = { entry, to: commit, ledgers, own: options.commit !== undefined };
  const { passes, trusted } = await judgeRef(opened, question, io);
  if (passes) return null;
  const [found] = trusted.findings.filter(({ outcome }) => outcome !== 'pass');
  const { failed } = trusted.answer;
  const step = failed === null ? 'it does not pass' : `step ${short(failed.step)} ${titleOf(failed.verdict)}`;
  const first = found === undefined ? step : describe(found).cause;
  throw new Refusal(
    'head-not-proven',
    `\`${branch}\` at ${short(commit)} is not proven, so nothing was signed: ${first}`,
    `\`${verifyCommand(commit, branch, options)}\` says all that is wrong; have it mended, or name a commit that is proven with \`--commit REV\``,
    trusted.outcome === 'undetermined' ? EXIT.undetermined : EXIT.fail,
  );
}

/** The same question to `countersign verify`, which has to be told from where on as this command was. */
function verifyCommand(commit: Oid, branch: string, { introduction, trust }: ProofOptions): string {
  return [
    `countersign verify ${commit} --branch ${shellWord(branch)}`,
    ...(introduction === undefined ? [] : [`--introduction ${shellWord(introduction)}`]),
    ...(introduction !== undefined || trust === undefined ? [] : [`--trust ${shellWord(trust)}`]),
  ].join(' ');
}

async function findEntryFor(
  { opened, directory, remote, io }: Workplace,
  branch: string,
  { introduction, trust: file }: ProofOptions,
): Promise<TrustEntry | null> {
  const url = remote === null ? null : await findRemoteUrl(directory, remote);
  if (introduction !== undefined) {
    const {
      project,
      policy,
      heads,
      introduction: from,
    } = await findTrusted(opened, null, { introduction, branch });
    return {
      url: url === null ? '' : conceal(url),
      branch,
      project,
      policy,
      heads,
      introduction: from,
      from: '',
    };
  }
  const trust = await openTrust({
    file: file === undefined ? null : io.path(file),
    // A repository's own lock is whatever was pushed into it: no word on where trust in that repository begins.
    folder: null,
    environment: io.environment,
  });
  const entries = url === null ? [] : findEntries(trust, wholeUrl(url, directory));
  return entries.find((entry) => entry.branch === branch) ?? null;
}
