/**
 * Looks for a place in the first stride from which one value stands at every stride, `least` times. A
 * value that also stands at each of the shorter steps belongs to a table of equal records, not to packets.
 *
 * @param shorterBytes the stride divided by each of its primes: every shorter period repeats at one of them
 */
export function hasMarksAtStride(piece: Uint8Array, value: number, strideBytes: number, least: number, shorterBytes: readonly number[]): boolean {
  if (piece.length < strideBytes * least) return false;
  for (let start = 0; start < strideBytes; start++) {
    if (piece[start] !== value || !standsAt(piece, value, start, strideBytes, least)) continue;
    if (!shorterBytes.some((step) => standsAt(piece, value, start + step, strideBytes, least - 1))) return true;
  }
  return false;
}

function standsAt(piece: Uint8Array, value: number, start: number, strideBytes: number, times: number): boolean {
  for (let mark = 0; mark < times; mark++) if (piece[start + mark * strideBytes] !== value) return false;
  return true;
}
