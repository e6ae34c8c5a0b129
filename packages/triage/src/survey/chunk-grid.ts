import { InternalError, type ByteRange } from '@kerbside/bytes';

/** Blocks are looked up in pieces of this size (the block set's own block). */
export const SURVEY_BLOCK_BYTES = 4096;

/** The device cut into chunks: the first ends at a secret start, the last at the end of the device. */
export interface ChunkGrid {
  readonly sizeBytes: number;
  readonly chunkBytes: number;
  /** Where the first full chunk begins, 0 up to `chunkBytes`. */
  readonly startBytes: number;
  /** Number of chunks. */
  readonly count: number;
  /** Bytes [offset, offset + length) of chunk `index`. Chunks do not overlap and cover the device. */
  chunkAt(index: number): ByteRange;
  /** First byte of chunk `index`; of `count`, the end of the device. */
  offsetOf(index: number): number;
}

/**
 * Grid with chunk 0 = [0, start) where start > 0, then [start + kC, start + (k + 1)C), the last one clipped.
 *
 * @throws InternalError `internal-fault` when the chunk is no multiple of 4,096 or shorter than two blocks: a block
 *   at any phase inside a 4 KiB cell must fit into a chunk that begins with the cell
 */
export function makeChunkGrid(sizeBytes: number, chunkBytes: number, startBytes: number): ChunkGrid {
  if (chunkBytes % SURVEY_BLOCK_BYTES !== 0 || chunkBytes < 2 * SURVEY_BLOCK_BYTES || startBytes % SURVEY_BLOCK_BYTES !== 0 || startBytes < 0 || startBytes >= chunkBytes) {
    throw new InternalError('internal-fault', `a chunk of ${chunkBytes} bytes from ${startBytes} on is no chunk of a survey`);
  }
  const leading = startBytes > 0 ? 1 : 0;
  const count = sizeBytes <= startBytes ? Math.min(1, sizeBytes) : leading + Math.ceil((sizeBytes - startBytes) / chunkBytes);
  const offsetOf = (index: number): number => Math.min(sizeBytes, index < leading ? 0 : startBytes + (index - leading) * chunkBytes);
  return {
    sizeBytes,
    chunkBytes,
    startBytes,
    count,
    offsetOf,
    chunkAt: (index) => {
      const offset = offsetOf(index);
      return { offset, length: offsetOf(index + 1) - offset };
    },
  };
}
