/** How this GitHub was told to misbehave. Rules are used up in the order in which they were given. */

export interface RequestFault {
  /** What it hits; left out: every API request. */
  match?: { method?: string; path?: RegExp };
  /** How often; left out: once. */
  times?: number;
  /** Wait before answering, milliseconds. Alone: answer properly, but late. */
  delayMs?: number;
  /** Answer with this instead. */
  status?: 500 | 502 | 503;
  /** 403 or 429 with `retry-after` and GitHub's words. */
  secondaryRateLimit?: { status?: 403 | 429; retryAfter?: number };
  /** 403 with `x-ratelimit-remaining: 0`, until `resetInSeconds` from now. */
  primaryRateLimit?: { resetInSeconds: number };
  /**
   * Do what was asked, then close the connection without an answer (`reset`) or in its middle (`truncate`), or send
   * half of the JSON as if it were all (`half`).
   */
  connection?: 'reset' | 'truncate' | 'half';
}

export interface DeliveryFault {
  /** Which events; left out: all. */
  match?: (delivery: { event: string; action: string | undefined }) => boolean;
  /** Never reach the app: this many. */
  lose?: number;
  /** Reach the app twice, with one GUID: this many. */
  duplicate?: number;
  /** Hold until this many wait, then send the last first. */
  reorder?: number;
  /** Reach the app late: this many milliseconds. */
  delayMs?: number;
}

export interface Faults {
  requests: { rule: RequestFault; left: number }[];
  deliveries: { rule: DeliveryFault; lose: number; duplicate: number; held: (() => Promise<void>)[] }[];
}

export function takeRequestFault(faults: Faults, method: string, path: string): RequestFault | undefined {
  const index = faults.requests.findIndex(({ rule }) => {
    const { match } = rule;
    return (match?.method ?? method) === method && (match?.path?.test(path) ?? true);
  });
  const found = faults.requests[index];
  if (!found) return undefined;
  found.left -= 1;
  if (found.left <= 0) faults.requests.splice(index, 1);
  return found.rule;
}
