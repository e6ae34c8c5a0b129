import { createLaneHasher } from '@kerbside/bytes';
import { BLOCK_SET_BLOCK_BYTES } from './block-set.ts';

/** Blocks that a coder takes at once: 1 MiB. */
export const CODER_BLOCKS = 256;

/** Makes codes of blocks under one code key. One per thread; not re-entrant. */
export interface BlockCoder {
  /** Where the caller puts {@link CODER_BLOCKS} blocks side by side. It starts on a multiple of 4 in its buffer. */
  readonly input: Uint8Array;
  /**
   * Codes of the first `count` blocks of `input`.
   * @returns 8 bytes a block, side by side; valid until the next call
   */
  codesOf(count: number): Uint8Array;
}

/** @param codeKey 32 bytes */
export function createBlockCoder(codeKey: Uint8Array): BlockCoder {
  const hasher = createLaneHasher(CODER_BLOCKS * BLOCK_SET_BLOCK_BYTES);
  return {
    input: hasher.input.subarray(0, CODER_BLOCKS * BLOCK_SET_BLOCK_BYTES),
    codesOf(count) {
      hasher.md5Blocks(0, BLOCK_SET_BLOCK_BYTES, BLOCK_SET_BLOCK_BYTES, count);
      return hasher.codesOfBlocks(codeKey, count);
    },
  };
}
