/** Where a generated ext volume keeps what: groups, bitmaps, inode tables. */

export type ExtVariant = 'ext2' | 'ext4';

/** Bytes at the start of group 0 that hold nothing but the superblock and descriptors, as mkfs.ext4 leaves them for growth. */
const RESERVED_BYTES = 1024 * 1024;
export const DESCRIPTOR_BYTES = 32;
export const ROOT_INODE = 2;
export const JOURNAL_INODE = 8;
export const FIRST_INODE = 11;

export interface ExtGeometry {
  readonly variant: ExtVariant;
  readonly blockSizeBytes: number;
  readonly firstDataBlock: number;
  readonly blockCount: number;
  readonly blocksPerGroup: number;
  readonly groupCount: number;
  readonly inodeSizeBytes: number;
  readonly inodesPerGroup: number;
  readonly inodeTableBlocks: number;
  readonly descriptorBlocks: number;
  readonly groups: readonly ExtGroup[];
}

export interface ExtGroup {
  readonly firstBlock: number;
  readonly blockCount: number;
  readonly hasSuperblock: boolean;
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
}

/**
 * Lays out a volume.
 *
 * @param inodesNeeded inodes of files and folders, without the ten reserved ones
 * @throws RangeError when the volume is too small for its own structures
 */
export function layOutExt(variant: ExtVariant, sizeBytes: number, blockSizeBytes: number, inodesNeeded: number): ExtGeometry {
  if (blockSizeBytes !== 1024 && blockSizeBytes !== 2048 && blockSizeBytes !== 4096) {
    throw new RangeError(`expected a block size of 1024, 2048 or 4096 bytes but received ${blockSizeBytes}`);
  }
  const firstDataBlock = blockSizeBytes === 1024 ? 1 : 0;
  const blocksPerGroup = blockSizeBytes * 8;
  const inodeSizeBytes = variant === 'ext2' ? 128 : 256;
  let blockCount = Math.floor(sizeBytes / blockSizeBytes);
  for (;;) {
    const groupCount = Math.ceil((blockCount - firstDataBlock) / blocksPerGroup);
    const inodesPerBlock = blockSizeBytes / inodeSizeBytes;
    const wanted = Math.max(inodesNeeded + FIRST_INODE + 5, Math.floor(sizeBytes / 65_536));
    // bitmaps count in bytes and tables in whole blocks
    const step = Math.max(8, inodesPerBlock);
    const inodesPerGroup = Math.max(16, Math.ceil(wanted / groupCount / step) * step);
    const inodeTableBlocks = inodesPerGroup / inodesPerBlock;
    const descriptorBlocks = Math.ceil((groupCount * DESCRIPTOR_BYTES) / blockSizeBytes);
    const lastBlocks = blockCount - firstDataBlock - (groupCount - 1) * blocksPerGroup;
    const overhead = 3 + descriptorBlocks + inodeTableBlocks;
    if (inodesPerGroup > blocksPerGroup || overhead + 8 > Math.min(blockCount, blocksPerGroup)) {
      throw new RangeError(`a volume of ${sizeBytes} bytes has no room for ${inodesNeeded} inodes`);
    }
    if (lastBlocks < overhead + 8) {
      // mkfs too gives up a last group that could hold little more than its own tables
      blockCount -= lastBlocks;
      continue;
    }
    const groups = Array.from({ length: groupCount }, (_, group) => {
      const firstBlock = firstDataBlock + group * blocksPerGroup;
      const hasSuperblock = holdsSuperblock(group);
      const groupBlocks = group === groupCount - 1 ? lastBlocks : blocksPerGroup;
      const afterCopies = firstBlock + (hasSuperblock ? 1 + descriptorBlocks : 0);
      const reserved = Math.max(afterCopies, RESERVED_BYTES / blockSizeBytes);
      const keepsReserve = group === 0 && reserved + overhead + 8 < firstBlock + groupBlocks;
      const blockBitmap = keepsReserve ? reserved : afterCopies;
      return { firstBlock, blockCount: groupBlocks, hasSuperblock, blockBitmap, inodeBitmap: blockBitmap + 1, inodeTable: blockBitmap + 2 };
    });
    return {
      variant, blockSizeBytes, firstDataBlock, blockCount, blocksPerGroup, groupCount, inodeSizeBytes, inodesPerGroup,
      inodeTableBlocks, descriptorBlocks, groups,
    };
  }
}

/** Groups 0, 1 and the powers of 3, 5 and 7 (sparse_super). */
function holdsSuperblock(group: number): boolean {
  if (group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
}
