import { MalformedError } from '@kerbside/bytes';
import { MAX_STILL_BYTES, MAX_STILL_PX } from './still-limits.ts';

/** What a still's own bytes say of it. */
export interface StillFormat {
  readonly format: 'jpeg' | 'png';
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Chunks that our own encoder writes; others could carry anything. */
const PNG_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'pHYs', 'IDAT', 'IEND']);

/** The most that a picture of its kind has. */
export interface StillBounds {
  readonly maxPx: number;
  readonly maxBytes: number;
}

const STILL_BOUNDS: StillBounds = { maxPx: MAX_STILL_PX, maxBytes: MAX_STILL_BYTES };

/**
 * Checks a still that came out of the sandbox: PNG or JPEG from first to last byte, no larger than stills are, and without
 * segments in which something else could ride along. The pixels themselves are not decoded here.
 *
 * @throws MalformedError `decoder-lied`
 */
export function checkStill(bytes: Uint8Array, { maxPx, maxBytes } = STILL_BOUNDS): StillFormat {
  if (bytes.byteLength === 0 || bytes.byteLength > maxBytes) throw lied(`a still of ${bytes.byteLength} bytes`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view[0] === 0x89 ? readPng(view) : readJpeg(view);
  if (size.widthPx < 1 || size.heightPx < 1 || size.widthPx > maxPx || size.heightPx > maxPx) throw lied(`a still of ${size.widthPx} × ${size.heightPx} pixels`);
  return size;
}

/** PNG (W3C): signature of 8 bytes; chunks of length u32, type, data, CRC-32, big-endian; IHDR first with width and height u32, IEND last. */
function readPng(view: Buffer): StillFormat {
  if (view.length < 45 || view.subarray(0, 8).toString('hex') !== '89504e470d0a1a0a' || view.toString('latin1', 12, 16) !== 'IHDR') throw lied('bytes that are no PNG');
  let at = 8;
  for (;;) {
    if (at + 12 > view.length) throw lied('a PNG that ends early');
    const length = view.readUInt32BE(at);
    const type = view.toString('latin1', at + 4, at + 8);
    if (!PNG_CHUNKS.has(type) || at + 12 + length > view.length) throw lied('a PNG with a chunk that stills do not have');
    at += 12 + length;
    if (type === 'IEND') break;
  }
  if (at !== view.length) throw lied('a PNG with bytes after its end');
  return { format: 'png', widthPx: view.readUInt32BE(16), heightPx: view.readUInt32BE(20) };
}

/** Start of image, JFIF, tables, frame, scan: what our own encoder writes. Comments, EXIF, profiles are not among them. */
const JPEG_MARKERS = new Set([0xe0, 0xdb, 0xc0, 0xc2, 0xc4, 0xda, 0xdd]);
const JFIF_SEGMENT_BYTES = 16;

/** JPEG (ITU-T T.81): FF D8; segments FF marker, length u16, data; after a scan (DA) entropy-coded bytes up to the next marker; FF D9 at the very end. */
function readJpeg(view: Buffer): StillFormat {
  if (view.length < 4 || view.readUInt16BE(0) !== 0xffd8) throw lied('bytes that are neither PNG nor JPEG');
  let frame: StillFormat | null = null;
  for (let at = 2; ; ) {
    if (at + 2 > view.length || view[at] !== 0xff) throw lied('a JPEG that ends early');
    const marker = view[at + 1]!;
    if (marker === 0xd9) {
      if (at + 2 !== view.length || frame === null) throw lied('a JPEG with bytes after its end, or without a frame');
      return frame;
    }
    if (!JPEG_MARKERS.has(marker) || at + 4 > view.length) throw lied('a JPEG with a segment that stills do not have');
    const length = view.readUInt16BE(at + 2);
    if (length < 2 || at + 2 + length > view.length || (marker === 0xe0 && length !== JFIF_SEGMENT_BYTES)) throw lied('a JPEG with a segment that stills do not have');
    if (marker === 0xc0 || marker === 0xc2) {
      if (frame !== null || length < 8) throw lied('a JPEG with two frames');
      frame = { format: 'jpeg', heightPx: view.readUInt16BE(at + 5), widthPx: view.readUInt16BE(at + 7) };
    }
    at += 2 + length;
    if (marker === 0xda) at = endOfScan(view, at);
  }
}

function endOfScan(view: Buffer, from: number): number {
  for (let at = view.indexOf(0xff, from); at >= 0 && at + 1 < view.length; at = view.indexOf(0xff, at + 1)) {
    const next = view[at + 1]!;
    // A stuffed FF, and restart markers, belong to the scan.
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw lied('a JPEG that ends early');
}

function lied(what: string): MalformedError {
  return new MalformedError('decoder-lied', `the sandbox answered with ${what}`);
}
