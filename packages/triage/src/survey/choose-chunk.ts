import { SURVEY_BLOCK_BYTES } from './chunk-grid.ts';

/** Chunks a survey may use, longest first (shared reference on triage method, section 3.4). */
export const SURVEY_CHUNKS: readonly number[] = [256 * 1024, 128 * 1024, 64 * 1024];

/** What a long chunk may cost on the layout that likes it least, one long run, against reads of one block. */
const MAX_COST = 1.23;

/** Length of that run: the default target. */
const LONG_RUN_BYTES = 20 * 1024 ** 2;

/**
 * Longest chunk whose cost on one unbroken run of 20 MiB is at most 23 % above that of single blocks. A read
 * costs t + C/R and meets the run with (L + C − b)/D, so that the cost relative to a block is
 * (t + C/R)·L / ((t + b/R)·(L + C − b)). For pictures longer chunks always win; where moving is
 * nearly free (flash), the shortest chunk is taken.
 *
 * @param moveMs time to move to another place: seek, rotation and command, measured
 * @param bytesPerSecond rate of reading on, measured
 */
export function chooseChunk({ moveMs, bytesPerSecond }: { readonly moveMs: number; readonly bytesPerSecond: number }): number {
  const moveBytes = (moveMs / 1000) * bytesPerSecond;
  const cost = (chunkBytes: number): number =>
    ((moveBytes + chunkBytes) * LONG_RUN_BYTES) / ((moveBytes + SURVEY_BLOCK_BYTES) * (LONG_RUN_BYTES + chunkBytes - SURVEY_BLOCK_BYTES));
  return SURVEY_CHUNKS.find((chunkBytes) => cost(chunkBytes) <= MAX_COST) ?? SURVEY_CHUNKS.at(-1)!;
}
