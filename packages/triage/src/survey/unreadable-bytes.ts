import type { ByteRange } from '@kerbside/bytes';

/** Ranges kept apart; a medium with more of them is beyond counting to the byte. 1.6 MB of memory. */
const MAX_RANGES = 100_000;

/**
 * Counts bytes that could not be read, each once however often it was asked for. Beyond `MAX_RANGES` separate
 * ranges, further ones are added up without comparing: the count is then an upper bound.
 */
export class UnreadableBytes {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add({ offset, length }: ByteRange): void {
    if (length <= 0) return;
    let from = offset;
    let to = offset + length;
    const first = this.#firstEndingAt(from);
    let last = first;
    let counted = 0;
    while (last < this.#starts.length && this.#starts[last]! <= to) {
      from = Math.min(from, this.#starts[last]!);
      to = Math.max(to, this.#ends[last]!);
      counted += this.#ends[last]! - this.#starts[last]!;
      last += 1;
    }
    if (last === first && this.#starts.length >= MAX_RANGES) {
      this.#bytes += length;
      return;
    }
    this.#starts.splice(first, last - first, from);
    this.#ends.splice(first, last - first, to);
    this.#bytes += to - from - counted;
  }

  /** First range that ends at or behind `offset`. */
  #firstEndingAt(offset: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
