/** Codes of one bin beyond which they are sorted by comparison: equal codes can be many, others cannot. */
const MOST_FOR_INSERTION = 64;

/**
 * The order of 64-bit codes, equal ones as they came. Codes are as good as random, so one counting
 * pass into as many bins as there are codes leaves about one code a bin.
 *
 * @param high first 32 bits of each code; only the first `count` count
 * @param low last 32 bits
 * @param knownBits leading bits that all codes share
 * @returns numbers of the codes in order
 */
export function sortCodes(high: Uint32Array, low: Uint32Array, count: number, knownBits = 0): Uint32Array {
  const order = new Uint32Array(count);
  const binBits = Math.min(24, 32 - knownBits, Math.max(1, Math.ceil(Math.log2(count + 1))));
  const shift = 32 - knownBits - binBits;
  const mask = 2 ** binBits - 1;
  const ends = new Uint32Array(2 ** binBits + 1);
  for (let i = 0; i < count; i++) ends[((high[i]! >>> shift) & mask) + 1]!++;
  for (let bin = 1; bin < ends.length; bin++) ends[bin]! += ends[bin - 1]!;
  // From here `ends[bin]` runs from the bin's start to its end.
  for (let i = 0; i < count; i++) order[ends[(high[i]! >>> shift) & mask]!++] = i;
  for (let bin = 0, from = 0; bin <= mask; bin++) {
    const to = ends[bin]!;
    if (to - from > 1) sortBin(order, from, to, high, low);
    from = to;
  }
  return order;
}

function sortBin(order: Uint32Array, from: number, to: number, high: Uint32Array, low: Uint32Array): void {
  if (to - from > MOST_FOR_INSERTION) {
    order.subarray(from, to).sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]! || a - b);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const item = order[i]!;
    const itemHigh = high[item]!;
    const itemLow = low[item]!;
    let at = i;
    while (at > from) {
      const before = order[at - 1]!;
      if (high[before]! < itemHigh || (high[before]! === itemHigh && low[before]! <= itemLow)) break;
      order[at] = before;
      at--;
    }
    order[at] = item;
  }
}
