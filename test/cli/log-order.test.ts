import { describe, expect, test } from 'vitest';
import { inOrder } from '../../src/cli/log/order.ts';

/** Items in pieces of ten, counting how many were taken. */
async function* numbers(
  count: number,
  taken: { count: number },
  error?: Error,
): AsyncGenerator<readonly number[]> {
  for (let from = 0; from < count; from += 10) {
    await Promise.resolve();
    const piece = Array.from({ length: Math.min(10, count - from) }, (_, index) => from + index);
    taken.count += piece.length;
    yield piece;
  }
  if (error !== undefined) throw error;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};

describe('work side by side', () => {
  test('gives its results in order, whichever is done first, within the bounds', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await turns((item * 7) % 13);
      running -= 1;
      return item;
    };
    const results: number[] = [];
    for await (const ready of inOrder(numbers(500, { count: 0 }), work, {
      inFlight: 16,
      weight: 1,
      waiting: 40,
    })) {
      expect(ready.length).toBeGreaterThan(0);
      results.push(...ready);
    }
    expect(results).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(most).toBe(16);
  });

  test('has few heavy items under way, but always one', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await turns(2);
      running -= 1;
      return item;
    };
    const results: number[] = [];
    const flow = { inFlight: 16, weight: 10, waiting: 40 };
    for await (const ready of inOrder(numbers(60, { count: 0 }), work, flow, (item) =>
      item < 30 ? 4 : 50,
    )) {
      results.push(...ready);
      if (results.length === 30) most = 1;
    }
    expect(results).toHaveLength(60);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('makes the source wait for a slow reader', async () => {
    const taken = { count: 0 };
    const source = numbers(10_000, taken);
    let read = 0;
    for await (const ready of inOrder(source, (item) => Promise.resolve(item), {
      inFlight: 8,
      weight: 1,
      waiting: 32,
    })) {
      read += ready.length;
      await turns(20);
      // What waits, a piece of which a part was begun, and one that was asked for.
      expect(taken.count - read).toBeLessThanOrEqual(32 + 20);
      if (read > 500) break;
    }
    expect(taken.count).toBeLessThan(1000);
  });

  test('gives what came before a source broke, then its error', async () => {
    const results: number[] = [];
    const reading = async (): Promise<void> => {
      const source = numbers(25, { count: 0 }, new Error('cut'));
      const work = async (item: number): Promise<number> => {
        await turns(3);
        return item;
      };
      for await (const ready of inOrder(source, work, { inFlight: 4, weight: 1, waiting: 8 }))
        results.push(...ready);
    };
    await expect(reading()).rejects.toThrow('cut');
    expect(results).toHaveLength(25);
  });

  test('ends with the error of work that failed', async () => {
    const reading = async (): Promise<void> => {
      const work = (item: number): Promise<number> =>
        item === 12 ? Promise.reject(new Error('defect')) : Promise.resolve(item);
      for await (const ready of inOrder(numbers(100, { count: 0 }), work, {
        inFlight: 4,
        weight: 1,
        waiting: 8,
      })) {
        expect(ready.every((item) => item < 12)).toBe(true);
      }
    };
    await expect(reading()).rejects.toThrow('defect');
  });

  test('of nothing is nothing', async () => {
    const results: unknown[] = [];
    for await (const ready of inOrder(numbers(0, { count: 0 }), (item) => Promise.resolve(item), {
      inFlight: 1,
      weight: 1,
      waiting: 1,
    })) {
      results.push(ready);
    }
    expect(results).toEqual([]);
  });
});
