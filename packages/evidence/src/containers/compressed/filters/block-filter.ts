import { PIECE_BYTES } from '../piece-buffers.ts';

/** Turns addresses in machine code back from absolute to relative, in place. */
export interface BlockFilter {
  /**
   * @param bytes from the first byte that was not done yet
   * @param ip place of that byte in the whole content, modulo 2^32
   * @returns how many bytes are done; the rest comes again with more behind it
   */
  convert(bytes: Buffer, ip: number): number;
}

/**
 * Runs a filter over a content; what is left at the end, too short for another instruction, stays as it is.
 * @param pieces each valid until the next; they are copied, as an unpacker still needs what it has made
 * @param start place that the first byte counts as
 * @yields pieces of at most 1 MiB, each valid until the next
 */
export function* filterBlocks(pieces: Iterable<Uint8Array>, filter: BlockFilter, start: number): Generator<Uint8Array, void, undefined> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  let ip = start >>> 0;
  for (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const count = Math.min(piece.length - taken, buffer.length - filled);
      buffer.set(piece.subarray(taken, taken + count), filled);
      taken += count;
      filled += count;
      const done = filter.convert(buffer.subarray(0, filled), ip);
      if (done === 0) continue;
      yield buffer.subarray(0, done);
      buffer.copyWithin(0, done, filled);
      filled -= done;
      ip = (ip + done) >>> 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
