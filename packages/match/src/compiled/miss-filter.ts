/**
 * A bit filter in front of a digest index: most digests of a device are in no set, and this says so
 * from one 32-bit word, where the index would cost two visits to memory far apart. Each digest sets
 * three bits of one word. It never denies a digest that is there; at most about one in twenty-five that is
 * not passes and is turned away by the index.
 */

/** Fewest words per digest, as a divisor: 8 to 16 bits a digest after rounding up to a power of two. */
const DIGESTS_PER_WORD = 4;

/** Largest filter, in bits of its word count: 64 MiB, so that a set of any size builds in bounded memory. */
export const MAX_FILTER_BITS = 24;

/** How many leading bits of a digest choose its word, for a set of this many digests. */
export function filterBitsFor(entries: number): number {
  return Math.min(MAX_FILTER_BITS, Math.max(0, Math.ceil(Math.log2(entries / DIGESTS_PER_WORD))));
}

/** The three bits of a digest in its word; only the low 15 bits of `second`, its bytes 4 to 7, count. */
export function filterMask(second: number): number {
  return (1 << (second & 31)) | (1 << ((second >>> 5) & 31)) | (1 << ((second >>> 10) & 31));
}

/** Which word a digest belongs to, from its bytes 0 to 3 as a number, signed or not. */
export function filterWord(first: number, filterBits: number): number {
  // In two steps, as a shift by 32 would be one by 0.
  return (first >>> 1) >>> (31 - filterBits);
}
