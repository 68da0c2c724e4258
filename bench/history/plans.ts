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
      levels: 2,
      steps: size(2000),
      brings: 0,
      signers: RSA_4096_HEAVY,
      merger: 'alice',
    },
    fork: {
      name: 'fork',
      files: 20_000,
      levels: 2,
      steps: size(2000),
      brings: 49,
      signers: ED25519,
      merger: 'erin',
    },
    // Folders of 4, 39 and 24 files, and at last of 390: a step reads the folders on the way to what it changed.
    sizes: [
      { files: 1000, levels: 2 },
      { files: 10_000, levels: 2 },
      { files: 100_000, levels: 3 },
      { files: 100_000, levels: 2 },
    ].map((size) => ({
      name: `files-${size.files}-${size.levels}`,
      ...size,
      steps: scale === 'whole' ? 1000 : 100,
      brings: 0,
      signers: ED25519,
      merger: 'carol',
    })),
  };
}
