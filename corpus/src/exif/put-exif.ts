import { crc32 } from 'node:zlib';
import { makePicture } from '../pictures/make-picture.ts';
import { makeExif, type ExifOptions } from './make-exif.ts';

/** JPEG: the tags as APP1 right behind the start marker. At most 65,527 bytes fit. */
export function putExifIntoJpeg(jpeg: Uint8Array, exif: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1, 0);
  head.writeUInt16BE(8 + exif.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from('Exif\0\0', 'latin1'), exif, jpeg.subarray(2)]);
}

/** PNG: the tags as chunk `eXIf` behind the header chunk (PNG specification, third edition). */
export function putExifIntoPng(png: Uint8Array, exif: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + exif.length);
  chunk.writeUInt32BE(exif.length, 0);
  chunk.write('eXIf', 4, 'latin1');
  chunk.set(exif, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + exif.length)), 8 + exif.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** WebP: the tags as last chunk `EXIF`, behind a `VP8X` header that announces it. */
export function putExifIntoWebp(webp: Uint8Array, exif: Uint8Array, widthPx: number, heightPx: number): Buffer {
  const extended = Buffer.alloc(18);
  extended.write('VP8X', 0, 'latin1');
  extended.writeUInt32LE(10, 4);
  extended[8] = 0x08;
  extended.writeUIntLE(widthPx - 1, 12, 3);
  extended.writeUIntLE(heightPx - 1, 15, 3);
  const chunk = Buffer.alloc(8 + exif.length + (exif.length % 2));
  chunk.write('EXIF', 0, 'latin1');
  chunk.writeUInt32LE(exif.length, 4);
  chunk.set(exif, 8);
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), extended, webp.subarray(12), chunk]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

export interface CameraPictureOptions extends ExifOptions {
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * A seeded JPEG of a landscape with the tags of a camera. It has a thumbnail only where one is given: the
 * landscapes' own encoder draws in blocks, so a small drawing of one is no reduction of the large.
 */
export function makeCameraPicture(options: CameraPictureOptions): Buffer {
  const { seed, widthPx, heightPx } = options;
  return putExifIntoJpeg(makePicture({ kind: 'jpeg', seed, widthPx, heightPx }), makeExif(options));
}
