import type { KnownSet } from '../known-set.ts';
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

/**
 * One gate over several sets: true when some set may hold a file of this length. Null when a set
 * has no gate, because then every file has to be read.
 */
export function createGate(sets: readonly Pick<KnownSet, 'mayHaveSize'>[]): ((sizeBytes: number) => boolean) | null {
  const gates: ((sizeBytes: number) => boolean)[] = [];
  for (const { mayHaveSize } of sets) {
    if (mayHaveSize === null) return null;
    gates.push(mayHaveSize);
  }
  return (sizeBytes) => gates.some((gate) => gate(sizeBytes));
}
