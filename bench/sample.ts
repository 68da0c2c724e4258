/** What one way of checking one branch has shown. */
export interface Sample {
  /** Signatures that it found good. */
  readonly good: number;
  readonly ms: number;
  /** Processor time of all threads, milliseconds; absent for other processes. */
  readonly cpuMs?: number;
}

/** One way of checking, to be run several times. */
export interface Contender {
  readonly name: string;
  /** How many of the rounds it takes part in: the first ones. */
  readonly rounds: number;
  run(): Promise<Sample>;
}

export interface Result {
  readonly name: string;
  readonly good: number;
  readonly medianMs: number;
  /** As in `Sample`: on a busy machine it is steadier than the clock. */
  readonly medianCpuMs: number | null;
  readonly runs: readonly number[];
}

/**
 * Runs all contenders in turn, round after round, every other round in reverse order, so that a machine that slows down or
 * speeds up does so for all of them. Throws where one finds another number of good signatures than before.
 */
export async function compare(
  contenders: readonly Contender[],
  progress: (text: string) => void,
): Promise<Result[]> {
  const runs = contenders.map((): Sample[] => []);
  const rounds = Math.max(...contenders.map((contender) => contender.rounds));
  for (let round = 0; round < rounds; round += 1) {
    const order = [...contenders.entries()].filter(([, contender]) => round < contender.rounds);
    if (round % 2 === 1) order.reverse();
    for (const [index, contender] of order) {
      progress(`${contender.name}, round ${round + 1} of ${contender.rounds}`);
      runs[index]?.push(await contender.run());
    }
  }
  return contenders.map(({ name }, index) => {
    const samples = runs[index] ?? [];
    const counts = new Set(samples.map(({ good }) => good));
    const [good = 0] = counts;
    if (counts.size > 1)
      throw new Disagreement(`${name} counts differently each time: ${[...counts].join(', ')}`);
    const times = samples.map(({ ms }) => ms);
    const cpu = samples.flatMap(({ cpuMs }) => cpuMs ?? []);
    const medianCpuMs = cpu.length === 0 ? null : median(cpu);
    return { name, good, medianMs: median(times), medianCpuMs, runs: times };
  });
}

/** Two ways of checking see the same signatures differently: the one thing that fails the bench. */
export class Disagreement extends Error {}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}
