import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { parseCommit } from '../../core/object/commit.ts';
import type { PolicyFolder } from '../../core/policy/folder.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable } from '../../gather/ports.ts';
import { sourcesOfRoster } from '../../gather/roster.ts';
import { appendToLedger } from '../../git/ledger-append.ts';
import { findRemoteUrl } from '../../git/ledger-remote.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { readTexts } from '../../github/comments.ts';
import { apiUrlOf, openPersonalClient, parseForgeUrl } from '../../github/personal.ts';
import { listLatestPulls, readPull, type PullRequest } from '../../github/pulls.ts';
import { findToken } from '../github-token.ts';
import { EXIT, type Io } from '../io.ts';
import { UsageError } from '../revisions.ts';
import { stateFolder } from '../state-folder.ts';
import { readStatementsFile } from '../statements-file.ts';
import { findTip } from './branch-tip.ts';
import {
  joinSelections,
  projectOf,
  selectForLedger,
  type Collected,
  type PolicyAt,
  type Selection,
} from './collect.ts';
import { countLeft } from './left.ts';
import { archiveJson, archiveText, type Archived } from './words.ts';

export interface ArchiveOptions {
  readonly repository: string;
  readonly remote: string;
  readonly branch?: string;
  readonly pulls?: readonly string[];
  readonly last?: string;
  readonly statements?: readonly string[];
  readonly acceptRewrite?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const LAST = 30;
const MOST_PULLS = 10_000;

/** `countersign archive`: copies what is signed by the roster, and not in the ledger yet, into the ledger. */
export async function archive(options: ArchiveOptions, io: Io): Promise<number> {
  try {
    const archived = await run(options, io);
    if (options.json === true) io.out(`${jsonText(archiveJson(archived))}\n`);
    else io.out(archiveText(archived, io.paint));
    return archived.appended.kind === 'rewritten' ? EXIT.fail : EXIT.pass;
  } catch (error) {
    const usage = error instanceof UsageError;
    if (!usage && !(error instanceof Unreadable)) throw error;
    io.err(`countersign archive: ${cleanSentence(error.message)}\n`);
    return usage ? EXIT.usage : EXIT.undetermined;
  }
}

async function run(options: ArchiveOptions, io: Io): Promise<Archived> {
  const { remote } = options;
  const wanted = parseWanted(options);
  const state = stateFolder(io.environment);
  if (state === null) {
    throw new UsageError(
      'there is no place to remember the state of the ledger: set HOME or XDG_STATE_HOME to a folder',
    );
  }
  const directory = io.path(options.repository);
  const files = await Promise.all(
    (options.statements ?? []).map((file) => readStatementsFile(file, 'archive', io)),
  );
  const opened = await openRepository(directory);
  try {
    const policyAt = policiesOf(opened, remote);
    const fallback = await fallbackOf(opened, options.branch);
    const select = (collected: readonly Collected[]): Promise<Selection> =>
      selectForLedger(collected, policyAt, fallback);
    const fromFiles = await select(files.map((source) => ({ source, pullHead: null })));
    const { pulls, selections } = await collectPulls(directory, remote, wanted, select, io);
    const selection = joinSelections([fromFiles, ...selections]);
    const branches = [...new Set([...selection.branches, ...pulls.map(({ base }) => base), fallback])];
    const folder = await firstPolicy(policyAt, branches);
    if (folder === null) {
      throw new Unreadable(
        'policy-invalid',
        `no policy can be read at \`${remote}/${fallback}\`: fetch that branch, or name another with --branch`,
        { passing: false },
      );
    }
    const appended = await appendToLedger(opened, {
      directory,
      remote,
      project: folder.project,
      state,
      files: selection.files,
      acceptRewrite: options.acceptRewrite === true,
      keep: (sources) => sourcesOfRoster(folder.folder, sources),
      dryRun: options.dryRun === true,
    });
    const left = await countLeft(opened, { remote, branches, tip: appended.tip, files: selection.files });
    return { remote, pulls: pulls.map(({ number }) => number), selection, appended, left };
  } finally {
    await opened.dispose();
  }
}

/** The branch of what names none: revocations. Its policy also says what the project is called. */
async function fallbackOf({ refs }: OpenRepository, given: string | undefined): Promise<string> {
  const branch = given ?? (await refs.defaultBranch()) ?? (await refs.currentBranch());
  if (branch === null) throw new UsageError('name a branch that has a policy: --branch NAME');
  if (!isBranchName(branch)) throw new UsageError(`\`${branch}\` cannot be the name of a branch`);
  return branch;
}

interface Wanted {
  readonly pulls: readonly number[];
  readonly last: number;
}

function parseWanted({ pulls = [], last, statements = [], acceptRewrite }: ArchiveOptions): Wanted {
  const number = (text: string, most: number, what: string): number => {
    if (!/^[1-9][0-9]{0,8}$/.test(text) || Number(text) > most) {
      throw new UsageError(`\`${text}\` is not ${what}`);
    }
    return Number(text);
  };
  // Accepting a rewrite puts back what this clone has of the ledger: there need not be anything to collect.
  const named = pulls.length > 0 || statements.length > 0 || acceptRewrite === true;
  const byDefault = named ? 0 : LAST;
  return {
    pulls: pulls.map((text) => number(text, Number.MAX_SAFE_INTEGER, 'the number of a pull request')),
    last: last === undefined ? byDefault : number(last, MOST_PULLS, `a number from 1 to ${MOST_PULLS}`),
  };
}

async function collectPulls(
  directory: string,
  remote: string,
  { pulls: numbers, last }: Wanted,
  select: (collected: readonly Collected[]) => Promise<Selection>,
  io: Io,
): Promise<{ pulls: readonly PullRequest[]; selections: readonly Selection[] }> {
  if (numbers.length === 0 && last === 0) return { pulls: [], selections: [] };
  const url = await findRemoteUrl(directory, remote);
  const name = parseForgeUrl(url);
  if (name === null) {
    throw new UsageError(
      `the remote \`${remote}\` is not a repository on a forge: give the statements with --statements`,
    );
  }
  const client = openPersonalClient(
    apiUrlOf(name.host, io.environment),
    await findToken(name.host, io.environment),
  );
  const found = new Map<number, PullRequest>();
  for (const number of numbers) found.set(number, await readPull(client, name, number));
  if (last > 0) for (const pull of await listLatestPulls(client, name, last)) found.set(pull.number, pull);
  const selections: Selection[] = [];
  // One after the other: anybody may write as much as they like, and only what is selected is kept.
  for (const pull of found.values()) {
    const sources = await readTexts(client, name, [pull]);
    selections.push(await select(sources.map((source) => ({ source, pullHead: pull.head }))));
  }
  return { pulls: [...found.values()], selections };
}

/** The policy at a branch's tip as the remote last showed it, else as it is here; each is read once. */
function policiesOf(opened: OpenRepository, remote: string): PolicyAt {
  const known = new Map<string, Promise<PolicyFolder | null>>();
  const read = async (branch: string): Promise<PolicyFolder | null> => {
    const tip = await findTip(opened, remote, branch);
    if (tip === null) return null;
    const [raw] = await opened.repository.readCommits([tip]);
    const parsed = parseCommit(tip, raw ?? new Uint8Array());
    return parsed.ok ? opened.repository.readPolicyFolder(parsed.commit.tree) : null;
  };
  return (branch) => {
    const found = known.get(branch) ?? read(branch);
    known.set(branch, found);
    return found;
  };
}

async function firstPolicy(
  policyAt: PolicyAt,
  branches: readonly string[],
): Promise<{ readonly folder: PolicyFolder; readonly project: string } | null> {
  for (const branch of branches) {
    const folder = await policyAt(branch);
    const project = folder === null ? null : projectOf(folder);
    if (folder !== null && project !== null) return { folder, project };
  }
  return null;
}
