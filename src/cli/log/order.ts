/** How much is under way at a time. */
export interface Flow {
  /** Work begun and not ended: enough to keep libuv's pool busy while the main thread does something else. */
  readonly inFlight: number;
  /** What its items may weigh together: few large ones, so that memory is bounded. One item always may begin. */
  readonly weight: number;
  /** Results that wait for those before them, or for their reader. */
  readonly waiting: number;
}

interface Slot<R> {
  done: boolean;
  result: R | null;
}

/**
 * Works on items side by side and gives the results in the order of the items, as many at a time as are ready. The source
 * is read on while results are used, up to the bounds of `flow`. Where the source throws, what came before is given first;
 * where `work` does, nothing more.
 */
export async function* inOrder<T, R>(
  source: AsyncIterable<readonly T[]>,
  work: (item: T) => Promise<R>,
  flow: Flow,
  weigh: (item: T) => number = () => 0,
): AsyncGenerator<readonly R[]> {
  const slots: Slot<R>[] = [];
  const reader = signal();
  const pump = signal();
  const stopping = new AbortController();
  const stop = stopping.signal;
  const state: {
    inFlight: number;
    weight: number;
    ended: boolean;
    failure: Thrown | null;
    defect: Thrown | null;
  } = {
    inFlight: 0,
    weight: 0,
    ended: false,
    failure: null,
    defect: null,
  };

  const isFull = (): boolean =>
    state.inFlight >= flow.inFlight ||
    slots.length >= flow.waiting ||
    (state.inFlight > 0 && state.weight >= flow.weight);
  const begin = (item: T): void => {
    const slot: Slot<R> = { done: false, result: null };
    slots.push(slot);
    const weight = weigh(item);
    state.inFlight += 1;
    state.weight += weight;
    work(item).then(
      (result) => {
        slot.result = result;
        slot.done = true;
        state.inFlight -= 1;
        state.weight -= weight;
        if (slot === slots[0]) reader.raise();
        pump.raise();
      },
      (error: unknown) => {
        state.defect ??= { error };
        reader.raise();
      },
    );
  };
  const fill = async (): Promise<void> => {
    try {
      for await (const items of source) {
        for (const item of items) {
          while (isFull()) {
            if (stop.aborted) return;
            await pump.raised();
          }
          if (stop.aborted) return;
          begin(item);
        }
      }
    } catch (error) {
      state.failure ??= { error };
    } finally {
      state.ended = true;
      reader.raise();
    }
  };

  const filled = fill();
  try {
    for (;;) {
      throwIf(state.defect);
      const ready = takeReady(slots);
      if (ready.length > 0) {
        pump.raise();
        yield ready;
      } else if (state.ended && slots.length === 0) break;
      else {
        await reader.raised();
        // The pool reports several results in one turn of the event loop: they are taken together.
        await new Promise(setImmediate);
      }
    }
    throwIf(state.failure);
  } finally {
    stopping.abort();
    pump.raise();
    await filled;
  }
}

interface Thrown {
  readonly error: unknown;
}

function throwIf(thrown: Thrown | null): void {
  if (thrown !== null) throw thrown.error;
}

function takeReady<R>(slots: Slot<R>[]): R[] {
  const end = slots.findIndex(({ done }) => !done);
  return slots
    .splice(0, end < 0 ? slots.length : end)
    .flatMap(({ result }) => (result === null ? [] : [result]));
}

/** Wakes one waiter; raised before anybody waits, it wakes the next one at once. */
function signal(): { raise(): void; raised(): Promise<void> } {
  let wake: (() => void) | null = null;
  let pending = false;
  return {
    raise() {
      pending = wake === null;
      wake?.();
      wake = null;
    },
    raised() {
      if (pending) {
        pending = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
  };
}
