import { makeRandom } from '../random.ts';
import { footballText } from '../documents/football-text.ts';
import { generatedBytes } from '../documents/generated-bytes.ts';
import { makePseudoVideo } from '../documents/make-pseudo-video.ts';
import { encodeGif } from '../pictures/gif.ts';
import { encodeJpeg } from '../pictures/jpeg.ts';
import { encodePng } from '../pictures/png.ts';
import { rasterise } from '../pictures/raster.ts';
import { storedZlib } from '../pictures/stored-zlib.ts';
import { makeControlScene } from './control-scene.ts';

/** Length of the blocks that block sets know. */
export const BLOCK_BYTES = 4096;

/** A generated picture of about 100 KB. */
export function controlJpeg(seed: number): Buffer {
  return encodeJpeg(makeControlScene(seed), 416, 320, seed, 0.55);
}

/** A generated picture of about 70 KB; its rows are not packed, so that no version of zlib has a say in its bytes. */
export function controlPng(seed: number): Buffer {
  return encodePng(rasterise(makeControlScene(seed), 176, 132, seed, 0.5), 176, 132, storedZlib);
}

/** A generated picture of about 70 KB. */
export function controlGif(seed: number): Buffer {
  return encodeGif(rasterise(makeControlScene(seed), 272, 208, seed, 0.6), 272, 208);
}

/** Boxes of an MP4 with noise in it. */
export function controlVideo(seed: number, sizeBytes: number): Buffer {
  return Buffer.concat([...makePseudoVideo(seed, sizeBytes).chunks()]);
}

/** Match reports of at least the given length, which compress well. */
export function controlText(seed: number, sizeBytes: number): Buffer {
  return Buffer.from(footballText(seed, sizeBytes));
}

/** Noise with blocks in its middle that many files of the world share. */
export function withCommonBlocks(seed: number): Buffer {
  const noise = (noiseSeed: number): Buffer[] => [...generatedBytes(noiseSeed, 12 * BLOCK_BYTES).chunks()].map((chunk) => Buffer.from(chunk));
  return Buffer.concat([...noise(seed), ...commonBlocks(), ...noise(seed + 1)]);
}

/** White space that is no single letter over and over, and few symbols in no order. */
const WHITE = ['  \t ', ' \n  ', '\t\t  ', '    ', '\r\n  ', 'x = ', ' \t\n\t', '\n\n\t '] as const;
const FEW_WORDS = 24;

/** Blocks that say nothing about the file they are of, one for each rule by which sets leave blocks out, and two more constant ones. */
export function commonBlocks(): Buffer[] {
  const random = makeRandom(0xc0b0);
  const words = (value: (word: number) => number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES);
    for (let word = 0; word < BLOCK_BYTES / 4; word++) block.writeUInt32LE(value(word) >>> 0, word * 4);
    return block;
  };
  return [
    Buffer.alloc(BLOCK_BYTES),
    Buffer.alloc(BLOCK_BYTES, 0xff),
    words((word) => 7 + word),
    Buffer.alloc(BLOCK_BYTES, ' '),
    Buffer.from(Array.from({ length: BLOCK_BYTES / 4 }, () => random.pick(WHITE)).join(''), 'latin1'),
    words((word) => (word % 3 === 0 ? 0x8000_0001 : 0xfacade + word * 0x9e37_79b1)),
    words((word) => 1000 + word * 37),
    words(() => (random.below(FEW_WORDS) * 0x0101 + 0x2000_0000 + random.below(FEW_WORDS) * 0x0b0b_0000) >>> 0),
  ];
}

/** Other content of the same length: what a length alone would take for the original. */
export function sameLengthAs(content: Buffer, seed: number): Buffer {
  const other = controlJpeg(seed);
  if (other.length >= content.length) return other.subarray(0, content.length);
  return Buffer.concat([other, ...generatedBytes(seed, content.length - other.length).chunks()]);
}

/** A copy of which one byte, about in the middle, is another. */
export function withOneByteChanged(content: Buffer): Buffer {
  const copy = Buffer.from(content);
  const at = content.length >> 1;
  copy[at] = copy[at]! ^ 0x01;
  return copy;
}
