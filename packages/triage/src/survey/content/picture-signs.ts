/**
 * Signs of pictures inside a piece of a file (ITU-T T.81 for JPEG, the W3C PNG and the GIF89a specifications).
 *
 * JPEG scan   any bytes, but FF only as FF 00, FF D0–D7 (restart), FF D9 (end), or FF marker, length u16 BE, …
 * PNG chunk   length u32 BE, type (4 letters), data, CRC-32 over type and data u32 BE
 * GIF data    blocks: length u8 (255 in all but the last of a picture), data
 */
import { crc32 } from 'node:zlib';
import { hasMarksAtStride } from './marks-at-stride.ts';

/** A scan that ends or breaks off counts where it fills this much of the piece: the piece is classed by what it begins with. */
const LEAST_SCAN_SHARE = 0.5;

/** So many right uses of FF one after the other are a scan, whatever follows. */
const PROVEN_STUFFED = 64;

/**
 * True where the bytes read as entropy-coded JPEG data from the first on. A random FF is right with
 * 9/256, and 4 KiB of random bytes have 16 of them, so all are right by chance once in some million pieces.
 *
 * @param leastStuffed right uses of FF that are wanted: against bytes that hold few FF or none
 */
export function isJpegScan(piece: Buffer, leastStuffed: number): boolean {
  let stuffed = 0;
  let at = 0;
  for (;;) {
    const mark = piece.indexOf(0xff, at);
    if (mark < 0 || mark + 1 >= piece.length) return stuffed >= leastStuffed;
    const code = piece[mark + 1]!;
    if (code === 0 || (code >= 0xd0 && code <= 0xd7)) {
      stuffed += 1;
      if (stuffed >= PROVEN_STUFFED) return true;
      at = mark + 2;
      continue;
    }
    const next = segmentEnd(piece, mark, code);
    if (next === -1) return stuffed >= leastStuffed && mark >= piece.length * LEAST_SCAN_SHARE;
    at = next;
  }
}

/** Where a segment of a progressive picture (tables, next scan) ends, or -1 where no segment can begin. */
function segmentEnd(piece: Buffer, mark: number, code: number): number {
  const isTable = code === 0xc4 || code === 0xdb || code === 0xdd;
  if ((!isTable && code !== 0xda) || mark + 4 > piece.length) return -1;
  const length = piece.readUInt16BE(mark + 2);
  const end = mark + 2 + length;
  if (code === 0xda) return length >= 8 && length <= 14 && length % 2 === 0 ? end : -1;
  if (length < 3 || length > 1024) return -1;
  // A table is followed by another segment.
  return end >= piece.length || piece[end] === 0xff ? end : -1;
}

const IDAT = Buffer.from('IDAT', 'latin1');
/** Larger image chunks are legal and unknown in practice. */
const MAX_IDAT_BYTES = 64 * 1024 * 1024;

/** True where a chunk of image data begins whose CRC agrees or, where the piece ends before it, whose length can be. */
export function hasPngData(piece: Buffer): boolean {
  for (let at = piece.indexOf(IDAT); at >= 0; at = piece.indexOf(IDAT, at + 4)) {
    if (at < 4) continue;
    const length = piece.readUInt32BE(at - 4);
    if (length === 0 || length > MAX_IDAT_BYTES) continue;
    const end = at + 4 + length;
    if (end + 4 > piece.length || crc32(piece.subarray(at, end)) === piece.readUInt32BE(end)) return true;
  }
  return false;
}

const GIF_STRIDE_BYTES = 256;
/** Length bytes of 255 at a stride of 256: eight in a row come by chance at one place in 10^17. */
const LEAST_GIF_BLOCKS = 8;

/** True where full GIF data blocks follow one another. */
export function isGifData(piece: Buffer): boolean {
  return hasMarksAtStride(piece, 0xff, GIF_STRIDE_BYTES, LEAST_GIF_BLOCKS, [GIF_STRIDE_BYTES / 2]);
}
