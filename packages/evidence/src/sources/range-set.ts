import type { ByteRange } from '@kerbside/bytes';

/** Ranges kept apart; past this, neighbours are merged over the bytes between them: coarser, and never less than the truth. */
const MAX_RANGES = 100_000;

/** A growing set of byte ranges, merged and ascending. */
export class RangeSet {
  readonly #ranges: { offset: number; length: number }[] = [];

  get ranges(): readonly ByteRange[] {
    return this.#ranges;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Adds a range; returns false when the set already held all of it. */
  add(offset: number, length: number): boolean {
    if (length <= 0) return false;
    const list = this.#ranges;
    const first = this.#firstEndingAtOrAfter(offset);
    let start = offset;
    let end = offset + length;
    let last = first;
    while (last < list.length && list[last]!.offset <= end) {
      const known = list[last]!;
      if (known.offset <= offset && known.offset + known.length >= end) return false;
      start = Math.min(start, known.offset);
      end = Math.max(end, known.offset + known.length);
      last += 1;
    }
    list.splice(first, last - first, { offset: start, length: end - start });
    if (list.length > MAX_RANGES) this.#mergeAt(Math.max(1, first));
    return true;
  }

  /** The parts of `offset..offset+length` that the set holds, ascending. */
  within(offset: number, length: number): ByteRange[] {
    const found: ByteRange[] = [];
    const end = offset + length;
    for (let i = this.#firstEndingAtOrAfter(offset + 1); i < this.#ranges.length; i++) {
      const range = this.#ranges[i]!;
      if (range.offset >= end) break;
      const from = Math.max(offset, range.offset);
      found.push({ offset: from, length: Math.min(end, range.offset + range.length) - from });
    }
    return found;
  }

  #firstEndingAtOrAfter(offset: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const range = this.#ranges[middle]!;
      if (range.offset + range.length < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #mergeAt(index: number): void {
    const before = this.#ranges[index - 1]!;
    const after = this.#ranges[index];
    if (after === undefined) return;
    this.#ranges.splice(index - 1, 2, { offset: before.offset, length: after.offset + after.length - before.offset });
  }
}
