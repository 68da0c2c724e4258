import { grouped } from './text.ts';

export interface Progress {
  show(done: number): void;
  /** Takes the bar away. */
  clear(): void;
}

const WIDTH = 24;
const EVERY_MS = 100;
const ERASE_LINE = '\r\u001b[K';

/** A bar on a terminal, drawn at most ten times a second; the number alone until it is known how many there are. */
export function openProgress(write: (text: string) => void, total: Promise<number | null>): Progress {
  let all: number | null = null;
  void total.then((known) => {
    all = known;
  });
  let last = 0;
  return {
    show(done) {
      const now = performance.now();
      if (now - last < EVERY_MS) return;
      last = now;
      write(ERASE_LINE + barText(done, all));
    },
    clear() {
      if (last > 0) write(ERASE_LINE);
    },
  };
}

export function barText(done: number, total: number | null, what = 'commits'): string {
  if (total === null || total < done || total === 0) return `${grouped(done)} ${what}`;
  const filled = Math.floor((done / total) * WIDTH);
  const percent = Math.floor((done / total) * 100);
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${percent}%  ${grouped(done)} of ${grouped(total)} ${what}`;
}
