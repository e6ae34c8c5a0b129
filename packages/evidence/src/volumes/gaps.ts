import type { ByteRange } from '@kerbside/bytes';
import type { SurveyedVolume } from '../source-contract.ts';
import { statedSizeBytes } from './stated-size.ts';

/**
 * What a volume has past the end of its file system: room that a file system made smaller leaves, or
 * a place to hide things. Null where the file system fills its volume or does not say where it ends.
 */
export function tailOf({ volume, content }: SurveyedVolume): ByteRange | null {
  if (content.state !== 'file-system') return null;
  const stated = statedSizeBytes(volume.source, 0);
  if (stated === null || !(stated > 0) || stated >= volume.sizeBytes) return null;
  return { offset: volume.startOffset + stated, length: volume.sizeBytes - stated };
}

/** The parts of some ranges that lie in a window. */
export function clipTo(window: ByteRange, ranges: readonly ByteRange[]): ByteRange[] {
  return ranges.flatMap((range) => {
    const offset = Math.max(range.offset, window.offset);
    const end = Math.min(range.offset + range.length, window.offset + window.length);
    return end > offset ? [{ offset, length: end - offset }] : [];
  });
}

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
