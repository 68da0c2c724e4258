import { openFolder, type PolicyFolder } from './core/policy/folder.ts';
import { parsePolicy } from './core/policy/parse.ts';
import { rulesFor } from './core/policy/branch-rules.ts';
import { parseCommit, type Commit } from './core/object/commit.ts';
import type { Oid } from './core/object/id.ts';
import type { StatementSource } from './core/statement/extract.ts';
import { LIMITS } from './gather/gather.ts';
import { Unreadable, type Repository } from './gather/ports.ts';
import { sourcesOfRoster } from './gather/roster.ts';
import { judge } from './judge.ts';

/** What came of judging the last steps of a branch with nothing but the ledger's statements (docs/ledger.md). */
export interface Provable {
  /** Steps looked at, at most as many as were asked for, none from before the branch was enrolled. */
  readonly looked: number;
  /** Those that do not pass, newest first. */
  readonly missing: readonly Oid[];
  /** Those that could not be judged here, as in a clone that was cut; newest first. */
  readonly unknown: readonly Oid[];
}

/** A ledger as src/git opens it. */
export interface LedgerStatements {
  read(
    heads: readonly Oid[],
    keep?: (sources: readonly StatementSource[]) => Promise<readonly StatementSource[]>,
  ): Promise<readonly StatementSource[]>;
  /** Equal where `read` gives the same. */
  stateOf(heads: readonly Oid[]): string;
}

/**
 * What was found before: a step is judged again only where the ledger says something else about it. Keys are made of ids
 * and hashes alone.
 */
export interface ProvableMemory {
  get(key: string): boolean | undefined;
  set(key: string, passes: boolean): void;
}

export interface ProvableOptions {
  readonly branch: string;
  /** The branch's tip: the newest step. */
  readonly tip: Oid;
  /** How many steps to look at. Defaults to 20. */
  readonly last?: number;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly memory?: ProvableMemory;
  readonly signal?: AbortSignal;
}

const LAST = 20;

/**
 * Judges the last steps of a branch with nothing but what its ledgers hold, newest first, back to where the branch was
 * enrolled. No verdict rests on this: it tells people what is to be archived while it still can be.
 *
 * @param ledgers all that are known; none is an empty one
 */
export async function findProvable(
  repository: Repository,
  ledgers: readonly LedgerStatements[],
  options: ProvableOptions,
): Promise<Provable> {
  const missing: Oid[] = [];
  const unknown: Oid[] = [];
  let looked = 0;
  let commit: Oid | null = options.tip;
  while (commit !== null && looked < (options.last ?? LAST) && options.signal?.aborted !== true) {
    const step: Oid = commit;
    let found: boolean | null = null;
    commit = null;
    try {
      const parent = await firstParent(repository, step);
      const policy = parent === null ? null : await repository.readPolicyFolder(parent.tree);
      if (parent === null || policy === null || !isEnrolled(policy, options.branch)) break;
      commit = parent.id;
      found = await passes(repository, ledgers, { parent: parent.id, step, policy }, options);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
    looked += 1;
    if (found === null) unknown.push(step);
    else if (!found) missing.push(step);
  }
  return { looked, missing, unknown };
}

interface Step {
  readonly parent: Oid;
  readonly step: Oid;
  readonly policy: PolicyFolder;
}

/** `null` where it could not be judged. */
async function passes(
  repository: Repository,
  ledgers: readonly LedgerStatements[],
  { parent, step, policy }: Step,
  { branch, now, memory }: ProvableOptions,
): Promise<boolean | null> {
  const commits = await repository.listCommits(parent, step, LIMITS.commits);
  const key = [step, branch, ...ledgers.map((ledger) => ledger.stateOf(commits))].join(' ');
  const known = memory?.get(key);
  if (known !== undefined) return known;
  const keep = (sources: readonly StatementSource[]): Promise<readonly StatementSource[]> =>
    sourcesOfRoster(policy, sources);
  const sources: StatementSource[] = [];
  for (const ledger of ledgers) sources.push(...(await ledger.read(commits, keep)));
  const statements = { about: () => Promise.resolve({ sources, earlier: [] }) };
  const target = { kind: 'step', branch, parent, commit: step } as const;
  const { verdict, facts } = await judge(target, { repository, statements }, { now, repository: null });
  if (facts === null) return null;
  // A branch that is only observed is looked at as if it were enforced: that is what it is observed for.
  const passed = verdict.enforced === 'pass';
  memory?.set(key, passed);
  return passed;
}

async function firstParent(repository: Repository, id: Oid): Promise<Commit | null> {
  const [parent] = (await readParsed(repository, id)).parents;
  return parent === undefined ? null : readParsed(repository, parent);
}

async function readParsed(repository: Repository, id: Oid): Promise<Commit> {
  const [raw] = await repository.readCommits([id]);
  const parsed = parseCommit(id, raw ?? new Uint8Array());
  if (parsed.ok) return parsed.commit;
  throw new Unreadable('object-forged', `commit \`${id}\`: ${parsed.detail}`, { passing: false });
}

/** Where a policy has errors, whether it was to enrol the branch cannot be told: then the step is not provable. */
function isEnrolled(folder: PolicyFolder, branch: string): boolean {
  const { policy } = openFolder(folder);
  if (policy.state === 'missing') return false;
  const parsed = policy.state === 'present' ? parsePolicy(policy.bytes) : null;
  return parsed?.ok !== true || rulesFor(parsed.policy, branch).length > 0;
}
