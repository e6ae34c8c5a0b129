import { BUCKET_BITS_PER_BLOCK } from './near-plan.ts';
import { bitsOf } from './pdq-hash.ts';

/** Buckets of one table entry, a bit each. */
const BUCKETS = 2 ** BUCKET_BITS_PER_BLOCK;

/** All numbers of `width` bits with exactly `bits` bits set, rising: neighbours in it lie side by side in a table. */
export function masksWith(width: number, bits: number): Uint32Array {
  const masks: number[] = [];
  const addFrom = (firstBit: number, left: number, mask: number): void => {
    if (left === 0) {
      masks.push(mask);
      return;
    }
    for (let bit = firstBit; bit <= width - left; bit++) addFrom(bit + 1, left - 1, mask + 2 ** bit);
  };
  addFrom(0, bits, 0);
  return Uint32Array.from(masks).sort();
}

/** Buckets of an entry, a bit each, whose number lies within `radius` bits of `bucket`. */
export function bucketsNear(bucket: number, radius: number): number {
  return NEAR_BUCKETS[Math.min(radius, BUCKET_BITS_PER_BLOCK) * BUCKETS + bucket]!;
}

const NEAR_BUCKETS = Int32Array.from({ length: (BUCKET_BITS_PER_BLOCK + 1) * BUCKETS }, (_, i) => {
  let near = 0;
  for (let other = 0; other < BUCKETS; other++) {
    if (bitsOf((i % BUCKETS) ^ other) <= Math.floor(i / BUCKETS)) near |= 1 << other;
  }
  return near;
});
