const WORD_BITS = 32;
const FULL_WORD = 0xffff_ffff;

/** One bit for each of `count` numbers: 2 MiB for the 16 million chunks of a 1 TB device. */
export class BitSet {
  readonly count: number;
  readonly #words: Uint32Array;

  constructor(count: number) {
    this.count = count;
    this.#words = new Uint32Array(Math.ceil(count / WORD_BITS));
  }

  has(index: number): boolean {
    return ((this.#words[index >>> 5]! >>> (index & 31)) & 1) === 1;
  }

  /** @returns false when it was set already */
  add(index: number): boolean {
    const word = this.#words[index >>> 5]!;
    const bit = (1 << (index & 31)) >>> 0;
    if ((word & bit) !== 0) return false;
    this.#words[index >>> 5] = word | bit;
    return true;
  }

  /** First number from `from` on that is set (`value` true) or not set; `count` when there is none. */
  next(from: number, value: boolean): number {
    const skip = value ? 0 : FULL_WORD;
    let at = from >>> 5;
    if (from >= this.count) return this.count;
    let word = (value ? this.#words[at]! : ~this.#words[at]!) & (-1 << (from & 31));
    while (word === 0) {
      at += 1;
      while (at < this.#words.length && this.#words[at] === skip) at += 1;
      if (at >= this.#words.length) return this.count;
      word = value ? this.#words[at]! : ~this.#words[at]!;
    }
    return Math.min(this.count, at * WORD_BITS + (31 - Math.clz32(word & -word)));
  }
}
