import type { Facts } from './core/facts/facts.ts';
import { prove } from './core/facts/prove.ts';
import { readFacts } from './core/facts/reading.ts';
import type { Target } from './core/facts/target.ts';
import { evaluate, unreadable } from './core/verdict/evaluate.ts';
import type { Verdict } from './core/verdict/verdict.ts';
import { gather, type GatherOptions } from './gather/gather.ts';
import { Unreadable, type Ports } from './gather/ports.ts';

export interface Judgement {
  /** `null` where they could not be gathered; then the verdict is `undetermined`. */
  readonly facts: Facts | null;
  readonly verdict: Verdict;
  /** Whether judging again later may come to another end. */
  readonly retry: boolean;
}

/**
 * Judges a change by the policy at its base, or a step by the policy at its parent, on facts that anyone can gather
 * again. A broken world becomes an `undetermined` verdict; any other exception is a defect and is thrown.
 */
export async function judge(target: Target, ports: Ports, options: GatherOptions): Promise<Judgement> {
  try {
    const facts = await gather(target, ports, options);
    return { facts, verdict: await decide(facts), retry: false };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { facts: null, verdict: unreadable(target, error.code, error.message), retry: error.passing };
  }
}

/** Nothing but `facts` decides. */
export async function decide(facts: Facts): Promise<Verdict> {
  const reading = readFacts(facts);
  return evaluate(reading, await prove(reading));
}
