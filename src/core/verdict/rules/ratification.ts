import type { Ratified } from '../statements/ratification.ts';
import { ruling, type Ruling } from '../verdict.ts';

/** Whether governance has taken a landed step upon itself: shown with every verdict on it (trust.md F27). */
export function judgeRatification({ findings, people }: Ratified): Ruling {
  return ruling('ratification', 'ratified by governance', findings, people);
}

/**
 * Whether a ratification lets the step pass. It answers for what is wrong with the step, not for what nobody could tell, nor
 * for the policy that judges.
 */
export function mends({ holds }: Ratified, rulings: readonly Ruling[]): boolean {
  return (
    holds &&
    rulings.every(
      ({ rule, outcome }) => outcome !== 'undetermined' && (rule !== 'policy' || outcome === 'pass'),
    )
  );
}
