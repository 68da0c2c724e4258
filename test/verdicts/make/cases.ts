import type { VerdictCase } from './case.ts';
import { auditCases } from './cases-audit.ts';
import { adoptionCases } from './cases-adoption.ts';
import { objectionCases } from './cases-objections.ts';
import { recoveryCases } from './cases-recovery.ts';
import { ruleCases } from './cases-rules.ts';
import { socialCases } from './cases-social.ts';
import { timeCases } from './cases-time.ts';

/** Every case, in the order in which the rules of trust.md have them. */
export const cases: readonly VerdictCase[] = [
  ...socialCases,
  ...adoptionCases,
  ...recoveryCases,
  ...objectionCases,
  ...timeCases,
  ...ruleCases,
  ...auditCases,
];
