/** One parser, or one verifier, with inputs to start from and what must hold for every input. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Words of the format, which chance alone would not find. */
  readonly words: readonly string[];
  /** Throws where something does not hold; anything that a parser throws and is not its own error is such a thing. */
  readonly run: (input: Buffer) => void | Promise<void>;
}
