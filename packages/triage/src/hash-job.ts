import type { ByteRange, Problem } from '@kerbside/bytes';
import type { SourceLocator } from '@kerbside/evidence';
import type { SurveyJob, SurveyResult } from './survey/survey-job.ts';

/** What a worker is told at its start; structured-cloneable. */
export interface WorkerStart {
  /** Null for a folder source: every entry names its own file. */
  readonly locator: SourceLocator | null;
  /** Shared with the main thread: see the two words below. */
  readonly shared: SharedArrayBuffer;
}

/** A bounded piece of reading: entries in physical order. The arrays' buffers move to the worker. */
export interface HashJob {
  readonly id: number;
  /** Digests wanted, per entry (digests.ts). */
  readonly masks: Uint8Array;
  /** 0 as the owner's system shows it, 1 the raw clusters, per entry (extent-code.ts). */
  readonly views: Uint8Array;
  readonly sizes: Float64Array;
  /** Index of each entry's first pair, and after the last entry the number of pairs. */
  readonly extentStarts: Uint32Array;
  readonly pairs: Float64Array;
  /** Files of a folder source, one an entry; null otherwise. */
  readonly hostPaths: readonly Uint8Array[] | null;
}

/** How one entry ended. */
export const ENTRY = { hashed: 0, failed: 1, stopped: 2 } as const;

/** Why one entry was not read whole. */
export interface EntryFailure {
  readonly entry: number;
  readonly problems: readonly Problem[];
  readonly unreadable: readonly ByteRange[];
}

export interface HashResult {
  readonly id: number;
  readonly outcomes: Uint8Array;
  /** Packed digests of all entries, in order; entries that failed keep their room, zeroed. */
  readonly digests: Uint8Array;
  readonly failures: readonly EntryFailure[];
}

/** What a reading thread can be asked; a survey job is told by its `reads`. */
export type ReadJob = HashJob | SurveyJob;
export type ReadResult = HashResult | SurveyResult;

/** Two 64-bit words shared by all threads: a stop request (not zero), and content bytes hashed so far. */
export const SHARED_BYTES = 16;
export const SHARED_STOP = 0;
export const SHARED_HASHED = 1;
