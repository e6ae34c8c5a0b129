/**
 * SQLite write-ahead log (https://www.sqlite.org/fileformat2.html#the_write_ahead_log), big-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | 0x377f0682 or 0x377f0683: checksums over little- or big-endian words |
 * | 8 | 4 | page size |
 * | 16 | 8 | two salts, repeated in each frame of the same round |
 * | 24 | 8 | checksum of the 24 bytes before |
 *
 * A frame: page number u32, pages after the change u32 (0 unless the frame ends a change), salts,
 * running checksum, page. Valid up to the first frame whose salts or checksum fail; used up to the last that ends a change.
 */
import { readView, type RandomAccessSource } from '@kerbside/bytes';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Frames of one log; SQLite starts anew after some thousand, 4 million of 4 KiB are 16 GiB. */
const MAX_WAL_FRAMES = 4_000_000;

export interface WalPages {
  readonly pageSizeBytes: number;
  /** Pages of the database after the last complete change; 0 when there is none. */
  readonly pageCount: number;
  /** Page number → offset of its newest content in the log. */
  readonly pages: ReadonlyMap<number, number>;
}

/** Reads which pages of the log are the newest; an unusable log gives no pages, as SQLite itself takes it. */
export function readWal(log: RandomAccessSource): WalPages | null {
  if (log.sizeBytes < WAL_HEADER_BYTES) return null;
  const header = readView(log, 0, WAL_HEADER_BYTES).bytes;
  const magic = header.readUInt32BE(0);
  const pageSizeBytes = header.readUInt32BE(8);
  if ((magic & ~1) >>> 0 !== 0x377f0682 || pageSizeBytes < 512 || pageSizeBytes > 65_536 || (pageSizeBytes & (pageSizeBytes - 1)) !== 0) return null;
  const bigEndian = (magic & 1) === 1;
  let sums = addChecksum([0, 0], header.subarray(0, 24), bigEndian);
  if (sums[0] !== header.readUInt32BE(24) || sums[1] !== header.readUInt32BE(28)) return null;
  const pages = new Map<number, number>();
  const pending = new Map<number, number>();
  const frameBytes = FRAME_HEADER_BYTES + pageSizeBytes;
  let pageCount = 0;
  const frames = Math.min(MAX_WAL_FRAMES, Math.floor((log.sizeBytes - WAL_HEADER_BYTES) / frameBytes));
  for (let i = 0; i < frames; i++) {
    const offset = WAL_HEADER_BYTES + i * frameBytes;
    const frame = readView(log, offset, frameBytes).bytes;
    if (!frame.subarray(8, 16).equals(header.subarray(16, 24))) break;
    sums = addChecksum(addChecksum(sums, frame.subarray(0, 8), bigEndian), frame.subarray(FRAME_HEADER_BYTES), bigEndian);
    if (sums[0] !== frame.readUInt32BE(16) || sums[1] !== frame.readUInt32BE(20)) break;
    pending.set(frame.readUInt32BE(0), offset + FRAME_HEADER_BYTES);
    const after = frame.readUInt32BE(4);
    if (after === 0) continue;
    for (const [page, place] of pending) pages.set(page, place);
    pending.clear();
    pageCount = after;
  }
  return { pageSizeBytes, pageCount, pages };
}

function addChecksum(sums: readonly [number, number], bytes: Buffer, bigEndian: boolean): [number, number] {
  let [a, b] = sums;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}
