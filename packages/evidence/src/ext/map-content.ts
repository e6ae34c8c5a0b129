import type { BlockReader } from './block-reader.ts';
import { addBlockMap } from './block-map.ts';
import { addExtentTree } from './extent-tree.ts';
import { BLOCK_MAP_AT, BLOCK_MAP_BYTES, INODE_FLAG, inodeFlags } from './inode-fields.ts';
import { RunList } from './run-list.ts';

/**
 * Steps that all maps of one walk may take together: one for each pointer or extent looked at. A sound
 * volume has about one for each block; hard links and deleted items that share maps take more.
 */
const LEAST_MAPPING_STEPS = 4_000_000;
const STEPS_PER_BLOCK = 4;

/** What mapping needs from the volume, with the budget and scratch space it works in. */
export class MappingContext {
  readonly blocks: BlockReader;
  /** For deleted items: a map block that is in use again no longer describes the item. */
  isReused: ((block: number) => boolean) | null = null;
  #stepsLeft: number;
  readonly #scratch: Buffer[] = [];

  constructor(blocks: BlockReader) {
    this.blocks = blocks;
    this.#stepsLeft = LEAST_MAPPING_STEPS + STEPS_PER_BLOCK * blocks.blockCount;
  }

  /** Takes steps from the budget; false, with a fault on the item, when it is used up. */
  spend(steps: number, runs: RunList): boolean {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft >= 0) return true;
    runs.fault('limit', 'ext-mapping-budget', 'the maps of this volume are longer than the volume could need; the content was not mapped to its end');
    return false;
  }

  /** Reads a block of a map into the scratch space of its level; null, with a fault on the item, when that cannot be done. */
  readMapBlock(block: number, level: number, runs: RunList): Buffer | null {
    if (block === 0 || !this.blocks.has(block)) {
      runs.fault('malformed', 'ext-content-outside', 'part of the content, or of the map that leads to it, lies outside the volume');
      return null;
    }
    if (this.isReused?.(block) === true) {
      runs.fault('malformed', 'ext-deleted-map-reused', 'a block that told where the deleted content stands is in use again; the part behind it is not known');
      return null;
    }
    const bytes = (this.#scratch[level] ??= Buffer.alloc(this.blocks.blockSizeBytes));
    if (this.blocks.read(bytes, block).length > 0) {
      runs.fault('medium', 'unreadable-bytes', 'a block of the map that leads to the content could not be read');
      return null;
    }
    return bytes;
  }
}

/** Maps the content of the inode at `at` in `table`; inline data is not for this function. */
export function mapContent(table: Buffer, at: number, sizeBytes: number, context: MappingContext): RunList {
  const runs = new RunList(context.blocks, sizeBytes);
  if (sizeBytes > 0) {
    if ((inodeFlags(table, at) & INODE_FLAG.extents) !== 0) {
      addExtentTree(table, at + BLOCK_MAP_AT, BLOCK_MAP_BYTES, runs, context);
    } else {
      addBlockMap(table, at + BLOCK_MAP_AT, runs, context);
    }
  }
  runs.finish();
  return runs;
}
