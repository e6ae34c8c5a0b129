import type { BlockFiles } from './code-collector.ts';

/** Number (in `BlockFiles`) of the file that holds a block, by the block's number among all blocks seen. */
export function fileOfBlock(files: BlockFiles, block: number): number {
  let low = 0;
  let high = files.files.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (files.firstBlocks[middle]! <= block) low = middle;
    else high = middle;
  }
  return low;
}
