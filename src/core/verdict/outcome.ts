/**
 * `pass`: everything asked for is there. `pending`: nothing wrong, evidence missing. `undetermined`: could not tell;
 * blocks and is tried again. `fail`: wrong.
 */
export type Outcome = 'pass' | 'pending' | 'undetermined' | 'fail';

const FROM_BEST: readonly Outcome[] = ['pass', 'pending', 'undetermined', 'fail'];

/** The worst of several outcomes wins. Of nothing at all: `undetermined`, because nothing passes by default. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.length === 0) return 'undetermined';
  return FROM_BEST.findLast((outcome) => outcomes.includes(outcome)) ?? 'undetermined';
}
