import type { BlockReader } from './block-reader.ts';
import { addBlockMap } from './block-map.ts';
import { addExtentTree, MAX_WRITTEN_LENGTH } from './extent-tree.ts';
import { BLOCK_MAP_AT, BLOCK_MAP_BYTES, INODE_FLAG, inodeFlags } from './inode-fields.ts';
import { RunList, type MappingFault } from './run-list.ts';
import type { PlainExtent } from '../item.ts';

/**
 * Steps that all maps of one walk may take together: one for each pointer or extent looked at. A sound
 * volume has about one for each block; hard links and deleted items that share maps take more.
 */
const LEAST_MAPPING_STEPS = 4_000_000;
const STEPS_PER_BLOCK = 4;

/** First four bytes of an extent tree's root with one entry: magic 0xF30A, then the count. */
const ONE_ENTRY_HEADER = 0x0001_f30a;

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

  /** Takes steps from the budget; false when it is used up. */
  take(steps: number): boolean {
    this.#stepsLeft -= steps;
    return this.#stepsLeft >= 0;
  }

  /** The same for an item's map, with a fault on it when the budget is used up. */
  spend(steps: number, runs: RunList): boolean {
    if (this.take(steps)) return true;
    runs.fault({ kind: 'limit', code: 'ext-mapping-budget', message: 'the maps of this volume are longer than the volume could need; the content was not mapped to its end' });
    return false;
  }

  /** Reads a block of a map into the scratch space of its level; null, with a fault on the item, when that cannot be done. */
  readMapBlock(block: number, level: number, runs: RunList): Buffer | null {
    if (block === 0 || !this.blocks.has(block)) {
      runs.fault({ kind: 'malformed', code: 'ext-content-outside', message: 'part of the content, or of the map that leads to it, lies outside the volume' });
      return null;
    }
    if (this.isReused?.(block) === true) {
      runs.fault({ kind: 'malformed', code: 'ext-deleted-map-reused', message: 'a block that told where the deleted content stands is in use again; the part behind it is not known' });
      return null;
    }
    const bytes = (this.#scratch[level] ??= Buffer.alloc(this.blocks.blockSizeBytes));
    if (this.blocks.read(bytes, block).length > 0) {
      runs.fault({ kind: 'medium', code: 'unreadable-bytes', message: 'a block of the map that leads to the content could not be read' });
      return null;
    }
    return bytes;
  }
}

/** Nothing is wrong with most content: these share one empty list. */
const NO_FAULTS: readonly MappingFault[] = Object.freeze([]);
const NO_POSITIONS: readonly number[] = Object.freeze([]);

/** Where an item's content is, and what went wrong while it was mapped. */
export interface MappedContent {
  readonly extents: readonly PlainExtent[];
  readonly faults: readonly MappingFault[];
  /** Blocks that hold data or are kept for it. */
  readonly mappedBlocks: number;
  /** Positions in the content of blocks that the journal keeps with their first four bytes zeroed. */
  readonly escapedAt: readonly number[];
}

/** Maps the content of the inode at `at` in `table`; inline data is not for this function. */
export function mapContent(table: Buffer, at: number, sizeBytes: number, context: MappingContext): MappedContent {
  const quick = mapUnbroken(table, at, sizeBytes, context.blocks);
  if (quick !== null) return quick;
  const runs = new RunList(context.blocks, sizeBytes);
  if (sizeBytes > 0) {
    if ((inodeFlags(table, at) & INODE_FLAG.extents) !== 0) {
      addExtentTree(table, at + BLOCK_MAP_AT, BLOCK_MAP_BYTES, runs, context);
    } else {
      addBlockMap(table, at + BLOCK_MAP_AT, runs, context);
    }
  }
  runs.finish();
  // a journal's overlay can cut one extent into many pieces
  context.take(runs.extents.length);
  return runs;
}

/**
 * The common case without the machinery: one written extent in the inode itself covers all of the
 * size, and no journal stands above it. Null in every other case.
 */
function mapUnbroken(table: Buffer, at: number, sizeBytes: number, blocks: BlockReader): MappedContent | null {
  const root = at + BLOCK_MAP_AT;
  const isOneExtent =
    (inodeFlags(table, at) & INODE_FLAG.extents) !== 0 && blocks.overlay === null &&
    table.readUInt32LE(root) === ONE_ENTRY_HEADER && table.readUInt16LE(root + 6) === 0 && table.readUInt32LE(root + 12) === 0;
  if (!isOneExtent || sizeBytes === 0) return null;
  const count = table.readUInt16LE(root + 16);
  const block = table.readUInt32LE(root + 20) + table.readUInt16LE(root + 18) * 0x1_0000_0000;
  const needed = Math.ceil(sizeBytes / blocks.blockSizeBytes);
  if (count > MAX_WRITTEN_LENGTH || needed > count || block === 0 || !blocks.has(block, needed)) return null;
  const sourceOffset = blocks.source.originOffset + block * blocks.blockSizeBytes;
  return { extents: [{ kind: 'data', sourceOffset, length: sizeBytes }], faults: NO_FAULTS, mappedBlocks: needed, escapedAt: NO_POSITIONS };
}
