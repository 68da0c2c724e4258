import { counted } from '../../core/policy/words.ts';
import { jsonText } from '../../core/report/json.ts';
import { worst, type Outcome } from '../../core/verdict/outcome.ts';
import { withFollowed } from '../followed/followed.ts';
import { EXIT, type Io } from '../io.ts';
import { answering } from '../pull/answering.ts';
import { short } from '../history/words.ts';
import { checkInput } from './check-input.ts';
import { sortInputs, type SortedInputs } from './inputs.ts';
import { keepAll } from './keep-all.ts';
import { openFlake, type FlakeOptions } from './place.ts';
import { banner, inputJson, inputLines, unverifiedJson, type InputResult } from './words.ts';

/** `countersign flake check`: proves what is locked. Changes nothing of the flake's. */
export async function checkFlake(options: FlakeOptions, io: Io): Promise<number> {
  return answering('flake check', io, async () => {
    const { file, trust } = await openFlake(options, io);
    const sorted = sortInputs(file.lock, trust);
    banner(sorted.unverified, io);
    const entries = sorted.trusted.map(({ entry }) => entry);
    return withFollowed(entries, options.allowDowngrade === true, io, async (branches) => {
      const results: InputResult[] = sorted.ambiguous.map(({ input, found }) => ({
        ...{ name: input.name, entry: null, before: input.rev, accepted: null, head: null, narHash: null },
        ...{ outcome: found.outcome, trusted: null, problems: [found] },
      }));
      for (const one of sorted.trusted) {
        const branch = branches.get(one.entry);
        if (branch !== undefined) results.push(await checkInput(one, branch));
      }
      const outcome = outcomeOf(results, sorted, options.strict === true);
      // The branch is proven as far as it is, whatever is locked.
      const shown = await keepAll(results, ({ trusted }) => (trusted?.accepted ?? null) !== null, io);
      if (options.json === true) {
        const { unverified, following } = sorted;
        io.out(
          `${jsonText({
            ...{ lock: file.path, outcome, inputs: shown.map(inputJson) },
            ...{ unverified: unverified.map(unverifiedJson), following: Object.fromEntries(following) },
          })}\n`,
        );
      } else io.out(answerText(outcome, shown, sorted, io));
      return EXIT[outcome];
    });
  });
}

/** A flake of which nothing could be proven does not pass for that. */
function outcomeOf(results: readonly InputResult[], { unverified }: SortedInputs, strict: boolean): Outcome {
  if (results.length + unverified.length === 0) return 'pass';
  const refused: Outcome[] = strict && unverified.length > 0 ? ['fail'] : [];
  return worst([...results.map(({ outcome }) => outcome), ...refused]);
}

function answerText(
  outcome: Outcome,
  results: readonly InputResult[],
  { unverified }: SortedInputs,
  io: Io,
): string {
  const lines = results.flatMap((one) =>
    inputLines(one, one.before === null ? 'locked to nothing' : `at ${short(one.before)}`, io.paint),
  );
  const proven = results.filter((one) => one.outcome === 'pass').length;
  const rest = unverified.length === 0 ? '' : `, ${unverified.length} **UNVERIFIED**`;
  lines.push(
    `${io.paint(outcome, outcome)}: ${proven} of ${counted(results.length + unverified.length, 'input')} proven${rest}`,
  );
  return lines.map((line) => `${line}\n`).join('');
}
