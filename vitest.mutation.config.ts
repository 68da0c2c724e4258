import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What mutants of `core/signature` and `core/identity` are tried against: only tests that run in the process itself, since
 * every one of thousands of mutants waits for them. What gpg and ssh-keygen say is in the vectors. What is quick and finds
 * most comes first: the first test that fails ends a mutant.
 */
const FILES = [
  'test/core/identity/standing.test.ts',
  'test/core/identity/key-standing.test.ts',
  'test/core/identity/packets.test.ts',
  'test/core/identity/copies.test.ts',
  'test/core/identity/certified.test.ts',
  'test/core/identity/self-signatures.test.ts',
  'test/core/identity/keep-verified.test.ts',
  'test/core/identity/shared-keys.test.ts',
  'test/core/identity/refresh-by-hand.test.ts',
  'test/core/identity/key-file-by-hand.test.ts',
  'test/vectors/vectors.test.ts',
  'test/core/identity/expiry.test.ts',
  'test/core/identity/material.test.ts',
  'test/core/identity/hand-made.test.ts',
  'test/core/identity/certifications-by-hand.test.ts',
  'test/core/identity/key-bounds.test.ts',
  'test/core/identity/certificate-weight.test.ts',
  'test/attacks/audit-keys.test.ts',
  'test/attacks/audit-certificates.test.ts',
  'test/differential/self-signatures.test.ts',
  'test/core/identity/library.test.ts',
  'test/properties/self-signatures.test.ts',
  'test/properties/boundaries-armor.test.ts',
  'test/properties/boundaries-keys.test.ts',
  'test/properties/boundaries-openpgp.test.ts',
  'test/properties/round-trips.test.ts',
  'test/properties/round-trips-objects.test.ts',
  'test/properties/parsers.test.ts',
  'test/properties/tampering.test.ts',
];

class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      FILES.findIndex((file) => moduleId.endsWith(file));
    return Promise.resolve(files.toSorted((a, b) => place(a) - place(b)));
  }
}

export default defineConfig({
  test: {
    include: FILES,
    env: { COUNTERSIGN_RUNS: 'light' },
    sequence: { sequencer: InOrder },
    testTimeout: 20_000,
  },
});
