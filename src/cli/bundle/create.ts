import { lstat } from 'node:fs/promises';
import { encodeIntroduction } from '../../core/history/introduction.ts';
import type { Oid } from '../../core/object/id.ts';
import { clean, cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { LEDGER_BRANCH } from '../../core/statement/names.ts';
import { isBranchName } from '../../core/statement/names.ts';
import { Unreadable } from '../../gather/ports.ts';
import { findObjectFolder, writeBundle } from '../../git/bundle.ts';
import { openRepository, type OpenRepository } from '../../git/reader.ts';
import { readTop } from '../../git/worktree.ts';
import { findEntry, openTrust } from '../../trust/find.ts';
import { findTip } from '../archive/branch-tip.ts';
import { EXIT, type Io } from '../io.ts';
import { OTHER_LEDGER, readRef } from '../pull/ledgers.ts';
import { answering } from '../pull/answering.ts';
import { allRemotes } from '../pull/remote-url.ts';
import { short } from '../history/words.ts';
import { sizeOf } from '../pull/words.ts';
import { UsageError } from '../revisions.ts';

export interface CreateOptions {
  readonly repository: string;
  readonly remote: string;
  readonly branch?: string;
  readonly since?: readonly string[];
  readonly force?: boolean;
  readonly trust?: string;
  readonly json?: boolean;
}

/** `countersign bundle create`: a branch and the ledger in one file. */
export function createBundle(file: string, options: CreateOptions, io: Io): Promise<number> {
  return answering('bundle create', io, async () => {
    const directory = io.path(options.repository);
    const path = io.path(file);
    const objects = await findObjectFolder(directory);
    const opened = await openRepository(directory);
    try {
      const branch = await branchOf(opened, options.branch);
      const tip = await findTip(opened, options.remote, branch);
      if (tip === null)
        throw new UsageError(
          `there is no branch \`${branch}\` here or as fetched from \`${options.remote}\``,
        );
      if (opened.shallow) {
        throw new Unreadable(
          'object-missing',
          'this clone was cut (it is shallow), so a bundle of it proves nothing: complete it with `countersign fetch --complete`',
          { passing: false },
        );
      }
      const without = await resolveAll(opened, options.since ?? []);
      const ledgers = await findLedgers(opened, options.remote);
      const refs = new Map([[`refs/heads/${branch}`, tip], ...ledgers]);
      if (options.force !== true && (await lstat(path).catch(() => null)) !== null) {
        throw new UsageError(`\`${path}\` is there already: --force takes its place`);
      }
      const bytes = await writeBundle(path, objects ?? '', opened.format, { refs, without });
      const introduction = await introductionOf(directory, branch, options, io);
      if (options.json === true) {
        io.out(`${jsonText({ file: path, bytes, refs: Object.fromEntries(refs), without, introduction })}\n`);
        return EXIT.pass;
      }
      io.out(`${clean(path)}: ${sizeOf(bytes)}, ${clean(branch)} at ${short(tip)}\n`);
      io.out(
        `${ledgers.length > 0 ? 'with the ledger' : 'without a ledger, since none is here'}${without.length > 0 ? '; it builds on what the receiver has' : ''}\n`,
      );
      io.out(
        introduction === null
          ? 'who gets it needs the introduction of the branch (`countersign introduce` prints it), and not from you alone\n'
          : `who gets it trusts it by this introduction, to be compared with one that came another way:\n  ${cleanSentence(introduction)}\n`,
      );
      return EXIT.pass;
    } finally {
      await opened.dispose();
    }
  });
}

async function branchOf({ refs }: OpenRepository, given: string | undefined): Promise<string> {
  const branch = given ?? (await refs.defaultBranch()) ?? (await refs.currentBranch());
  if (branch === null) throw new UsageError('name the branch: --branch NAME');
  if (!isBranchName(branch)) throw new UsageError(`\`${branch}\` cannot be the name of a branch`);
  return branch;
}

async function resolveAll(opened: OpenRepository, revisions: readonly string[]): Promise<readonly Oid[]> {
  const found: Oid[] = [];
  for (const revision of revisions) {
    const id = await opened.resolve(revision);
    if (id === null) throw new UsageError(`\`${revision}\` names no commit in this repository`);
    found.push(id);
  }
  return found;
}

/** The remote's ledger and the person's own: the one that contains the other, or both. */
async function findLedgers(
  { refs, repository }: OpenRepository,
  remote: string,
): Promise<readonly (readonly [string, Oid])[]> {
  const theirs = await readRef(refs, `refs/remotes/${remote}/${LEDGER_BRANCH}`);
  const own = await readRef(refs, `refs/heads/${LEDGER_BRANCH}`);
  const usual = `refs/heads/${LEDGER_BRANCH}`;
  if (theirs === null || own === null) {
    const only = theirs ?? own;
    return only === null ? [] : [[usual, only]];
  }
  if (await repository.isReachable(own, theirs)) return [[usual, theirs]];
  if (await repository.isReachable(theirs, own)) return [[usual, own]];
  return [
    [usual, theirs],
    [OTHER_LEDGER, own],
  ];
}

/** The introduction by which the maker trusts the branch, as one string; `null` where that is not known here. */
async function introductionOf(
  directory: string,
  branch: string,
  { remote, trust: file }: CreateOptions,
  io: Io,
): Promise<string | null> {
  const top = await readTop(directory);
  const trust = await openTrust({
    file: file === undefined ? null : io.path(file),
    // A repository's own lock is whatever was pushed into it: no word on where trust in that repository begins.
    folder: null,
    environment: io.environment,
  });
  const from = (await allRemotes(directory, top)).find(({ name }) => name === remote);
  const entry = from === undefined ? null : findEntry(trust, from.url, branch);
  if (entry === null || entry.project === null || entry.policy === null) return null;
  const { project, introduction: commit, policy } = entry;
  return encodeIntroduction({ project, branch, commit, policy });
}
