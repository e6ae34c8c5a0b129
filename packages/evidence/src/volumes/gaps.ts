import type { ByteRange } from '@kerbside/bytes';

/** The parts of `0..sizeBytes` that no range covers, ascending; ranges may overlap, reach past the end, and need no order. */
export function uncovered(sizeBytes: number, ranges: readonly ByteRange[]): ByteRange[] {
  const gaps: ByteRange[] = [];
  let at = 0;
  for (const range of ranges.toSorted((a, b) => a.offset - b.offset)) {
    if (range.offset >= sizeBytes) break;
    if (range.offset > at) gaps.push({ offset: at, length: range.offset - at });
    at = Math.max(at, range.offset + range.length);
  }
  if (at < sizeBytes) gaps.push({ offset: at, length: sizeBytes - at });
  return gaps;
}
