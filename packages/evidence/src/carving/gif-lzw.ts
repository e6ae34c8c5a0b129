/** Codes are at most 12 bits long. */
const MAX_CODES = 4096;
const MAX_CODE_BITS = 12;

/**
 * Counts the pixels that LZW data gives, without making them: of each code only the length of what it
 * stands for is kept. Codes that the table does not hold yet are impossible, and so are more pixels than
 * the picture has, or an end code before the last of them.
 */
export class LzwPixels {
  /** Length of what each code stands for; codes past the next one to be added are left over and not looked at. */
  readonly #lengths = new Uint32Array(MAX_CODES);
  readonly #clearCode: number;
  readonly #pixels: number;
  readonly #firstBits: number;
  #codeBits: number;
  /** Number of the next code to be added to the table. */
  #next: number;
  /** Length of the code before, 0 right after a clear code. */
  #previous = 0;
  #held = 0;
  #heldBits = 0;
  #given = 0;
  #ended = false;

  /** @param codeBits as the picture says: codes up to 2^codeBits - 1 are colours, then clear, then end */
  constructor(codeBits: number, pixels: number) {
    this.#clearCode = 1 << codeBits;
    this.#firstBits = codeBits + 1;
    this.#codeBits = this.#firstBits;
    this.#pixels = pixels;
    this.#lengths.fill(1, 0, this.#clearCode);
    this.#next = this.#clearCode + 2;
  }

  /** All pixels were given; with or without the end code, which some writers leave out. */
  get isWhole(): boolean {
    return this.#given === this.#pixels;
  }

  /** Takes one block; false when a code in it is impossible. Fields are held in variables: this loop is all of the work. */
  push(block: Uint8Array): boolean {
    // Bits that fill the last byte, and bytes that some writers add after the end, are let pass.
    if (this.#ended) return true;
    const lengths = this.#lengths;
    const clearCode = this.#clearCode;
    const pixels = this.#pixels;
    let [codeBits, next, previous, held, heldBits, given] = [this.#codeBits, this.#next, this.#previous, this.#held, this.#heldBits, this.#given];
    let at = 0;
    for (;;) {
      if (heldBits < codeBits) {
        if (at === block.length) break;
        held |= block[at]! << heldBits;
        heldBits += 8;
        at += 1;
        continue;
      }
      const code = held & ((1 << codeBits) - 1);
      held >>>= codeBits;
      heldBits -= codeBits;
      if (code === clearCode) {
        codeBits = this.#firstBits;
        next = clearCode + 2;
        previous = 0;
        continue;
      }
      if (code === clearCode + 1) {
        this.#ended = true;
        break;
      }
      if (code >= next && (code > next || previous === 0)) return false;
      const length = code === next ? previous + 1 : lengths[code]!;
      if (previous > 0 && next < MAX_CODES) {
        lengths[next] = previous + 1;
        next += 1;
        if (next === 1 << codeBits && codeBits < MAX_CODE_BITS) codeBits += 1;
      }
      previous = length;
      given += length;
      if (given > pixels) return false;
    }
    [this.#codeBits, this.#next, this.#previous, this.#held, this.#heldBits, this.#given] = [codeBits, next, previous, held, heldBits, given];
    return !this.#ended || given === pixels;
  }
}
