import { commitTampering } from './tampered-commits.ts';
import { ledgerTampering } from './tampered-ledger.ts';
import { policyTampering } from './tampered-policy.ts';
import type { TamperedHistory } from './tampered.ts';

/** Every declaration of a history that somebody tampered with. */
export const tamperedHistories: readonly TamperedHistory[] = [
  ...ledgerTampering,
  ...policyTampering,
  ...commitTampering,
];
