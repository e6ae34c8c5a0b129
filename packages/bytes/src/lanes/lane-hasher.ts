/**
 * Digests of many equal blocks at once, in SIMD lanes, over a piece of memory that the caller fills.
 * One per thread; not re-entrant.
 */
export interface LaneHasher {
  /** `scalar` where the processor or runtime has no SIMD for us: the same results from node:crypto, more slowly. */
  readonly kind: 'simd' | 'scalar';
  /** Where the caller puts bytes. Its buffer never moves. Bytes past `input.length` are not the caller's. */
  readonly input: Uint8Array;
  /**
   * MD5 of `count` blocks of `blockBytes` (a multiple of 64) that start at `at`, `strideBytes` apart.
   * @returns 16 bytes a block, side by side; valid until the next call of this method
   * @throws RangeError when a block would leave the input
   */
  md5Blocks(at: number, strideBytes: number, blockBytes: number, count: number): Uint8Array;
  /**
   * Keyed codes (keyed-code.ts) of the first `count` digests that the last `md5Blocks` gave.
   * @returns 8 bytes a digest, side by side; valid until the next call of this method
   * @throws RangeError when there are not so many digests, or the key is not 32 bytes long
   */
  codesOfBlocks(codeKey: Uint8Array, count: number): Uint8Array;
  /**
   * MD5 of `count` whole contents of any lengths that lie in the input, content i in
   * `lengths[i]` bytes from `starts[i]` on.
   * @returns 16 bytes a content, side by side; valid until the next call of this method
   * @throws RangeError when a content would leave the input
   */
  md5Contents(starts: ArrayLike<number>, lengths: ArrayLike<number>, count: number): Uint8Array;
}

/** Refuses a call that would leave the input, which in a kernel's memory would read something else. */
export function requireBlocks(input: Uint8Array, at: number, strideBytes: number, blockBytes: number, count: number): void {
  const areWhole = [at, strideBytes, blockBytes, count].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!areWhole || blockBytes === 0 || blockBytes % 64 !== 0) throw new RangeError(`${count} blocks of ${blockBytes} bytes, ${strideBytes} apart, from ${at}: a block is a multiple of 64 bytes`);
  if (count > 0 && at + (count - 1) * strideBytes + blockBytes > input.byteLength) throw new RangeError(`${count} blocks of ${blockBytes} bytes, ${strideBytes} apart, from ${at} leave the ${input.byteLength} bytes of input`);
}

/** The same for contents. */
export function requireContents(input: Uint8Array, starts: ArrayLike<number>, lengths: ArrayLike<number>, count: number): void {
  for (let i = 0; i < count; i++) {
    const start = starts[i] ?? Number.NaN;
    const length = lengths[i] ?? Number.NaN;
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(length) && start >= 0 && length >= 0 && start + length <= input.byteLength)) {
      throw new RangeError(`content ${i}, ${length} bytes from ${start}, leaves the ${input.byteLength} bytes of input`);
    }
  }
}

/** The array, or a larger one where it is too small. Grows by doubling, so that calls of one size never allocate. */
export function roomFor(array: Uint8Array<ArrayBuffer>, sizeBytes: number): Uint8Array<ArrayBuffer> {
  return array.byteLength >= sizeBytes ? array : new Uint8Array(Math.max(sizeBytes, array.byteLength * 2));
}
