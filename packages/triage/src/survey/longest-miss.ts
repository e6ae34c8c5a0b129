import type { BitSet } from './bit-set.ts';
import type { ChunkGrid } from './chunk-grid.ts';

/** The longest run of indexed known material that the chunks read so far may have missed. */
export interface LongestMiss {
  /** In bytes. */
  readonly bytes: number;
  /** The stretch of chunks that makes it so: from `from` up to `to`, not included. Empty when no stretch does. */
  readonly from: number;
  readonly to: number;
}

/**
 * Exact for the geometry of the chunks that were read, and an upper bound for any material that keeps the promise of
 * `windowBytes` (w): every block that begins in such a chunk was looked up, so a run that shares w bytes
 * or more with one stretch of neighbouring read chunks was met. A missed run therefore contains no such
 * stretch of w bytes or more and reaches at most w − 1 bytes into the one on either side. Stretches shorter than w promise
 * nothing and count as not read. Proof: docs/decisions/0008-survey-order-and-meter.md.
 *
 * Of several equal stretches the last is named: while it stays unread the answer stays as it is, and passes ascend.
 */
export function findLongestMiss(grid: ChunkGrid, read: BitSet, windowBytes: number): LongestMiss {
  const { count } = grid;
  let longest: LongestMiss = { bytes: -1, from: 0, to: 0 };
  let unreadFrom = 0;
  let at = 0;
  const close = (to: number): void => {
    const sides = (unreadFrom > 0 ? 1 : 0) + (to < count ? 1 : 0);
    // Where nothing is unread before the first or after the last stretch there is nothing to miss on that side.
    if (unreadFrom === to) return;
    const bytes = grid.offsetOf(to) - grid.offsetOf(unreadFrom) + sides * (windowBytes - 1);
    if (bytes >= longest.bytes) longest = { bytes, from: unreadFrom, to };
  };
  while (at < count) {
    const from = read.next(at, true);
    if (from >= count) break;
    const to = read.next(from, false);
    if (grid.offsetOf(to) - grid.offsetOf(from) >= windowBytes) {
      close(from);
      unreadFrom = to;
    }
    at = to;
  }
  close(count);
  // A run shorter than the window may hold no whole indexed block, even where everything was read.
  return longest.bytes < windowBytes - 1 ? { bytes: windowBytes - 1, from: 0, to: 0 } : longest;
}
