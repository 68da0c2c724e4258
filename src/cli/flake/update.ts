import { clean } from '../../core/report/clean.ts';
import { jsonText } from '../../core/report/json.ts';
import { worst } from '../../core/verdict/outcome.ts';
import { describe } from '../../core/verdict/finding.ts';
import { Unreadable } from '../../gather/ports.ts';
import { updateInput, type FlakeLock } from '../../nix/flake-lock.ts';
import { withFollowed } from '../followed/followed.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { short } from '../history/words.ts';
import { UsageError } from '../revisions.ts';
import { keepAll } from './keep-all.ts';
import { isOwn, sortInputs, type SortedInputs, type TrustedInput } from './inputs.ts';
import { writeLockFile } from './lock-file.ts';
import { moveInput } from './move-input.ts';
import { openFlake, type FlakeOptions } from './place.ts';
import { unreachable } from './problem.ts';
import { banner, inputJson, inputLines, unverifiedJson, type InputResult } from './words.ts';

/** `countersign flake update`: moves locked inputs to the newest commits that are proven. */
export async function updateFlake(names: readonly string[], options: FlakeOptions, io: Io): Promise<number> {
  return answering('flake update', io, async () => {
    const { file, trust } = await openFlake(options, io);
    const all = sortInputs(file.lock, trust);
    const chosen = choose(names, all);
    // What inputs bring along is not moved here, so there is nothing to ask about it.
    const deep = all.ambiguous
      .filter(({ input }) => !isOwn(input))
      .map(({ input, found }) => ({ input, reason: describe(found).cause }));
    const sorted = { ...all, unverified: [...all.unverified, ...deep] };
    banner(sorted.unverified, io);
    if (options.strict === true && sorted.unverified.length > 0) {
      if (options.json === true) io.out(`${jsonText(answerJson(file.path, false, [], sorted))}\n`);
      io.err('countersign flake update: nothing was changed, because --strict refuses unverified inputs\n');
      return EXIT.fail;
    }
    const ambiguous = sorted.ambiguous.filter(({ input }) => isChosen(names, input.name) && isOwn(input));
    if (chosen.length + ambiguous.length === 0) throw new UsageError(NOTHING);
    const allowDowngrade = options.allowDowngrade === true;
    const entries = chosen.map(({ entry }) => entry);
    return withFollowed(entries, allowDowngrade, io, async (branches) => {
      const results: InputResult[] = ambiguous.map(({ input, found }) => ({
        ...{ name: input.name, entry: null, before: input.rev, accepted: null, head: null, narHash: null },
        ...{ outcome: found.outcome, trusted: null, problems: [found] },
      }));
      let lock = file.lock;
      for (const one of chosen) {
        const branch = branches.get(one.entry);
        if (branch === undefined) continue;
        const { result, change } = await moveInput(one, branch, allowDowngrade);
        const moved = change === null ? lock : tryUpdate(lock, one, change);
        if (moved instanceof Unreadable) {
          const problems = [...result.problems, unreachable(moved.message)];
          results.push({ ...result, accepted: null, outcome: 'undetermined', problems });
        } else {
          lock = moved;
          results.push(result);
        }
      }
      const whole = options.strict !== true || results.every(({ outcome }) => outcome === 'pass');
      const written = whole && lock.text !== file.lock.text;
      if (written) await writeLockFile(file, lock);
      // Only once the lock file says so.
      const shown = whole ? await keepAll(results, ({ accepted }) => accepted !== null, io) : results;
      if (options.json === true) io.out(`${jsonText(answerJson(file.path, written, shown, sorted))}\n`);
      else io.out(answerText(file.path, { written, whole }, shown, io));
      return EXIT[worst(results.map(({ outcome }) => outcome))];
    });
  });
}

const NOTHING =
  'no input of this flake is trusted and could be moved, and nothing was changed: `countersign trust add URL --introduction COMMIT` says from which commit on a repository is';

function tryUpdate(
  lock: FlakeLock,
  { input }: TrustedInput,
  change: Parameters<typeof updateInput>[2],
): FlakeLock | Unreadable {
  try {
    return updateInput(lock, input, change);
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

/** The flake's own inputs with these names, or all that are trusted and that `flake.nix` leaves to be moved. */
function choose(names: readonly string[], sorted: SortedInputs): readonly TrustedInput[] {
  const { trusted, unverified, ambiguous, following } = sorted;
  for (const name of names) {
    const follows = following.get(name);
    if (follows !== undefined) {
      throw new UsageError(`input \`${name}\` follows \`${follows}\`, and moves with that`);
    }
    const every = [...trusted, ...unverified, ...ambiguous].map(({ input }) => input);
    const found = every.find((input) => input.name === name);
    if (found === undefined) {
      const known = every.filter(isOwn).map((input) => `\`${input.name}\``);
      throw new UsageError(`this flake locks no input \`${name}\`: it has ${known.join(', ') || 'none'}`);
    }
    if (!isOwn(found)) {
      throw new UsageError(
        `\`${name}\` is an input of another input, which says where it is: only the flake's own move`,
      );
    }
    if (found.pinned) {
      throw new UsageError(
        `flake.nix itself names the revision of \`${name}\`: change it there, then run \`countersign flake check\``,
      );
    }
    const untrusted = unverified.find(({ input }) => input === found);
    if (untrusted !== undefined) {
      throw new UsageError(`input \`${name}\` is unverified and was not moved: ${untrusted.reason}`);
    }
  }
  return trusted.filter(({ input }) => isOwn(input) && !input.pinned && isChosen(names, input.name));
}

function isChosen(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

function answerText(
  path: string,
  { written, whole }: { readonly written: boolean; readonly whole: boolean },
  results: readonly InputResult[],
  io: Io,
): string {
  const lines = results.flatMap((one) => inputLines(one, wordsFor(one, whole), io.paint));
  const refused = whole ? '' : ', because --strict wants all inputs or none';
  lines.push(written ? `${clean(path)} was written` : `${clean(path)} stays as it is${refused}`);
  return lines.map((line) => `${line}\n`).join('');
}

function wordsFor({ before, accepted }: InputResult, whole: boolean): string {
  const old = before === null ? '(none)' : short(before);
  if (accepted === null || !whole) return `stays at ${old}`;
  return before === accepted ? `already at ${old}` : `${old} → ${short(accepted)}`;
}

function answerJson(
  path: string,
  written: boolean,
  results: readonly InputResult[],
  { unverified, following }: SortedInputs,
): Readonly<Record<string, unknown>> {
  return {
    lock: path,
    written,
    inputs: results.map(inputJson),
    unverified: unverified.map(unverifiedJson),
    following: Object.fromEntries(following),
  };
}
