const SECONDS_A_DAY = 86_400;
const SOON_DAYS = 60;
const URGENT_DAYS = 14;

export interface ExpiryWarning {
  readonly severity: 'soon' | 'urgent' | 'expired';
  /** Whole days that are left; from the end on: 0 or less, the whole days since then. */
  readonly days: number;
}

/**
 * What to warn of before a key ends: from 60 days before, urgently from 14 days before. At its very end it has expired, as
 * for `standingOf`.
 *
 * @param expiresAt seconds since the epoch; `null`: does not expire
 * @param now seconds since the epoch
 */
export function expiryWarning(expiresAt: number | null, now: number): ExpiryWarning | null {
  if (expiresAt === null) return null;
  const left = expiresAt - now;
  // `+ 0`: not minus zero.
  const days = Math.trunc(left / SECONDS_A_DAY) + 0;
  if (left <= 0) return { severity: 'expired', days };
  if (left <= URGENT_DAYS * SECONDS_A_DAY) return { severity: 'urgent', days };
  return left <= SOON_DAYS * SECONDS_A_DAY ? { severity: 'soon', days } : null;
}
