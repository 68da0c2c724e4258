import { openCertificates } from '../../core/identity/certificate.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import type { Oid } from '../../core/object/id.ts';
import type { SignerKey } from '../../core/signature/proof.ts';
import { Unreadable } from '../../gather/ports.ts';
import type { Selection } from '../../git/commit-stream.ts';
import { openRepository } from '../../git/reader.ts';
import type { OpenRepository } from '../../git/reader.ts';
import { EXIT, type Io } from '../io.ts';
import { verifyCommit } from './commits.ts';
import { openHolders } from './holders.ts';
import type { Holders } from './holders.ts';
import { lineOf } from './line.ts';
import type { VerifiedCommit } from './line.ts';
import { inOrder } from './order.ts';
import { openProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { selectCommits } from './revisions.ts';
import { count, newTally, summary, textOf } from './text.ts';
import { refuseAmbiguous, UsageError } from '../revisions.ts';

export interface LogOptions {
  readonly repository: string;
  readonly all?: boolean;
  readonly keys?: string;
  readonly policy?: string;
  readonly maxCount?: string;
  readonly json?: boolean;
}

/** Processes that look names up at once, before anybody knows whether there is a repository. */
const MOST_EXPECTED = 4;
const FLOW = { inFlight: 512, weight: 8 << 20, waiting: 2048 };

/** `countersign log`: what the signature of each commit says, and whose it is. Judges nothing. */
export async function log(revisions: readonly string[], options: LogOptions, io: Io): Promise<number> {
  try {
    if (options.keys !== undefined && options.policy !== undefined) {
      throw new UsageError('--keys and --policy both say whose keys there are: give one of them');
    }
    const expected = revisions.length === 0 ? ['HEAD'] : revisions.slice(0, MOST_EXPECTED);
    const opened = await openRepository(io.path(options.repository), expected);
    try {
      return await logCommits(opened, revisions, options, io);
    } finally {
      await opened.dispose();
    }
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof Unreadable)) throw error;
    io.err(`countersign log: ${cleanSentence(error.message)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.undetermined;
  }
}

async function logCommits(
  opened: OpenRepository,
  revisions: readonly string[],
  options: LogOptions,
  io: Io,
): Promise<number> {
  const tell = (text: string): void => {
    if (options.json !== true || io.terminal?.err === true) io.err(`${cleanSentence(text)}\n`);
  };
  const [selection, holders] = await Promise.all([
    selectCommits(opened, revisions, options),
    findHolders(opened, options, io, tell),
  ]);
  if (selection === null) tell('the current branch has no commit yet');
  else await print(opened, selection, holders, options, io, tell);
  return EXIT.pass;
}

async function print(
  opened: OpenRepository,
  selection: Selection,
  holders: Holders,
  { json }: LogOptions,
  io: Io,
  tell: (text: string) => void,
): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const tally = newTally();
  const progress = progressFor(opened, selection, io);
  const commits = inOrder(
    opened.stream(selection),
    (stored) => verifyCommit(stored, holders.keys),
    FLOW,
    ({ raw }) => raw.length,
  );
  try {
    for await (const ready of commits) {
      await holders.judge(ready.flatMap(signersOf));
      let text = '';
      for (const commit of ready) {
        const line = lineOf(commit, holders.holderOf, now);
        count(tally, line);
        text +=
          json === true ? `${JSON.stringify(line)}\n` : textOf(commit, line, holders.holderOf, io.paint);
      }
      progress?.clear();
      io.out(text);
      progress?.show(tally.commits);
      await io.flushed?.();
    }
  } finally {
    progress?.clear();
    tell(summary(tally));
  }
}

/** Keys whose signatures are good: only of these the certificates are judged. */
function signersOf(commit: VerifiedCommit): SignerKey[] {
  if (!commit.ok) return [];
  return [commit, ...commit.mergetags.filter((tag) => tag.ok)].flatMap(({ proof }) =>
    proof.status === 'good' && proof.key !== null ? [proof.key] : [],
  );
}

/** A bar where standard error is a terminal that standard output does not fill with text. */
function progressFor(opened: OpenRepository, selection: Selection, { terminal, err }: Io): Progress | null {
  if (terminal?.err !== true || terminal.out) return null;
  return openProgress(err, opened.count(selection));
}

/** Whose keys there are: those of a folder, or those of a policy that no commit of the listed ones chooses. */
async function findHolders(
  opened: OpenRepository,
  options: LogOptions,
  io: Io,
  tell: (text: string) => void,
): Promise<Holders> {
  if (options.keys !== undefined) {
    const { readKeyFolder } = await import('./keys.ts');
    const { claims, certificates, keyless } = await readKeyFolder(io.path(options.keys));
    for (const { path, reason } of keyless) {
      io.err(`countersign log: no key is read from \`${cleanSentence(path)}\`: ${reason}\n`);
    }
    return openHolders(claims, certificates);
  }
  const place = await findPolicy(opened, options.policy);
  if (place === null) return openHolders([], await openCertificates([]));
  const where = `${place.name} (${place.id.slice(0, 12)})`;
  const warn = (why: string): void => {
    io.err(
      `countersign log: warning: the policy of ${cleanSentence(where)} names nobody: ${cleanSentence(why)}\n`,
    );
  };
  const { readPolicyPeople } = await import('./policy.ts');
  try {
    const { claims, certificates, webFlow, state, problem } = await readPolicyPeople(
      opened.repository,
      place.id,
    );
    if (problem !== null) warn(problem);
    else if (state === 'missing') tell(`there is no policy at ${where}: nobody is named`);
    else tell(`people are named by the policy of ${where}`);
    return await openHolders(claims, certificates, webFlow);
  } catch (error) {
    // Who asks for no policy still gets the list.
    if (!(error instanceof Unreadable) || options.policy !== undefined) throw error;
    warn(error.message);
    return openHolders([], await openCertificates([]));
  }
}

async function findPolicy(
  opened: OpenRepository,
  given: string | undefined,
): Promise<{ name: string; id: Oid } | null> {
  if (given !== undefined) {
    await refuseAmbiguous(opened, given, 'policy');
    const id = await opened.resolve(given);
    if (id !== null) return { name: given, id };
    throw new Unreadable('object-missing', `the revision \`${given}\` of --policy names no commit here`, {
      passing: false,
    });
  }
  const branch = await opened.refs.defaultBranch();
  const name = branch === null ? 'HEAD' : `refs/remotes/origin/${branch}`;
  const id = await opened.resolve(name);
  return id === null ? null : { name, id };
}
