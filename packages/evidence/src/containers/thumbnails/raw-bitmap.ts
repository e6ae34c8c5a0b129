/**
 * A bare bitmap of 32 bits a pixel as a Windows bitmap, which pictures are decoded from: nothing but a header of our
 * own before the rows, as they lie (layout: BITMAPFILEHEADER, BITMAPINFOHEADER and masks of wingdi.h, little-endian).
 *
 *     offset  bytes
 *          0     14  BM, length of the file, 0, offset of the pixels (66)
 *         14     40  length of this header, width, height (negative: rows from the top), planes 1, bits 32,
 *                    compression 3 (masks), length of the pixels, and zeros
 *         54     12  masks of red, green and blue
 *
 * Colours that macOS has multiplied by their opacity stay so: the picture lies on black.
 */
import { readExtents } from './stored-member.ts';
import type { RandomAccessSource } from '@kerbside/bytes';

export interface RawBitmap {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Bytes from one row to the next; what is more than `4 * widthPx` is padding. */
  readonly bytesPerRow: number;
  /** Offset of the first row in its store. */
  readonly offset: number;
  readonly masks: ColourMasks;
}

/** Masks of red, green and blue in a pixel read as a little-endian word. */
export type ColourMasks = readonly [red: number, green: number, blue: number];

const HEADER_BYTES = 66;

/** Alpha before the colours (CGImageAlphaInfo). */
const ALPHA_FIRST: ReadonlySet<number> = new Set([2, 4, 6]);
const ALPHA_LAST: ReadonlySet<number> = new Set([1, 3, 5]);

/**
 * Masks of a CGBitmapInfo: bits 0 to 4 where alpha stands, bits 12 to 14 the order of bytes (0 and 4 as written, 2 in
 * little-endian words); null for others, and for floating-point components (bit 8).
 */
export function masksOfBitmapInfo(info: number): ColourMasks | null {
  const order = (info >> 12) & 7;
  if ((info & ~0x701f) !== 0 || (order !== 0 && order !== 2 && order !== 4)) return null;
  const alpha = info & 0x1f;
  const isLittle = order === 2;
  if (ALPHA_FIRST.has(alpha)) return isLittle ? [0x00ff0000, 0x0000ff00, 0x000000ff] : [0x0000ff00, 0x00ff0000, 0xff000000];
  if (ALPHA_LAST.has(alpha)) return isLittle ? [0xff000000, 0x00ff0000, 0x0000ff00] : [0x000000ff, 0x0000ff00, 0x00ff0000];
  return null;
}

/** Length of the picture that `bitmapPieces` gives, bytes. */
export function bitmapBytes({ widthPx, heightPx }: RawBitmap): number {
  return HEADER_BYTES + widthPx * heightPx * 4;
}

/** @yields header and rows. @throws MediumError `unreadable-bytes` */
export function* bitmapPieces(store: RandomAccessSource, bitmap: RawBitmap): Generator<Uint8Array> {
  yield bitmapHeader(bitmap);
  const rowBytes = bitmap.widthPx * 4;
  if (bitmap.bytesPerRow === rowBytes) {
    yield* readExtents(store, [{ kind: 'data', sourceOffset: bitmap.offset, length: rowBytes * bitmap.heightPx }]);
    return;
  }
  for (let row = 0; row < bitmap.heightPx; row++) yield* readExtents(store, [{ kind: 'data', sourceOffset: bitmap.offset + row * bitmap.bytesPerRow, length: rowBytes }]);
}

function bitmapHeader(bitmap: RawBitmap): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('BM', 'latin1');
  header.writeUInt32LE(bitmapBytes(bitmap), 2);
  header.writeUInt32LE(HEADER_BYTES, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(bitmap.widthPx, 18);
  header.writeInt32LE(-bitmap.heightPx, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(32, 28);
  header.writeUInt32LE(3, 30);
  header.writeUInt32LE(bitmapBytes(bitmap) - HEADER_BYTES, 34);
  bitmap.masks.forEach((mask, i) => header.writeUInt32LE(mask, 54 + i * 4));
  return header;
}
