import type { Extent } from '@kerbside/evidence';

/**
 * Extents as pairs of doubles, so that they lie in one growing array and travel to a worker without
 * a copy per object.
 *
 * | pair | first | second |
 * | --- | --- | --- |
 * | data, hole, uninitialised | source offset (-1 for a hole) | length × 4 + 0, 1, 2 |
 * | compressed unit | number of stored runs that follow | unpacked length × 4 + 3 |
 * | stored run (after its unit) | source offset | length |
 */
export const EXTENT_DATA = 0;
export const EXTENT_HOLE = 1;
export const EXTENT_UNINITIALISED = 2;
export const EXTENT_COMPRESSED = 3;

/** Two views of one content (disk-access reference, the "both hashes" rule). */
export const VIEW_AS_SHOWN = 0;
export const VIEW_RAW = 1;

/** Longest extent the code can hold, 2^51 bytes: lengths are multiplied by four and must stay exact. */
export const MAX_EXTENT_BYTES = 2 ** 51;

/**
 * Appends an extent's pairs through `push`.
 * @returns false when its numbers are not usable (negative, not whole, too long): nothing is appended then
 */
export function encodeExtent(extent: Extent, push: (value: number) => void): boolean {
  if (!isCount(extent.length) || extent.length > MAX_EXTENT_BYTES) return false;
  switch (extent.kind) {
    case 'hole':
      push(-1);
      push(extent.length * 4 + EXTENT_HOLE);
      return true;
    case 'data':
    case 'uninitialised':
      if (!isCount(extent.sourceOffset)) return false;
      push(extent.sourceOffset);
      push(extent.length * 4 + (extent.kind === 'data' ? EXTENT_DATA : EXTENT_UNINITIALISED));
      return true;
    case 'compressed-unit':
      if (!extent.stored.every((run) => isCount(run.sourceOffset) && isCount(run.length))) return false;
      push(extent.stored.length);
      push(extent.length * 4 + EXTENT_COMPRESSED);
      for (const run of extent.stored) {
        push(run.sourceOffset);
        push(run.length);
      }
      return true;
  }
}

/** Kind of the pair whose second number is `code`. */
export function extentKind(code: number): number {
  return code % 4;
}

/** Content length in bytes of the pair whose second number is `code`. */
export function extentLength(code: number): number {
  return Math.floor(code / 4);
}

/** Index after the extent at pair index `at` (compressed units span several pairs). */
export function nextExtent(pairs: Float64Array, at: number): number {
  return extentKind(pairs[at * 2 + 1]!) === EXTENT_COMPRESSED ? at + 1 + pairs[at * 2]! : at + 1;
}

/** The extents between two pair indexes, as the evidence room writes them. */
export function decodeExtents(pairs: Float64Array, start: number, end: number): Extent[] {
  const extents: Extent[] = [];
  for (let at = start; at < end; at = nextExtent(pairs, at)) {
    const first = pairs[at * 2]!;
    const code = pairs[at * 2 + 1]!;
    const length = extentLength(code);
    switch (extentKind(code)) {
      case EXTENT_DATA:
        extents.push({ kind: 'data', sourceOffset: first, length });
        break;
      case EXTENT_HOLE:
        extents.push({ kind: 'hole', sourceOffset: -1, length });
        break;
      case EXTENT_UNINITIALISED:
        extents.push({ kind: 'uninitialised', sourceOffset: first, length });
        break;
      default: {
        const stored: { sourceOffset: number; length: number }[] = [];
        for (let run = at + 1; run <= at + first; run++) stored.push({ sourceOffset: pairs[run * 2]!, length: pairs[run * 2 + 1]! });
        extents.push({ kind: 'compressed-unit', sourceOffset: stored[0]?.sourceOffset ?? -1, length, stored });
      }
    }
  }
  return extents;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
