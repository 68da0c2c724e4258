import { readFileSync } from 'node:fs';

export interface MemoryWatch {
  /** Ends the watch: MB of 10^6 bytes, or `null` where the system does not tell. */
  stop(): number | null;
}

const EVERY_MS = 50;
/** Of Linux on all machines with 4 kB pages. */
const PAGE_BYTES = 4096;

/** Looks again and again at what a process and all those below it hold in memory (proc(5)), and remembers the most. */
export function watchMemory(pid: number): MemoryWatch {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid));
  }, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return most === 0 ? null : most / 1e6;
    },
  };
}

function residentBytes(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    const below = children === '' ? [] : children.split(' ').map(Number);
    return below.reduce((sum, child) => sum + residentBytes(child), pages * PAGE_BYTES);
  } catch {
    // It has ended, or this is no Linux.
    return 0;
  }
}
