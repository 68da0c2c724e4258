import { textReport } from '../../../src/core/report/text.ts';
import type { Verdict } from '../../../src/core/verdict/verdict.ts';
import type { VerdictCase } from './case.ts';

/** The report as a terminal shows it, below what the case is about. */
export function reportOf({ about }: VerdictCase, verdict: Verdict): string {
  return `# ${about}\n\n${textReport(verdict, { url: null, pull: null })}`;
}
