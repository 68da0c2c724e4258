import type { Scale } from '../branches.ts';
import type { HistoryPlan } from './build.ts';

const RSA_4096_HEAVY = { alice: 45, bob: 45, dave: 4, carol: 6 };
const ED25519 = { carol: 50, 'carol-ssh': 50 };

/** The line of single commits, and the fork: what the targets are about. */
export function historyPlans(scale: Scale): {
  readonly linear: HistoryPlan;
  readonly fork: HistoryPlan;
  readonly sizes: readonly HistoryPlan[];
} {
  const size = (whole: number): number => (scale === 'whole' ? whole : whole / 10);
  return {
    linear: {
      name: 'linear',
      files: 2000,
      steps: size(2000),
      brings: 0,
      signers: RSA_4096_HEAVY,
      merger: 'alice',
    },
    fork: { name: 'fork', files: 20_000, steps: size(2000), brings: 49, signers: ED25519, merger: 'erin' },
    sizes: [1000, 10_000, 100_000].map((files) => ({
      name: `files-${files}`,
      files,
      steps: size(1000),
      brings: 0,
      signers: ED25519,
      merger: 'carol',
    })),
  };
}
