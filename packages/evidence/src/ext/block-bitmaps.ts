import type { ByteRange } from '@kerbside/bytes';
import type { PlainExtent } from '../item.ts';
import type { BlockReader } from './block-reader.ts';
import { descriptorBlock, type GroupTable } from './group-descriptors.ts';
import { firstBlockOfGroup, groupHasSuperblock, type Superblock } from './superblock.ts';

/** Bitmaps kept at once; deleted items ask for blocks of a few groups at a time. */
const BITMAPS_KEPT = 32;

/** Blocks of deleted items looked up in all: a block can have belonged to several, one after another. */
const LEAST_LOOK_UPS = 2_000_000;
const LOOK_UPS_PER_BLOCK = 8;

/** Which blocks are in use, as the groups' bitmaps say. One bit stands for a cluster of blocks on bigalloc volumes. */
export class BlockBitmaps {
  readonly #blocks: BlockReader;
  readonly #superblock: Superblock;
  readonly #groups: GroupTable;
  readonly #kept = new Map<number, Buffer | null>();
  #lookUpsLeft: number;

  constructor(blocks: BlockReader, superblock: Superblock, groups: GroupTable) {
    this.#blocks = blocks;
    this.#superblock = superblock;
    this.#groups = groups;
    this.#lookUpsLeft = LEAST_LOOK_UPS + LOOK_UPS_PER_BLOCK * blocks.blockCount;
  }

  /** True when the block is in use; false where there is no bitmap to ask. */
  isAllocated(block: number): boolean {
    const { firstDataBlock, blocksPerGroup, blocksPerCluster, groupCount } = this.#superblock;
    const group = Math.floor((block - firstDataBlock) / blocksPerGroup);
    if (group < 0 || group >= groupCount) return false;
    const bitmap = this.#bitmap(group);
    if (bitmap === null) return false;
    const bit = Math.floor((block - firstDataBlock - group * blocksPerGroup) / blocksPerCluster);
    return (bitmap[bit >>> 3]! & (1 << (bit & 7))) !== 0;
  }

  /** Share (0 to 1) of an item's stored blocks that are in use now, as far as the budget for such look-ups goes. */
  shareInUse(extents: readonly PlainExtent[]): { readonly share: number; readonly complete: boolean } {
    const { blockSizeBytes, source } = this.#blocks;
    let stored = 0;
    let inUse = 0;
    for (const extent of extents) {
      if (extent.kind === 'hole') continue;
      const first = (extent.sourceOffset - source.originOffset) / blockSizeBytes;
      const count = Math.ceil(extent.length / blockSizeBytes);
      this.#lookUpsLeft -= count;
      if (this.#lookUpsLeft < 0) return { share: stored === 0 ? 1 : inUse / stored, complete: false };
      stored += count;
      for (let block = first; block < first + count; block++) if (this.isAllocated(block)) inUse += 1;
    }
    return { share: stored === 0 ? 0 : inUse / stored, complete: true };
  }

  /** Free runs of the volume, ascending, joined, offsets on the source. Groups whose bitmap is lost give nothing. */
  *freeRanges(): Generator<ByteRange, void, undefined> {
    const { blockSizeBytes, source } = this.#blocks;
    const { firstDataBlock, blocksPerGroup, blocksPerCluster, groupCount } = this.#superblock;
    const end = Math.min(this.#superblock.blockCount, this.#blocks.blockCount);
    let start = -1;
    for (let group = 0; group < groupCount; group++) {
      const groupStart = firstDataBlock + group * blocksPerGroup;
      const groupEnd = Math.min(end, groupStart + blocksPerGroup);
      const bitmap = this.#bitmap(group);
      for (let bit = 0; groupStart + bit * blocksPerCluster < groupEnd; bit++) {
        const block = groupStart + bit * blocksPerCluster;
        const free = bitmap !== null && (bitmap[bit >>> 3]! & (1 << (bit & 7))) === 0;
        if (free && start < 0) start = block;
        if (!free && start >= 0) {
          yield { offset: source.originOffset + start * blockSizeBytes, length: (block - start) * blockSizeBytes };
          start = -1;
        }
      }
    }
    if (start >= 0) yield { offset: source.originOffset + start * blockSizeBytes, length: (end - start) * blockSizeBytes };
  }

  #bitmap(group: number): Buffer | null {
    const known = this.#kept.get(group);
    if (known !== undefined) return known;
    const bitmap = this.#groups.blockBitmapUnwritten[group] === 1 ? this.#unwrittenBitmap(group) : this.#readBitmap(group);
    if (this.#kept.size >= BITMAPS_KEPT) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(group, bitmap);
    return bitmap;
  }

  #readBitmap(group: number): Buffer | null {
    const block = this.#groups.blockBitmap[group]!;
    if (block <= 0 || !this.#blocks.has(block)) return null;
    const bytes = Buffer.alloc(this.#blocks.blockSizeBytes);
    return this.#blocks.read(bytes, block).length > 0 ? null : bytes;
  }

  /** The bitmap that the kernel would write for a group it has not used: only the volume's own structures are in use. */
  #unwrittenBitmap(group: number): Buffer {
    const { superblock: s, groups: g } = { superblock: this.#superblock, groups: this.#groups };
    const bitmap = Buffer.alloc(this.#blocks.blockSizeBytes);
    const start = s.firstDataBlock + group * s.blocksPerGroup;
    const use = (block: number, count: number): void => {
      for (let i = 0; i < count; i++) {
        const bit = Math.floor((block + i - start) / s.blocksPerCluster);
        if (bit >= 0 && bit < s.blocksPerGroup / s.blocksPerCluster) bitmap[bit >>> 3] = bitmap[bit >>> 3]! | (1 << (bit & 7));
      }
    };
    const perBlock = Math.floor(s.blockSizeBytes / s.descriptorSizeBytes);
    const first = firstBlockOfGroup(s, group);
    if (groupHasSuperblock(s, group)) {
      use(first, 1);
      const tableBlocks = Math.ceil(s.groupCount / perBlock);
      for (let index = 0; index < tableBlocks; index++) {
        const block = descriptorBlock(s, group, index, perBlock);
        if (block !== null) use(block, 1);
      }
      use(first + 1 + tableBlocks, s.reservedDescriptorBlocks);
    }
    const inodeBlocks = Math.ceil((s.inodesPerGroup * s.inodeSizeBytes) / s.blockSizeBytes);
    use(g.blockBitmap[group]!, 1);
    use(g.inodeBitmap[group]!, 1);
    use(g.inodeTable[group]!, inodeBlocks);
    return bitmap;
  }
}
