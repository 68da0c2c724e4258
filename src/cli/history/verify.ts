import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { parseOid, type Oid } from '../../core/object/id.ts';
import { policyAt } from '../../gather/policy-at.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Opening } from '../../git/opening.ts';
import { tipsOfLedgers } from '../../git/ledger.ts';
import { openFound, type OpenRepository } from '../../git/reader.ts';
import { mayBeRef } from '../../git/refs.ts';
import { parseRevision } from '../../git/revision.ts';
import { BrokenTrust, openTrust } from '../../trust/find.ts';
import { EXIT, type Io } from '../io.ts';
import { keep } from '../keep.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';
import { readStatementsFile } from '../statements-file.ts';
import { brokenTrustText } from '../trust/broken.ts';
import { openBar } from './bar.ts';
import { beginHistory, REMOTE } from './begin.ts';
import { readGivenPolicy } from './given-policy.ts';
import { jsonAnswer, textAnswer, unreadableAnswer, type Shown } from './report.ts';
import { judgeStep } from './step.ts';
import { findTrusted, type Trusted, type TrustedQuestion } from './subject.ts';
import { judgeName, judgeTag, readTags } from './tags.ts';
import { proveTrusted, refuse } from './trusted.ts';

export interface VerifyHistoryOptions {
  readonly repository: string;
  readonly introduction?: string;
  readonly branch?: string;
  readonly policy?: string;
  readonly keys?: string;
  readonly trust?: string;
  readonly newestProven?: boolean;
  readonly allowDowngrade?: boolean;
  readonly statements?: readonly string[];
  readonly ledger?: boolean;
  readonly json?: boolean;
}

/**
 * `countersign verify` from an introduction: proves every step of a branch up to a revision from git data alone, each by
 * the policy at its own first parent.
 */
export async function verifyHistory(
  revision: string | undefined,
  options: VerifyHistoryOptions,
  io: Io,
  opening: Opening = beginHistory(revision, options, io),
): Promise<number> {
  try {
    const shown = await prove(revision ?? 'HEAD', opening, options, io);
    io.out(options.json === true ? `${jsonText(jsonAnswer(shown))}\n` : textAnswer(shown, io.paint));
    return EXIT[shown.trusted.outcome];
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`countersign verify: ${cleanSentence(error.message)}\n`);
      return EXIT.usage;
    }
    if (!(error instanceof Unreadable)) throw error;
    if (options.json === true) io.out(`${jsonText(unreadableAnswer(error))}\n`);
    else if (error instanceof BrokenTrust) io.err(brokenTrustText(error, io));
    else io.err(`${io.paint('undetermined', 'undetermined')}: ${cleanSentence(error.message)}\n`);
    return EXIT.undetermined;
  }
}

async function prove(
  revision: string,
  opening: Opening,
  options: VerifyHistoryOptions,
  io: Io,
): Promise<Shown> {
  const statements = await Promise.all(
    (options.statements ?? []).map((file) => readStatementsFile(file, 'verify', io)),
  );
  const opened = await openFound(opening);
  const bar = openBar(io);
  try {
    const policy = await readGivenPolicy(options, opened.format, io);
    const naming = nameOf(opened, revision);
    naming.catch(() => undefined);
    const entry = await entryFor(opened, options, { revision, given: policy }, io);
    const named = await naming;
    const { branch, introduction, project, heads, source } = entry;
    const about = { opened, branch, introduction, to: named.commit };
    const place = await judgeStep(about);
    if (place?.outcome === 'fail') return { trusted: refuse(about, [place]), revision, branch };
    const trusted = await proveTrusted(
      {
        ...about,
        policyDigest: policy === null ? entry.policy : null,
        ...{ project, heads, source },
        ledgers: options.ledger === false ? null : await tipsOfLedgers(opened.refs, REMOTE),
        statements,
        ...(policy && { policy }),
        allowDowngrade: options.allowDowngrade === true,
        newestProven: options.newestProven === true,
        asCloned: true,
        onProgress: bar.show,
      },
      io,
    );
    bar.clear();
    const tags = [];
    // Who signed a tag is said by the policy at its commit, which has to be proven first.
    const proven = trusted.answer.state?.commit === named.commit;
    for (const tag of proven ? await readTags(opened, named.id) : []) {
      tags.push(await judgeTag(tag, policy ?? (await policyAt(opened, named.commit))));
    }
    tags.push(...judgeName(await readTags(opened, named.id), named.ref));
    const refused = tags.find(({ outcome }) => outcome !== 'pass');
    const astray = place !== null && trusted.findings.every(({ outcome }) => outcome === 'pass');
    // What is no step of the branch would stop every later update of it.
    const remembers = !astray || options.allowDowngrade === true;
    const unkept = refused === undefined && remembers ? await keep(trusted, io) : null;
    const judged = refused === undefined ? trusted : { ...trusted, outcome: refused.outcome, accepted: null };
    return {
      trusted: {
        ...judged,
        findings: [...(astray ? [place] : []), ...tags, ...trusted.findings, ...(unkept ? [unkept] : [])],
      },
      revision,
      branch,
    };
  } finally {
    bar.clear();
    await opened.dispose();
  }
}

interface Named {
  /** What the name stands for: a tag where it is one. */
  readonly id: Oid;
  readonly commit: Oid;
  /** The ref of that name, if it is one. */
  readonly ref: string | null;
}

async function nameOf(opened: OpenRepository, revision: string): Promise<Named> {
  await refuseAmbiguous(opened, revision, 'revision');
  const commit = await opened.resolve(revision);
  if (commit === null) {
    throw new Unreadable(
      'object-missing',
      `\`${revision}\` names no commit in this repository: fetch it, or check its spelling`,
      { passing: false },
    );
  }
  const parsed = parseRevision(revision);
  if (parsed?.steps.length !== 0) return { id: commit, commit, ref: null };
  // A name that is no ref is a whole id, or one that git completes; what it names is a tag at most in the first case.
  const [ref] = mayBeRef(parsed.name) ? await opened.refs.findAll(parsed.name) : [];
  return { id: ref?.id ?? parseOid(parsed.name) ?? commit, commit, ref: ref?.ref ?? null };
}

/** Where trust begins: what the command line says, else the trust file's entry for this repository. */
async function entryFor(
  opened: OpenRepository,
  options: VerifyHistoryOptions,
  asked: Pick<TrustedQuestion, 'revision' | 'given'>,
  io: Io,
): Promise<Trusted> {
  const place = {
    file: options.trust === undefined ? null : io.path(options.trust),
    // A repository's own lock is whatever was pushed into it: no word on where trust in that repository begins.
    folder: null,
    environment: io.environment,
  };
  const trust =
    options.introduction === undefined || options.trust !== undefined ? await openTrust(place) : null;
  for (const { message } of trust?.warnings ?? []) io.err(`countersign verify: ${cleanSentence(message)}\n`);
  return findTrusted(opened, trust, { ...options, ...asked });
}
