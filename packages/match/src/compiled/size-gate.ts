import { decodeIntegers } from './integers.ts';
import { SIZE_BITMAP_LIMIT } from './layout.ts';
import type { SetFile } from './set-file.ts';

/** Loads a set's size gate; null when some row states no size, so that nothing may be gated. */
export function loadSizeGate(file: SetFile): ((sizeBytes: number) => boolean) | null {
  if (file.header.rowsWithoutSize > 0) return null;
  return sizeGateOf(file.readWhole('size-bits'), decodeIntegers(file.readWhole('sizes')));
}

/**
 * The size gate of sizes below 16 MiB as a bitmap and larger ones as a rising list.
 * @returns whether a size is among them
 */
export function sizeGateOf(bits: Uint8Array, large: Float64Array): (sizeBytes: number) => boolean {
  return (sizeBytes) => {
    if (sizeBytes < SIZE_BITMAP_LIMIT) return ((bits[sizeBytes >>> 3] ?? 0) & (1 << (sizeBytes & 7))) !== 0;
    let low = 0;
    let high = large.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (large[middle]! < sizeBytes) low = middle + 1;
      else high = middle;
    }
    return large[low] === sizeBytes;
  };
}
