/** Up to this many entries, key and index fit one exact double: 2^32 x 2^21 = 2^53. */
const MAX_PACKED = 2 ** 21;

/**
 * The order of entries by their 32-bit key, entries of equal key in the order `compare` gives.
 *
 * Key and index are packed into one double each, because the engine's native sort of doubles is
 * several times as fast as any sort that calls back into script.
 *
 * @param keys `keys[i]` is entry i's key; only the first `count` count
 * @param compare full comparison of two entries whose keys are equal, by index
 * @returns entry indices in order
 */
export function sortByKey(keys: Uint32Array, count: number, compare: (a: number, b: number) => number): Uint32Array {
  const order = new Uint32Array(count);
  if (count > MAX_PACKED) {
    // Only a list whose digests all begin alike comes here: real digests spread evenly over 256 buckets.
    for (let i = 0; i < count; i++) order[i] = i;
    return order.sort((a, b) => keys[a]! - keys[b]! || compare(a, b));
  }
  const packed = new Float64Array(count);
  for (let i = 0; i < count; i++) packed[i] = keys[i]! * MAX_PACKED + i;
  packed.sort();
  let runStart = 0;
  let runKey = -1;
  for (let i = 0; i < count; i++) {
    const value = packed[i]!;
    const key = Math.floor(value / MAX_PACKED);
    order[i] = value - key * MAX_PACKED;
    if (key !== runKey) {
      if (i - runStart > 1) order.subarray(runStart, i).sort(compare);
      runStart = i;
      runKey = key;
    }
  }
  if (count - runStart > 1) order.subarray(runStart, count).sort(compare);
  return order;
}
