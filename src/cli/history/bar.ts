import type { Io } from '../io.ts';
import { barText } from '../log/progress.ts';

export interface Bar {
  readonly show: (done: number, total: number) => void;
  readonly clear: () => void;
}

const EVERY_MS = 100;
const ERASE_LINE = '\r\u001b[K';

/** How many steps are judged, on a terminal, at most ten times a second. */
export function openBar({ err, terminal }: Io): Bar {
  let last = 0;
  if (terminal?.err !== true) return { show: () => undefined, clear: () => undefined };
  return {
    show(done, total) {
      const now = performance.now();
      if (now - last < EVERY_MS) return;
      last = now;
      err(ERASE_LINE + barText(done, total, 'steps'));
    },
    clear() {
      if (last > 0) err(ERASE_LINE);
      last = 0;
    },
  };
}
