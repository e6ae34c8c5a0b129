import { encodeIntegers } from '../compiled/integers.ts';
import { SIZE_BITMAP_LIMIT } from '../compiled/layout.ts';

/** Large sizes gathered before they are sorted and doubles dropped for the first time. */
const FIRST_CAPACITY = 64 * 1024;

/** Gathers the distinct sizes of a set for its size gate: a bit each below 16 MiB, a sorted list above. */
export class SizeGatherer {
  readonly #bits = new Uint8Array(SIZE_BITMAP_LIMIT / 8);
  #large = new Float64Array(FIRST_CAPACITY);
  #count = 0;
  #highestByte = -1;

  add(sizeBytes: number): void {
    if (sizeBytes < SIZE_BITMAP_LIMIT) {
      const at = sizeBytes >>> 3;
      this.#bits[at]! |= 1 << (sizeBytes & 7);
      if (at > this.#highestByte) this.#highestByte = at;
      return;
    }
    if (this.#count === this.#large.length) this.#makeRoom();
    this.#large[this.#count++] = sizeBytes;
  }

  /** The bitmap up to its last set bit. */
  bitmap(): Uint8Array {
    return this.#bits.subarray(0, this.#highestByte + 1);
  }

  /** The distinct sizes of 16 MiB and more, rising, as 64-bit little-endian integers. */
  largeSizes(): Uint8Array {
    this.#dropDoubles();
    return encodeIntegers(this.#large.subarray(0, this.#count));
  }

  #makeRoom(): void {
    this.#dropDoubles();
    if (this.#count <= this.#large.length / 2) return;
    const wider = new Float64Array(this.#large.length * 2);
    wider.set(this.#large.subarray(0, this.#count));
    this.#large = wider;
  }

  #dropDoubles(): void {
    const sorted = this.#large.subarray(0, this.#count).sort();
    let kept = 0;
    for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i]!;
    this.#count = kept;
  }
}
