import type { DirectoryIndex } from './directory-index.ts';

/** Bytes of the source between members, which no record claims. */
export interface Gap {
  readonly start: number;
  readonly end: number;
}

export interface LayoutFindings {
  /** By record number: 1 where packed bytes are shared with another member. Null when none are. */
  readonly overlapping: Uint8Array | null;
  readonly overlapCount: number;
  /** All packed bytes that the records claim. */
  readonly claimedBytes: number;
  readonly gaps: readonly Gap[];
}

/** Between two members there may be an extra field and a descriptor; what is larger is looked at for members that no record names. */
const LEAST_GAP_BYTES = 512;
const MAX_GAPS = 10_000;

/**
 * Orders the members by place and finds what overlaps and what lies between. An archive made by one program
 * is in order already, which costs one look at each.
 * @param areaEnd where the central directory begins
 */
export function findLayoutFaults(index: DirectoryIndex, areaEnd: number): LayoutFindings {
  const { start, end, count } = index;
  const order = inOrder(start, count);
  const gaps: Gap[] = [];
  let overlapping: Uint8Array | null = null;
  let overlapCount = 0;
  let claimedBytes = 0;
  let reach = 0;
  let holder = -1;
  const mark = (number: number): void => {
    overlapping ??= new Uint8Array(count);
    if (overlapping[number] === 0) overlapCount += 1;
    overlapping[number] = 1;
  };
  for (let i = 0; i < count; i++) {
    const number = order === null ? i : order[i]!;
    const [from, to] = [start[number]!, end[number]!];
    claimedBytes += to - from;
    if (holder >= 0 && from < reach) {
      mark(holder);
      mark(number);
    } else if (from - reach >= LEAST_GAP_BYTES && gaps.length < MAX_GAPS) {
      gaps.push({ start: reach, end: from });
    }
    if (to > reach) {
      reach = to;
      holder = number;
    }
  }
  if (areaEnd - reach >= LEAST_GAP_BYTES && gaps.length < MAX_GAPS) gaps.push({ start: reach, end: areaEnd });
  return { overlapping, overlapCount, claimedBytes, gaps };
}

/** Record numbers by place; null when they stand in order as they are. */
function inOrder(start: Float64Array, count: number): Uint32Array | null {
  let isOrdered = true;
  for (let i = 1; i < count && isOrdered; i++) isOrdered = start[i]! >= start[i - 1]!;
  if (isOrdered) return null;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return order.sort((a, b) => start[a]! - start[b]! || a - b);
}
