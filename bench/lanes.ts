/** Calls in flight at a time: far more than threads, so that none of these waits for us. */
const LANES = 256;

/** Awaits `work` for each item, many at a time, and counts the answers that are `true`. */
export async function countGood<T>(
  items: readonly T[],
  work: (item: T) => Promise<boolean>,
): Promise<number> {
  let next = 0;
  let good = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      if (item === undefined) return;
      next += 1;
      if (await work(item)) good += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return good;
}
