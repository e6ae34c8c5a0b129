import { decodeIntegers } from './integers.ts';
import { SIZE_BITMAP_LIMIT } from './layout.ts';
import type { SetFile } from './set-file.ts';

/** Loads a set's size gate; null when some row states no size, so that nothing may be gated. */
export function loadSizeGate(file: SetFile): ((sizeBytes: number) => boolean) | null {
  if (file.header.rowsWithoutSize > 0) return null;
  const bits = file.readWhole('size-bits');
  const large = decodeIntegers(file.readWhole('sizes'));
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
