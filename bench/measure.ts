import { bareStart, countersignLog, countersignMemory, versionStart } from './countersign.ts';
import type { Memory } from './countersign.ts';
import type { Scale } from './branches.ts';
import { gitLog } from './git-log.ts';
import { checkCommits, checkRaw, readVerificationKeys } from './in-process.ts';
import { checkWithLibrary, readLibraryKeys } from './library.ts';
import type { BenchRepository, BuiltBranch } from './repository.ts';
import { compare, Disagreement } from './sample.ts';
import type { Contender, Result } from './sample.ts';

export const WAY = {
  git: 'git log',
  library: 'openpgp verify',
  process: 'countersign log --json',
  steady: 'ours, in memory',
  raw: 'crypto.verify alone',
} as const;

export interface BranchResult {
  readonly branch: BuiltBranch;
  readonly ways: readonly Result[];
}

export interface Figures {
  readonly branches: readonly BranchResult[];
  readonly memory: Memory & { readonly commits: number };
  readonly starts: readonly Result[];
}

interface Rounds {
  readonly git: number;
  readonly library: number;
  readonly ours: number;
}

/** gpg takes some 7 ms a commit, ssh-keygen 20. */
const ROUNDS: Readonly<Record<string, Rounds>> = {
  rsa4096: { git: 3, library: 3, ours: 7 },
  mixed: { git: 1, library: 0, ours: 5 },
  ssh: { git: 2, library: 0, ours: 5 },
  ecdsa: { git: 1, library: 0, ours: 5 },
};
/** In memory a branch takes a tenth of a second: too little for one sample. */
const COMMITS_A_SAMPLE = 10_000;
const STARTS = 15;

/** Measures everything, one thing at a time. Throws `Disagreement` where two ways see the signatures differently. */
export async function measure(
  repository: BenchRepository,
  gnupgHome: string,
  scale: Scale,
  progress: (text: string) => void,
): Promise<Figures> {
  const keys = await readVerificationKeys(repository.keys);
  const libraryKeys = await readLibraryKeys(repository.keys);
  const branches: BranchResult[] = [];
  for (const branch of repository.branches) {
    const { name, commits, count, kept } = branch;
    const rounds = ROUNDS[name];
    if (!kept || rounds === undefined) continue;
    const passes = Math.max(1, Math.round(COMMITS_A_SAMPLE / count / (scale === 'quick' ? 10 : 1)));
    const contenders: Contender[] = [
      { name: WAY.git, rounds: rounds.git, run: () => gitLog(repository, name, gnupgHome) },
      { name: WAY.library, rounds: rounds.library, run: () => checkWithLibrary(commits, libraryKeys) },
      { name: WAY.process, rounds: rounds.ours, run: () => countersignLog(repository, name) },
      { name: WAY.steady, rounds: rounds.ours, run: () => checkCommits(commits, keys, passes) },
      { name: WAY.raw, rounds: rounds.ours, run: () => checkRaw(commits, passes) },
    ];
    // Compiled code, open keys, pages of the pack.
    await checkCommits(commits, keys, passes);
    await checkRaw(commits, passes);
    await countersignLog(repository, name);
    const ways = await compare(
      contenders.filter((contender) => contender.rounds > 0),
      (text) => {
        progress(`${name}: ${text}`);
      },
    );
    expectAll(branch, ways);
    branches.push({ branch, ways });
  }
  return {
    branches,
    memory: await measureMemory(repository, progress),
    starts: await measureStarts(repository, progress),
  };
}

async function measureMemory(
  repository: BenchRepository,
  progress: (text: string) => void,
): Promise<Figures['memory']> {
  const branch = repository.branches.at(-1);
  if (branch === undefined) throw new Error('there are no branches');
  progress(`memory over ${branch.count} commits`);
  const memory = await countersignMemory(repository, branch.name);
  expectAll(branch, [{ name: WAY.process, good: memory.good }]);
  return { ...memory, commits: branch.count };
}

function measureStarts(repository: BenchRepository, progress: (text: string) => void): Promise<Result[]> {
  progress('starts');
  return compare(
    [
      { name: 'node, nothing to do', rounds: STARTS, run: () => bareStart(repository) },
      { name: 'countersign --version', rounds: STARTS, run: () => versionStart(repository) },
    ],
    () => undefined,
  );
}

/** Every commit was signed well, so everybody has to find so. */
function expectAll(branch: BuiltBranch, ways: readonly Pick<Result, 'name' | 'good'>[]): void {
  const wrong = ways.filter(({ good }) => good !== branch.count);
  if (wrong.length === 0) return;
  const counts = wrong.map(({ name, good }) => `${name} finds ${good} good`).join(', ');
  throw new Disagreement(`of ${branch.count} signatures on \`${branch.name}\` ${counts}`);
}
