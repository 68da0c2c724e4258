import { comparePolicies } from '../../core/policy/compare.ts';
import { openFolder } from '../../core/policy/folder.ts';
import { findLockouts, tellLockout, type Lockout } from '../../core/policy/lockout.ts';
import { policyChange, type PolicyChange } from '../../core/policy/policy-change.ts';
import { cleanSentence } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { openRepository } from '../../git/reader.ts';
import { EXIT, type Io } from '../io.ts';
import { answering, findAtRevision, findInFile, isFile, readPolicy, type FoundPolicy } from './open.ts';

export interface DiffOptions {
  readonly repository: string;
  readonly json?: boolean;
}

/** `countersign policy diff`: what it means that one policy takes the place of another. */
export async function diffPolicies(
  before: string,
  after: string,
  options: DiffOptions,
  io: Io,
): Promise<number> {
  return answering('diff', io, async () => {
    const [old, now] = await findBoth([before, after], options, io);
    const { changes, lockouts } = await compare(old, now);
    const same = textOf(old) === textOf(now);
    if (options.json === true) {
      const warnings = lockouts.map((lockout) => ({ ...lockout, ...tellLockout(lockout) }));
      io.out(`${jsonText({ before, after, identical: same, changes, lockouts: warnings })}\n`);
    } else io.out(textOfChanges(changes, lockouts, same, io.paint));
    return EXIT.pass;
  });
}

async function findBoth(
  [before, after]: readonly [string, string],
  { repository }: DiffOptions,
  io: Io,
): Promise<[FoundPolicy, FoundPolicy]> {
  if (isFile(before) && isFile(after)) return [await findInFile(before, io), await findInFile(after, io)];
  const opened = await openRepository(io.path(repository));
  try {
    const find = (given: string): Promise<FoundPolicy> =>
      isFile(given) ? findInFile(given, io) : findAtRevision(opened, given);
    return [await find(before), await find(after)];
  } finally {
    await opened.dispose();
  }
}

async function compare(
  old: FoundPolicy,
  now: FoundPolicy,
): Promise<{ changes: readonly PolicyChange[]; lockouts: readonly Lockout[] }> {
  const before = await readPolicy(old);
  if (openFolder(now.folder).policy.state === 'missing') {
    const removed = policyChange('policy-removed', 'the policy is removed: nothing is judged any more');
    return { changes: [removed], lockouts: [] };
  }
  const after = await readPolicy(now);
  return {
    changes: comparePolicies(before.policy, after.policy, before.keyring, after.keyring),
    lockouts: findLockouts(after.policy, after.keyring, Math.floor(Date.now() / 1000)),
  };
}

/** Every file below `.countersign/` by its id: equal where not even a comment differs. */
function textOf({ folder }: FoundPolicy): string {
  return folder.entries
    .map(({ path, mode, id }) => `${Buffer.from(path).toString('latin1')} ${mode} ${id}`)
    .sort()
    .join('\n');
}

const TITLES = { gain: 'what becomes possible', loss: 'what is taken away', other: 'besides' } as const;

export function textOfChanges(
  changes: readonly PolicyChange[],
  lockouts: readonly Lockout[],
  same: boolean,
  paint: Io['paint'],
): string {
  const lines: string[] = [];
  for (const effect of ['gain', 'other', 'loss'] as const) {
    const of = changes.filter((change) => change.effect === effect);
    if (of.length === 0) continue;
    if (lines.length > 0) lines.push('');
    lines.push(paint('bold', TITLES[effect]));
    for (const { code, danger, sentence } of of) {
      const word = effect === 'gain' ? `${paint(danger === 'low' ? 'pending' : 'fail', danger)}: ` : '';
      lines.push(`  ${word}${cleanSentence(sentence)} ${paint('dim', `[${code}]`)}`);
    }
  }
  if (changes.length === 0) {
    lines.push(same ? 'the two are the same' : 'the text differs, and nothing changes of what it means');
  }
  if (lockouts.length > 0) lines.push('', paint('bold', 'warnings about the second one'));
  for (const lockout of lockouts) {
    const { message, remedy } = tellLockout(lockout);
    lines.push(
      `  ${cleanSentence(message)} ${paint('dim', `[${lockout.code}]`)}`,
      `    → ${cleanSentence(remedy)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
