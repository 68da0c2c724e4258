import type { Random } from './random.ts';

/** Larger inputs say nothing new and cost time; what is beyond real bounds is a test of its own (attacks row 40). */
export const MAX_INPUT_BYTES = 16_384;

type Change = (bytes: Buffer, random: Random, others: readonly Buffer[], words: readonly Buffer[]) => Buffer;

/** An input made of `input` by one to eight changes. */
export function mutate(
  input: Buffer,
  random: Random,
  others: readonly Buffer[],
  words: readonly Buffer[],
): Buffer {
  let bytes: Buffer = Buffer.from(input);
  // Few changes keep an input close to what parses; many leave it.
  for (let left = 1 + random.below(random.pick([1, 1, 2, 4, 8])); left > 0; left -= 1) {
    bytes = random.pick(CHANGES)(bytes, random, others, words).subarray(0, MAX_INPUT_BYTES);
  }
  return bytes;
}

const INTERESTING = [
  0, 1, 2, 3, 4, 5, 6, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xfe, 0xff,
];
const LENGTHS = [
  0, 1, 0x7f, 0x80, 0xbf, 0xc0, 0xff, 0x100, 0x1fff, 0x20c0, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
  0x80000000, 0xffffffff,
];

const flipBit: Change = (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8)));
const setByte: Change = (bytes, random) =>
  changed(bytes, random, () => (random.below(2) === 0 ? random.below(256) : random.pick(INTERESTING)));
const addToByte: Change = (bytes, random) =>
  changed(bytes, random, (byte) => (byte + random.pick([1, 255, 2, 254, 16, 240])) & 0xff);

/** Overwrites where a length may stand with another, of one, two or four bytes. */
const setLength: Change = (bytes, random) => {
  const width = random.pick([1, 2, 4]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const value = random.below(3) === 0 ? bytes.length - at - width : random.pick(LENGTHS);
  bytes.writeUIntBE(value % 2 ** (8 * width), at, width);
  return bytes;
};

const insertNoise: Change = (bytes, random) =>
  inserted(bytes, random, Buffer.from(Array.from({ length: 1 + random.below(16) }, () => random.below(256))));
const insertRun: Change = (bytes, random) =>
  inserted(bytes, random, Buffer.alloc(1 + random.below(300), random.pick(INTERESTING)));
const insertWord: Change = (bytes, random, _others, words) =>
  words.length === 0 ? bytes : inserted(bytes, random, random.pick(words));

const overwriteWithWord: Change = (bytes, random, _others, words) => {
  if (words.length === 0 || bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  const word = random.pick(words);
  return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at + word.length)]);
};

const remove: Change = (bytes, random) => {
  const [start, end] = part(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
};
const truncate: Change = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));
const repeat: Change = (bytes, random) => {
  const [start, end] = part(bytes, random);
  const times = Math.min(1 + random.below(20), Math.floor(MAX_INPUT_BYTES / (end - start + 1)));
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end));
  return Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start)]);
};
const move: Change = (bytes, random) => {
  const [start, end] = part(bytes, random);
  const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  return inserted(rest, random, bytes.subarray(start, end));
};

/** The start of this with the end of another. */
const splice: Change = (bytes, random, others) => {
  const other = random.pick(others);
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
};
const insertOther: Change = (bytes, random, others) => {
  const other = random.pick(others);
  const [start, end] = part(other, random);
  return inserted(bytes, random, other.subarray(start, end));
};

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  addToByte,
  setLength,
  insertNoise,
  insertRun,
  insertWord,
  overwriteWithWord,
  remove,
  truncate,
  repeat,
  move,
  splice,
  insertOther,
];

function changed(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  bytes.writeUInt8(change(bytes.readUInt8(at)), at);
  return bytes;
}

function inserted(bytes: Buffer, random: Random, more: Uint8Array): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

function part(bytes: Buffer, random: Random): readonly [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + random.below(random.pick([4, 32, 256, 4096])))];
}
