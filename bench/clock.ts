import { performance } from 'node:perf_hooks';

/** Gives what has passed since, in milliseconds: on the wall, and on all processors for this process. */
export function startClock(): () => { ms: number; cpuMs: number } {
  const before = process.cpuUsage();
  const start = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
  };
}
