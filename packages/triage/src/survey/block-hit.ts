import type { ByteRange } from '@kerbside/bytes';

/**
 * Known blocks found on the source, as facts. `run`: blocks in the order of one known file, enough of
 * them to say that part of that file is there (HASH-RUNS); `share`: most of the blocks of one known file (HASH-SETS);
 * `lead`: too few to say so.
 */
export interface BlockHit {
  readonly set: string;
  readonly category: string;
  readonly rule: 'run' | 'share' | 'lead';
  /** Where the blocks stand, ascending; more than one range for a fragmented file. */
  readonly ranges: readonly ByteRange[];
  readonly blocksMatched: number;
  /** The known file, by its number in the set, where an anchor block told it. */
  readonly file: { readonly number: number; readonly sizeBytes: number; readonly indexedBlocks: number } | null;
  /** Volume or gap that holds the first block. */
  readonly volume: string;
  /** Item whose content holds the first block, or null: free space, slack, outside every file system. */
  readonly item: string | null;
  /** True when that item is a hit of an alert set as a whole: the blocks say nothing new then. */
  readonly isOfWholeHit: boolean;
}
