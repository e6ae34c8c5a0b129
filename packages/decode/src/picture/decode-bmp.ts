/**
 * Windows and OS/2 bitmap (Microsoft, BITMAPFILEHEADER and BITMAPINFOHEADER of wingdi.h); little-endian.
 *
 *     offset  bytes
 *          0      2  BM
 *         10      4  offset of the pixels
 *         14      4  length of the second header; 12 is OS/2 with 16-bit sides, 40 and more Windows
 *         18      4  width
 *         22      4  height; negative: rows from the top
 *         28      2  bits a pixel: 1, 4, 8, 16, 24, 32
 *         30      4  0 none, 1 RLE8, 2 RLE4, 3 and 6 masks, 4 JPEG, 5 PNG
 *         46      4  colours in the palette, 0 for all
 *         54         masks of red, green, blue (within the header from length 52 on); palette of blue, green, red, 0
 *
 * Rows are padded to 4 bytes. The prebuilt libvips has no reader for it.
 */
import { ByteView, LimitError, MalformedError } from '@kerbside/bytes';
import { MAX_RASTER_PIXELS, type Raster } from '../pdq/raster.ts';
import { expandRunLengths } from './bmp-run-lengths.ts';

export interface DecodedBmp {
  readonly raster: Raster;
  /** The pixels end before the last row; the rest is black. */
  readonly damaged: boolean;
}

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly pixelsAt: number;
  /** Colours of the palette: offset, number, bytes each. */
  readonly palette: { readonly at: number; readonly count: number; readonly step: 3 | 4 };
  readonly masks: readonly [number, number, number];
}

/** Of uncompressed pixels at least this share must be there: less is a header with nothing behind it. */
const MIN_SHARE_PRESENT = 1 / 64;

/** @throws MalformedError `picture-undecodable` */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new ByteView(bytes);
  if (view.length < 26 || !view.hasAscii(0, 'BM')) throw broken('ends in its header');
  const headerBytes = view.u32(14);
  const old = headerBytes === 12;
  if (!old && view.length < 54) throw broken('ends in its header');
  const signedHeight = old ? view.u16(20) : view.i32(22);
  const bits = view.u16(old ? 24 : 28);
  const compression = old || headerBytes < 40 ? 0 : view.u32(30);
  const paletteAt = 14 + headerBytes + (headerBytes === 40 && compression === 3 ? 12 : headerBytes === 40 && compression === 6 ? 16 : 0);
  const stated = old || headerBytes < 40 ? 0 : view.u32(46);
  const most = bits <= 8 ? 1 << bits : 0;
  const masked = (compression === 3 || compression === 6) && view.length >= 66;
  return {
    width: old ? view.u16(18) : view.i32(18),
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    bits,
    compression,
    pixelsAt: view.u32(10),
    palette: { at: paletteAt, count: stated === 0 || stated > most ? most : stated, step: old ? 3 : 4 },
    masks: masked ? [view.u32(54), view.u32(58), view.u32(62)] : bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff],
  };
}

