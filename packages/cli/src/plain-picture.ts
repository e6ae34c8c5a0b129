import { crc32, deflateSync } from 'node:zlib';

/*
 * A PNG (W3C PNG, third edition): signature, then chunks of length u32be, type, body and CRC-32 of type and body.
 * IHDR: width u32be, height u32be, bit depth 8, colour type 2 (RGB), compression 0, filter 0, interlace 0.
 */
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** A square of one grey, as PNG: something that every decoder opens. */
export function makePlainPicture(sidePx: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sidePx, 0);
  header.writeUInt32BE(sidePx, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.alloc(1 + sidePx * 3, 128);
  line[0] = 0;
  const pixels = Buffer.concat(Array.from({ length: sidePx }, () => line));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
