import type { ByteRange, Problem } from '@kerbside/bytes';
import type { SharedBlockSet } from '@kerbside/match';
import type { GridMap } from './grid-map.ts';

/** What the reading threads need for all batches of a survey (structured-cloneable). */
export interface SurveySetup {
  readonly sets: readonly SharedBlockSet[];
  readonly grid: GridMap;
  /** Code keys under which a sample of the codes of the blocks read is kept (manifest); usually none. */
  readonly manifestKeys: readonly Uint8Array[];
}

/** A batch of reads of the survey, in ascending order unless the plan says otherwise. */
export interface SurveyJob {
  readonly id: number;
  readonly reads: { readonly offsets: Float64Array; readonly lengths: Float64Array };
  /** Whether the reads are a sample of the device and are classed. The rest is none. */
  readonly isSample: boolean;
}

/** Number in place of a class where bytes of the read could not be read, or nobody asked. */
export const NOT_CLASSED = 255;

export interface SurveyResult {
  readonly id: number;
  /** False when it was stopped on the way, or the source went away: nothing of it counts. */
  readonly whole: boolean;
  /** Set when the source went away: to go on reading is of no use. */
  readonly gone: Problem | null;
  /** One leaf of 32 bytes a read (certificate/leaves). */
  readonly leaves: Uint8Array;
  /** Index in `CONTENT_CLASSES` of each read, or `NOT_CLASSED`. */
  readonly classes: Uint8Array;
  /** Reads of which some bytes could not be read, and which. */
  readonly unread: readonly { readonly read: number; readonly ranges: readonly ByteRange[] }[];
  /** What could not be read around hits and belongs to no read. */
  readonly unreadBeside: readonly ByteRange[];
  /** Faults of ours that cost a read, and places that a second read gave otherwise. */
  readonly problems: readonly Problem[];
  readonly runs: readonly FoundRun[];
  /** For each manifest key, the sampled codes, 8 bytes each. */
  readonly manifestCodes: readonly Uint8Array[];
}

/**
 * Blocks of one set that follow each other on the source as they do in their file. It depends on the
 * source and the set alone, never on which read led to it.
 */
export interface FoundRun {
  readonly set: number;
  /** First byte of the first block, and the byte after the last block. */
  readonly offset: number;
  readonly endOffset: number;
  /** Indexed blocks met in it. */
  readonly blocks: number;
  /** Position of the first and of the last block in the file, modulo `POSITION_MODULUS`. */
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** The file, where an anchor block told it, with the full position of the first block. */
  readonly file: { readonly number: number; readonly firstPosition: number } | null;
}