/** @throws MalformedError `picture-undecodable`; LimitError `picture-pixels` */
export function decodeBmp(bytes: Uint8Array): DecodedBmp {
  const header = readBmpHeader(bytes);
  const { width, height, bits, compression, pixelsAt } = header;
  if (width < 1 || height < 1) throw broken('states no pixels');
  if (width * height > MAX_RASTER_PIXELS) throw new LimitError('picture-pixels', `The picture has ${width} × ${height} pixels, more than are decoded.`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw broken(`states ${bits} bits a pixel`);
  const packed = (compression === 1 && bits === 8) || (compression === 2 && bits === 4);
  const plain = compression === 0 || ((compression === 3 || compression === 6) && bits >= 16);
  if (!packed && !plain) throw broken(`is compressed in a way (${compression}) that does not fit ${bits} bits a pixel`);
  const stored = bytes.subarray(Math.min(pixelsAt, bytes.length));
  if (packed) {
    const { indices, whole } = expandRunLengths(stored, width, height, bits === 8 ? 8 : 4);
    return { raster: paint(header, indices, { bits: 8, rowBytes: width }, paletteOf(bytes, header)), damaged: !whole };
  }
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (stored.length < rowBytes * height * MIN_SHARE_PRESENT || stored.length < Math.min(rowBytes, width)) throw broken('has no pixels behind its header');
  return { raster: paint(header, stored, { bits, rowBytes }, bits <= 8 ? paletteOf(bytes, header) : null), damaged: stored.length < rowBytes * height - rowBytes + Math.ceil((width * bits) / 8) };
}

/** 256 colours of red, green, blue; what the file does not hold is black. */
function paletteOf(bytes: Uint8Array, { palette: { at, count, step } }: BmpHeader): Uint8Array {
  const colours = new Uint8Array(768);
  for (let i = 0; i < count && at + i * step + 3 <= bytes.length; i++) {
    for (let c = 0; c < 3; c++) colours[i * 3 + c] = bytes[at + i * step + 2 - c]!;
  }
  return colours;
}

function paint(header: BmpHeader, stored: Uint8Array, layout: { bits: number; rowBytes: number }, palette: Uint8Array | null): Raster {
  const { width, height, topDown } = header;
  const data = new Uint8Array(width * height * 3);
  const fields = palette === null && layout.bits !== 24 ? header.masks.map(fieldOf) : [];
  for (let row = 0; row < height; row++) {
    const from = row * layout.rowBytes;
    if (from >= stored.length) break;
    const to = (topDown ? row : height - 1 - row) * width * 3;
    const line = stored.subarray(from, from + layout.rowBytes);
    if (palette !== null) paintIndexed(line, layout.bits, width, palette, data, to);
    else if (layout.bits === 24) paintTriples(line, width, data, to);
    else paintFields(line, layout.bits / 8, width, fields, data, to);
  }
  return { width, height, channels: 3, data };
}

function paintIndexed(line: Uint8Array, bits: number, width: number, palette: Uint8Array, data: Uint8Array, to: number): void {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  for (let x = 0; x < width; x++) {
    const from = 3 * (((line[Math.floor(x / perByte)] ?? 0) >> (8 - bits * ((x % perByte) + 1))) & mask);
    const at = to + x * 3;
    data[at] = palette[from]!;
    data[at + 1] = palette[from + 1]!;
    data[at + 2] = palette[from + 2]!;
  }
}

function paintTriples(line: Uint8Array, width: number, data: Uint8Array, to: number): void {
  const there = Math.min(width, Math.floor(line.length / 3));
  for (let x = 0, at = 0; x < there; x++, at += 3) {
    data[to + at] = line[at + 2]!;
    data[to + at + 1] = line[at + 1]!;
    data[to + at + 2] = line[at]!;
  }
}

interface Field {
  readonly shift: number;
  readonly most: number;
}

function fieldOf(mask: number): Field {
  if (mask === 0) return { shift: 0, most: 0 };
  const shift = 31 - Math.clz32(mask & -mask);
  return { shift, most: (mask >>> 0) / 2 ** shift };
}

function paintFields(line: Uint8Array, step: number, width: number, fields: readonly Field[], data: Uint8Array, to: number): void {
  const there = Math.min(width, Math.floor(line.length / step));
  for (let x = 0; x < there; x++) {
    let value = 0;
    for (let b = step - 1; b >= 0; b--) value = ((value << 8) | line[x * step + b]!) >>> 0;
    fields.forEach(({ shift, most }, c) => {
      // A field of full width wraps round to a mask of all ones, which is what it is.
      data[to + x * 3 + c] = most === 0 ? 0 : Math.round((((value >>> shift) & most) >>> 0) * (255 / most));
    });
  }
}

function broken(what: string): MalformedError {
  return new MalformedError('picture-undecodable', `The bitmap ${what}.`);
}
