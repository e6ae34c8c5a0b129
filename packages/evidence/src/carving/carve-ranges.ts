import type { ByteRange, RandomAccessSource } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import type { CarveSummary } from './carve-summary.ts';
import { joinRanges, RunQueue } from './free-runs.ts';
import { FreeSpaceSearch } from './free-space-search.ts';
import { RunPages } from './run-pages.ts';

/** What the search may know of the free space beyond its ranges. */
export interface CarveOptions {
  /** Volume or gap, for problems; left out of them when empty. */
  readonly volumeId: string;
  /** Where files begin in this volume: at `offset + k × sizeBytes` on the source. Null where nobody knows. */
  readonly clusterGrid: { readonly offset: number; readonly sizeBytes: number } | null;
  /** Step of the search between the clusters' first bytes; 512 when absent, 0 to look at clusters only. */
  readonly sectorSizeBytes?: number;
  /** Sum of the ranges, for progress; the source's size when absent. */
  readonly totalBytes?: number;
  /** Most items; `MAX_CARVED_ITEMS` of carving-limits.ts when absent. */
  readonly maxItems?: number;
  /** Called once at the end with what the generator also returns. */
  readonly onSummary?: (summary: CarveSummary) => void;
}

/**
 * Finds whole files in free space by their own structure, in the order of the source: JPEG, PNG, GIF,
 * WebP, AVI, HEIC, AVIF, MP4, MOV. A file is found where its structure is whole within free space
 * without a break; beginnings that are not are counted and no more, for free space is full of them.
 * Clusters are looked at first, then the sectors between them, 8 MiB after 8 MiB. What a found file
 * holds is not searched again: two items never share a byte.
 *
 * @param source outermost source, or a window that holds all of the ranges
 * @param ranges free ranges, ascending, offsets on the outermost source; what does not ascend, or lies outside the source, is not searched
 * @returns what was found and read
 */
export function* carveRanges(source: RandomAccessSource, ranges: Iterable<ByteRange>, options: CarveOptions): Generator<WalkEvent, CarveSummary, undefined> {
  const { originOffset, sizeBytes } = source;
  const runs = new RunQueue(joinRanges(ranges, originOffset, originOffset + sizeBytes));
  const pages = new RunPages(source, runs);
  try {
    const search = new FreeSpaceSearch(pages, options, options.totalBytes ?? sizeBytes);
    for (let run = runs.next(); run !== null && !search.isFull; run = runs.next()) yield* search.searchRun(run);
    yield* search.finish();
    options.onSummary?.(search.tally);
    return search.tally;
  } finally {
    pages.release();
  }
}
