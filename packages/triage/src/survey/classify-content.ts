import { zipMember } from './content/archive-signs.ts';
import { measureBytes, type ByteStatistics } from './content/byte-statistics.ts';
import { classOfHead } from './content/class-of-head.ts';
import { hasPdfObjects, isByteText, isWideText } from './content/document-signs.ts';
import { hasPngData, isGifData, isJpegScan } from './content/picture-signs.ts';
import { hasAviChunk, hasMatroskaBlocks, hasUnitChain, isProgramStream, isTransportStream } from './content/video-signs.ts';
import type { ContentClass } from './thermometer-facts.ts';

/** A piece is classed by this much of its beginning, so that a piece is a fair point of the device; only lengths of video are followed past it. */
const WINDOW_BYTES = 16 * 1024;

/** What kind of data the window is shows in this much; all of it is counted only to tell random bytes from compressed ones. */
const FIRST_LOOK_BYTES = 4 * 1024;

/** Trailing parts of one byte value are the slack behind a file, and dropped at this grain. */
const SECTOR_BYTES = 512;

/** Fewer bytes say nothing of randomness: the χ² test wants ten and more of each value. */
const LEAST_DENSE_BYTES = 4096;

/** χ² a byte up to which bytes are dense, about 7 bits of collision entropy a byte: coded pictures, video, archives. Text has 4, programs 5 to 6. */
const MAX_DENSE_EXCESS = 1;

/** A smooth JPEG repeats short codes; down to about 5 bits a byte its FF rule still tells it. */
const MAX_SCAN_EXCESS = 8;

/** Right uses of FF that make a scan: two where the bytes are dense, for there FF is common and hardly ever right; among repeated bytes more are wanted. */
const LEAST_STUFFED_DENSE = 2;
const LEAST_STUFFED_SMOOTH = 8;

/** Zero bytes in a JPEG scan stand behind FF for the most part; tables of numbers have many others. */
const MAX_LOOSE_ZERO_SHARE = 0.03;

/**
 * χ² of byte values over 255 degrees of freedom up to which bytes are called random. Random bytes give
 * 255 ± 23 at any length; 360 is 4.6 deviations above. The same bound as for whole ranges of a source
 * (volumes/appearance.ts), there over 64 KiB and more.
 */
const MAX_RANDOM_CHI_SQUARED = 360;

/**
 * Classes a piece of a device, taken anywhere, by what its bytes look like. No head of a file is needed.
 * Deterministic; errors are measured in classify-content.test.ts and `kerbside bench thermometer`.
 *
 * Arithmetic-coded data (H.264 CABAC between two lengths, HEIC and WebP, LZMA) cannot be told from
 * encrypted data by its bytes and counts as `high-entropy`, as does a PNG or archive that is coded well.
 *
 * @param bytes 4 to 64 KiB for good answers; shorter pieces are classed as far as they can be
 */
export function classifyContent(bytes: Uint8Array): ContentClass {
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isOneValue(piece)) return 'empty';
  const known = classOfHead(piece);
  if (known !== null) return known;
  const content = withoutSlack(piece);
  const window = content.subarray(0, WINDOW_BYTES);
  const firstLook = window.subarray(0, FIRST_LOOK_BYTES);
  const statistics = measureBytes(firstLook);
  if (statistics.excess <= MAX_DENSE_EXCESS) return classOfDense(content, window, statistics);
  if (isByteText(firstLook, statistics)) return 'document';
  if (isScan(window, statistics)) return 'picture';
  if (isTransportStream(window)) return 'video';
  if (isGifData(window)) return 'picture';
  if (isWideText(window)) return 'document';
  return classOfFrame(window) ?? 'other';
}

function classOfDense(content: Buffer, window: Buffer, statistics: ByteStatistics): ContentClass {
  if (window.length < LEAST_DENSE_BYTES) return 'other';
  if (isScan(window, statistics)) return 'picture';
  if (isTransportStream(window) || hasUnitChain(content) || isProgramStream(window) || hasMatroskaBlocks(content) || hasAviChunk(window)) return 'video';
  if (isGifData(window) || hasPngData(window)) return 'picture';
  if (isWideText(window)) return 'document';
  return classOfFrame(window) ?? (measureBytes(window).chiSquared <= MAX_RANDOM_CHI_SQUARED ? 'high-entropy' : 'compressed');
}

/** Plain frames between coded parts: members of archives, objects of PDF. */
function classOfFrame(window: Buffer): ContentClass | null {
  const member = zipMember(window);
  if (member !== null) return member === 'office' ? 'document' : 'compressed';
  return hasPdfObjects(window) ? 'document' : null;
}

function isScan(window: Buffer, { excess, counts, lengthBytes }: ByteStatistics): boolean {
  return excess <= MAX_SCAN_EXCESS && counts[0]! - counts[0xff]! <= lengthBytes * MAX_LOOSE_ZERO_SHARE && isJpegScan(window, excess <= MAX_DENSE_EXCESS ? LEAST_STUFFED_DENSE : LEAST_STUFFED_SMOOTH);
}

function isOneValue(piece: Buffer): boolean {
  return piece.length === 0 || (piece[0] === piece[piece.length - 1] && piece.compare(piece, 1, piece.length, 0, piece.length - 1) === 0);
}

/** The piece without the sectors of one byte value at its end. */
function withoutSlack(piece: Buffer): Buffer {
  let end = piece.length;
  while (end > SECTOR_BYTES && isOneValue(piece.subarray(end - SECTOR_BYTES, end))) end -= SECTOR_BYTES;
  return piece.subarray(0, end);
}
