import { NO_RANGES, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';

/** Blocks that a replayed journal would have changed: their new bytes stand in the journal. Sorted by block. */
export interface BlockOverlay {
  readonly blocks: Float64Array;
  /** Where on the volume the new bytes stand, as block numbers. */
  readonly journalBlocks: Float64Array;
  /** 1 where the journal keeps the block with its first four bytes zeroed (they equal the journal's magic). */
  readonly escaped: Uint8Array;
}

/** The first four bytes of an escaped block, big-endian: the journal's magic. */
const JOURNAL_MAGIC = 0xc03b3998;

/**
 * Blocks of a volume, read through the overlay of its journal where there is one. Nothing is ever written.
 */
export class BlockReader {
  readonly blockSizeBytes: number;
  /** Whole blocks that the volume really has. */
  readonly blockCount: number;
  readonly source: RandomAccessSource;
  readonly overlay: BlockOverlay | null;

  constructor(source: RandomAccessSource, blockSizeBytes: number, overlay: BlockOverlay | null) {
    this.source = source;
    this.blockSizeBytes = blockSizeBytes;
    this.blockCount = Math.floor(source.sizeBytes / blockSizeBytes);
    this.overlay = overlay !== null && overlay.blocks.length > 0 ? overlay : null;
  }

  /** True when the blocks lie on the volume, whatever the superblock claims. */
  has(block: number, count = 1): boolean {
    return block >= 0 && count >= 0 && block + count <= this.blockCount;
  }

  /**
   * Fills `target` (whole blocks) from `block` on; the caller has asked `has` before.
   * Returns what could not be read, as ranges of the volume; those bytes are zero.
   */
  read(target: Buffer, block: number): readonly ByteRange[] {
    const unread = this.source.readInto(target, block * this.blockSizeBytes);
    if (this.overlay === null) return unread;
    return this.#applyOverlay(target, block, unread, this.overlay);
  }

  #applyOverlay(target: Buffer, block: number, unread: readonly ByteRange[], overlay: BlockOverlay): readonly ByteRange[] {
    const size = this.blockSizeBytes;
    const end = block + target.length / size;
    let ranges = unread;
    for (let i = this.overlayIndex(block); i < overlay.blocks.length && overlay.blocks[i]! < end; i++) {
      const at = (overlay.blocks[i]! - block) * size;
      const piece = target.subarray(at, at + size);
      const start = overlay.blocks[i]! * size;
      ranges = ranges.length === 0 ? NO_RANGES : ranges.filter((range) => range.offset + range.length <= start || range.offset >= start + size);
      const missing = this.source.readInto(piece, overlay.journalBlocks[i]! * size);
      if (missing.length > 0) ranges = [...ranges, ...missing];
      if (overlay.escaped[i] === 1) piece.writeUInt32BE(JOURNAL_MAGIC, 0);
    }
    return ranges;
  }

  /** Index of the first overlaid block that is not before `block`. */
  overlayIndex(block: number): number {
    const blocks = this.overlay?.blocks;
    if (blocks === undefined) return 0;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (blocks[middle]! < block) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Offset on the source where the block's current bytes stand. */
  sourceOffsetOf(block: number): number {
    if (this.overlay !== null) {
      const i = this.overlayIndex(block);
      if (this.overlay.blocks[i] === block) {
        return this.source.originOffset + this.overlay.journalBlocks[i]! * this.blockSizeBytes;
      }
    }
    return this.source.originOffset + block * this.blockSizeBytes;
  }
}
