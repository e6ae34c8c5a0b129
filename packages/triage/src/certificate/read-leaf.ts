import { hash } from 'node:crypto';
import type { ByteRange } from '@kerbside/bytes';

/*
 * The leaf of one read of the survey lane. It stands on the digests of blocks that the look-up has
 * computed anyway, so a certificate costs one SHA-256 over 1 KiB for every 256 KiB read, and an MD5 of at most two short pieces.
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | 0x00, the leaf prefix of RFC 6962 |
 * | 8 | offset on the source, u64le |
 * | 8 | length of the read, u64le |
 * | 16 each | MD5 of each piece of the read, in order |
 * | 16 each | each unreadable range: offset on the source and length, u64le |
 *
 * SHA-256 over these is the leaf hash. The pieces cover the read: the bytes before the first block, the blocks of
 * 4,096 bytes, the bytes after the last; the first and the last are left out where they would be empty. The grid on
 * which the read is cut is the lowest phase that holds at its first byte (survey/grid-map.ts), for all of the read.
 * How many pieces there are follows from offset, length and that phase. Leaves of two readings that were cut
 * otherwise differ, but for a collision of MD5.
 */

const HEADER_BYTES = 17;
const RANGE_BYTES = 16;

/** Blocks of a MiB and a few ranges; a longer read grows it. */
let scratch = Buffer.alloc(HEADER_BYTES + 256 * 16 + 16 * RANGE_BYTES);

/**
 * @param offset on the source, in bytes
 * @param length of the read, in bytes
 * @param pieceDigests MD5 of its pieces, side by side
 * @param unreadable offsets on the source
 * @returns the leaf hash, 32 bytes
 */
export function leafOfRead(offset: number, length: number, pieceDigests: Uint8Array, unreadable: readonly ByteRange[]): Buffer {
  const size = HEADER_BYTES + pieceDigests.byteLength + unreadable.length * RANGE_BYTES;
  if (size > scratch.byteLength) scratch = Buffer.alloc(size);
  writeCount(scratch, 1, offset);
  writeCount(scratch, 9, length);
  scratch.set(pieceDigests, HEADER_BYTES);
  let at = HEADER_BYTES + pieceDigests.byteLength;
  for (const range of unreadable) {
    writeCount(scratch, at, range.offset);
    writeCount(scratch, at + 8, range.length);
    at += RANGE_BYTES;
  }
  return hash('sha256', scratch.subarray(0, size), 'buffer');
}

/** A whole number up to 2^53 as u64le; two 32-bit writes are quicker than a BigInt. */
function writeCount(target: Buffer, at: number, value: number): void {
  target.writeUInt32LE(value % 0x1_0000_0000, at);
  target.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}
