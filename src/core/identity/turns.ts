/** Read or hashed between two turns of the event loop: a few milliseconds, some dozen at worst. */
const BYTES_A_TURN = 1 << 20;

let bytes = 0;
let turn: Promise<void> | null = null;

/**
 * To be awaited before `length` bytes of key files are read or hashed: from time to time it lets the event loop turn. All
 * that happens on the main thread, and a signature that proves bad by its hash is followed by the next one at once.
 */
export async function makeRoom(length: number): Promise<void> {
  while (bytes >= BYTES_A_TURN) await nextTurn();
  bytes += length;
}

/** All that wait, wait for the same one. */
function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      bytes = 0;
      turn = null;
      resolve();
    });
  });
  return turn;
}
