import type { GeneratedContent } from '../corpus-file.ts';
import { makeRandom } from '../random.ts';

const BLOCK_BYTES = 1 << 20;
/** Every so many bytes a stamp of seed and position makes the block unlike any other. */
const STAMP_EVERY_BYTES = 512;

let sharedBlock: Buffer | undefined;

/**
 * Content that does not compress, made at the speed of a copy: one shared block of noise, with a
 * stamp in every 512 bytes, so that no two blocks of any two files are equal.
 *
 * @param head bytes that stand first, counted in `sizeBytes`
 */
export function generatedBytes(seed: number, sizeBytes: number, head: Uint8Array = new Uint8Array(0)): GeneratedContent {
  return {
    sizeBytes,
    *chunks() {
      if (head.length > 0) yield head.subarray(0, Math.min(head.length, sizeBytes));
      for (let at = head.length; at < sizeBytes; at += BLOCK_BYTES) yield stampedBlock(seed, at, Math.min(BLOCK_BYTES, sizeBytes - at));
    },
  };
}

function stampedBlock(seed: number, position: number, lengthBytes: number): Buffer {
  if (sharedBlock === undefined) {
    sharedBlock = Buffer.alloc(BLOCK_BYTES);
    makeRandom(0x0b10c).fill(sharedBlock);
  }
  const block = Buffer.from(sharedBlock.subarray(0, lengthBytes));
  for (let at = 0; at + 12 <= lengthBytes; at += STAMP_EVERY_BYTES) {
    block.writeUInt32LE(seed >>> 0, at);
    block.writeUIntLE(position + at, at + 4, 6);
  }
  return block;
}
