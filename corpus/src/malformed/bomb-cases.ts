import { crc32, deflateSync } from 'node:zlib';
import type { MalformedCase, MalformedSeeds } from './malformed-case.ts';

/** Small files that ask for much: pixels, frames, passes, unpacked metadata. */
export function bombCases(seeds: MalformedSeeds): MalformedCase[] {
  const cases: MalformedCase[] = [];
  for (const side of [4000, 12_000, 16_000, 20_000]) {
    cases.push({ name: `a PNG of ${side} × ${side} black pixels`, bytes: blackPng(side, side), expected: side ** 2 > 120_000_000 ? 'picture-pixels' : 'whole' });
  }
  for (const kind of ['iTXt', 'zTXt', 'iCCP']) {
    const head = Buffer.from({ iTXt: 'Title\0\x01\0\0\0', zTXt: 'Title\0\0', iCCP: 'Title\0\0' }[kind]!, 'latin1');
    const chunk = pngChunk(kind, Buffer.concat([head, deflateSync(Buffer.alloc(20_000_000))]));
    cases.push({ name: `a PNG with a ${kind} of 20 MB, packed`, bytes: Buffer.concat([seeds.png.subarray(0, 33), chunk, seeds.png.subarray(33)]), expected: 'whole' });
  }
  for (const frames of [2, 1000, 100_000]) cases.push({ name: `a GIF of ${frames} frames`, bytes: manyFramesGif(frames), expected: 'whole', frames });
  // Its decoder takes the sides of the frame where those of the canvas are absurd.
  cases.push({ name: 'a GIF that states 65,535 × 65,535 pixels', bytes: gifOfSides(65_535), expected: 'whole' });
  for (const frames of [2, 50_000, 0xffffffff]) {
    const control = pngChunk('acTL', Buffer.from(new Uint32Array([frames, 0]).buffer).swap32());
    cases.push({ name: `a PNG that states ${frames} frames`, bytes: Buffer.concat([seeds.png.subarray(0, 33), control, seeds.png.subarray(33)]), expected: 'whole', frames: Math.min(frames, 1_000_000) });
  }
  for (const side of [1000, 2000]) cases.push({ name: `a run-length BMP of ${side} × ${side} pixels and no run`, bytes: runLengthBmp(side), expected: 'damaged' });
  cases.push({ name: 'a run-length BMP of 11,000 × 11,000 pixels', bytes: runLengthBmp(11_000), expected: 'picture-pixels' });
  for (const scans of [101, 500, 5000]) cases.push({ name: `a progressive JPEG of ${scans} passes`, bytes: manyScansJpeg(scans), expected: 'jpeg-work' });
  return cases;
}

function pngChunk(type: string, content: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(content, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}

/** One bit a pixel, so that 100 megapixels are 12 MB of zeros and 12 KB in the file. */
function blackPng(widthPx: number, heightPx: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header[8] = 1;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), pngChunk('IHDR', header), pngChunk('IDAT', deflateSync(Buffer.alloc((Math.ceil(widthPx / 8) + 1) * heightPx))), pngChunk('IEND', Buffer.alloc(0))]);
}

function gifHead(side: number): Buffer {
  const head = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  head.writeUInt16LE(side, 6);
  head.writeUInt16LE(side, 8);
  return head;
}

/** A frame of one pixel: picture block, 2-bit codes, clear, 0, end. */
const GIF_FRAME = Buffer.from('2c0000000001000100000202440100', 'hex');

function manyFramesGif(frames: number): Buffer {
  return Buffer.concat([gifHead(8), ...Array.from({ length: frames }, () => GIF_FRAME), Buffer.from(';')]);
}

function gifOfSides(side: number): Buffer {
  return Buffer.concat([gifHead(side), GIF_FRAME, Buffer.from(';')]);
}

function runLengthBmp(side: number): Buffer {
  const bytes = Buffer.alloc(54 + 1024);
  bytes.write('BM', 0, 'latin1');
  for (const [at, value] of [[2, bytes.length], [10, bytes.length], [14, 40], [18, side], [22, side], [30, 1]] as const) bytes.writeUInt32LE(value, at);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(8, 28);
  return bytes;
}

/** Headers of a progressive JPEG and the same empty pass over and over. */
function manyScansJpeg(scans: number): Buffer {
  const table = Buffer.concat([Buffer.from('ffdb004300', 'hex'), Buffer.alloc(64, 16)]);
  const frame = Buffer.from('ffc2000b080400040001011100', 'hex');
  const codes = Buffer.concat([Buffer.from('ffc4001400', 'hex'), Buffer.from([1]), Buffer.alloc(15), Buffer.from([0])]);
  const scan = Buffer.from('ffda0008010100000000', 'hex');
  return Buffer.concat([Buffer.from('ffd8', 'hex'), table, frame, codes, ...Array.from({ length: scans }, () => scan), Buffer.from('ffd9', 'hex')]);
}
