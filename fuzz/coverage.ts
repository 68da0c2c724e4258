import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';

/** What of `src/core`, `src/nix` and `src/trust` has run, by the engine's own counters for blocks of functions. */
export interface Coverage {
  /** Blocks that ran since the last call and are not known yet. */
  fresh(): readonly string[];
  /** Makes blocks known. */
  learn(blocks: readonly string[]): void;
  size(): number;
}

/** Counts in this thread. Asking costs milliseconds: ask for many inputs at once. */
export function openCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const known = new Set<string>();
  return {
    fresh() {
      const found: string[] = [];
      // Answered before `post` returns: the session is one of this very thread.
      session.post('Profiler.takePreciseCoverage', (error, { result }) => {
        if (error !== null) throw error;
        for (const block of blocksThatRan(result)) if (!known.has(block)) found.push(block);
      });
      return found;
    },
    learn(blocks) {
      for (const block of blocks) known.add(block);
    },
    size: () => known.size,
  };
}

function* blocksThatRan(scripts: readonly Profiler.ScriptCoverage[]): Generator<string> {
  for (const { url, functions } of scripts) {
    if (!/\/src\/(?:core|nix|trust)\//.test(url)) continue;
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        if (count > 0) yield `${url}:${startOffset}:${endOffset}`;
      }
    }
  }
}
