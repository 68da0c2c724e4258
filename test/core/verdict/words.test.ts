import { expect, test } from 'vitest';
import type { StandingProblem } from '../../../src/core/identity/standing.ts';
import type { ProofReason } from '../../../src/core/signature/proof.ts';
import {
  reasonInWords,
  reasonRemedy,
  standingInWords,
  standingRemedy,
} from '../../../src/core/verdict/catalogue/words.ts';

/** Written out, so that a new code is missed here by the compiler. */
const REASONS: Record<ProofReason, true> = {
  unsigned: true,
  'x509-unsupported': true,
  'signature-malformed': true,
  'signature-bad': true,
  'key-unknown': true,
  'several-signatures': true,
  'text-mode-signature': true,
  'wrong-signature-type': true,
  'weak-hash': true,
  'weak-key': true,
  'algorithm-unsupported': true,
  'version-unsupported': true,
  'dsa-refused': true,
  'wrong-namespace': true,
  'ssh-certificate': true,
  'trailing-bytes': true,
};
const PROBLEMS: Record<StandingProblem, true> = {
  'key-not-bound': true,
  'binding-bad': true,
  'key-not-for-signing': true,
  'back-signature-missing': true,
  'back-signature-bad': true,
  'key-expired': true,
  'key-revoked-hard': true,
  'key-revoked-soft': true,
  'key-created-later': true,
  'signature-expired': true,
  'weak-key': true,
  'algorithm-unsupported': true,
};
const reasons = Object.keys(REASONS) as ProofReason[];
const problems = Object.keys(PROBLEMS) as StandingProblem[];

test('every reason and problem has words of its own, to stand in a sentence', () => {
  for (const words of [reasons.map(reasonInWords), problems.map(standingInWords)]) {
    expect(new Set(words).size).toBe(words.length);
    for (const text of words) expect(text).toMatch(/^(?:[a-z]).*[^.]$/);
  }
});

test('every problem has a remedy, and every reason but a signature over other bytes', () => {
  for (const text of problems.map(standingRemedy)) expect(text).toMatch(/^(?:[a-z]).*[^.]$/);
  expect(reasons.filter((reason) => reasonRemedy(reason) === null)).toEqual(['signature-bad']);
});
