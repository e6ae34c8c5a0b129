/**
 * Group descriptors, 32 bytes or (64-bit feature) more (docs.kernel.org/filesystems/ext4/globals.html#block-group-descriptors).
 *
 * | at | size | field |
 * | --- | --- | --- |
 * | 0x00, 0x20 | 4, 4 | block bitmap, low and high |
 * | 0x04, 0x24 | 4, 4 | inode bitmap |
 * | 0x08, 0x28 | 4, 4 | inode table |
 * | 0x12 | 2 | flags: 1 no inode used, 2 block bitmap not written, 4 inode table zeroed |
 * | 0x1C, 0x32 | 2, 2 | inodes never used, at the end of the table |
 *
 * The table follows the superblock copy of a group, or with meta_bg stands in the groups that it describes.
 */
import type { BlockReader } from './block-reader.ts';
import { descriptorAgrees } from './descriptor-checksum.ts';
import { INCOMPAT, RO_COMPAT } from './feature-flags.ts';
import { firstBlockOfGroup, groupHasSuperblock, type Superblock } from './superblock.ts';

const FLAG_INODE_UNINITIALISED = 1;
const FLAG_BLOCK_UNINITIALISED = 2;

/** Copies tried when descriptors are damaged; each further one has little left to add. */
const BACKUP_GROUPS_TRIED = [1, 3, 5, 7, 9, 25, 27, 49, 81, 125] as const;

/** Where each group keeps its bitmaps and inodes; -1 where no copy of its descriptor makes sense. */
export interface GroupTable {
  readonly blockBitmap: Float64Array;
  readonly inodeBitmap: Float64Array;
  readonly inodeTable: Float64Array;
  /** Inodes of each group that may ever have been used, from the start of its table. */
  readonly usedInodes: Uint32Array;
  /** 1 where the group's block bitmap was never written. */
  readonly blockBitmapUnwritten: Uint8Array;
  /** Groups whose own descriptor made no sense: they came from a backup, or failed their checksum everywhere. */
  readonly fromBackup: number;
  /** Groups without any usable descriptor. */
  readonly missing: number;
}

/**
 * Reads all group descriptors, taking from backups what the first copy does not give.
 *
 * @param startGroup group whose copy is read first: 0, or that of the backup superblock in use
 */
export function readGroupDescriptors(blocks: BlockReader, superblock: Superblock, startGroup: number): GroupTable {
  const { groupCount } = superblock;
  const table = {
    blockBitmap: new Float64Array(groupCount).fill(-1),
    inodeBitmap: new Float64Array(groupCount).fill(-1),
    inodeTable: new Float64Array(groupCount).fill(-1),
    usedInodes: new Uint32Array(groupCount),
    blockBitmapUnwritten: new Uint8Array(groupCount),
  };
  const others = [0, ...BACKUP_GROUPS_TRIED, ...superblock.backupGroups].filter(
    (group) => group !== startGroup && group < groupCount && groupHasSuperblock(superblock, group),
  );
  let missing = groupCount;
  let fromBackup = 0;
  // a descriptor with a wrong checksum is still better than none, once no copy has a right one
  for (const checked of [true, false]) {
    for (const group of [startGroup, ...others]) {
      if (missing === 0) break;
      const left = fillFromCopy(blocks, superblock, group, checked, table);
      if (group !== 0 || !checked) fromBackup += missing - left;
      missing = left;
    }
  }
  return { ...table, fromBackup, missing };
}

type FillTable = Omit<GroupTable, 'fromBackup' | 'missing'>;

/** Fills what is still missing from the copy at `copyGroup`; returns how many groups remain without. */
function fillFromCopy(blocks: BlockReader, superblock: Superblock, copyGroup: number, mustAgree: boolean, table: FillTable): number {
  const { groupCount, descriptorSizeBytes: size, inodesPerGroup } = superblock;
  const perBlock = Math.floor(blocks.blockSizeBytes / size);
  const checked = (superblock.readOnlyCompatible & (RO_COMPAT.gdtChecksum | RO_COMPAT.metadataChecksum)) !== 0;
  const wide = size >= 64;
  const tableBlocks = Math.ceil((inodesPerGroup * superblock.inodeSizeBytes) / blocks.blockSizeBytes);
  const bytes = Buffer.alloc(blocks.blockSizeBytes);
  let missing = 0;
  for (let first = 0; first < groupCount; first += perBlock) {
    const last = Math.min(groupCount, first + perBlock);
    const block = descriptorBlock(superblock, copyGroup, first / perBlock, perBlock);
    const readable = block !== null && blocks.has(block) && blocks.read(bytes, block).length === 0;
    for (let group = first; group < last; group++) {
      if (table.inodeTable[group]! >= 0) continue;
      if (!readable) {
        missing += 1;
        continue;
      }
      const at = (group - first) * size;
      const high = (field: number): number => (wide ? bytes.readUInt32LE(at + field) * 0x1_0000_0000 : 0);
      const inodeTable = bytes.readUInt32LE(at + 8) + high(0x28);
      const blockBitmap = bytes.readUInt32LE(at) + high(0x20);
      const inodeBitmap = bytes.readUInt32LE(at + 4) + high(0x24);
      const plausible = inodeTable > superblock.firstDataBlock && inodeTable + tableBlocks <= superblock.blockCount &&
        inodeBitmap > superblock.firstDataBlock && inodeBitmap < superblock.blockCount &&
        (!mustAgree || descriptorAgrees(superblock, group, bytes.subarray(at, at + size)));
      if (!plausible) {
        missing += 1;
        continue;
      }
      table.inodeTable[group] = inodeTable;
      table.inodeBitmap[group] = inodeBitmap;
      table.blockBitmap[group] = blockBitmap;
      // Backups keep the flags of the day the volume was made, so only the first copy's are believed.
      const believed = checked && mustAgree && copyGroup === 0;
      const flags = believed ? bytes.readUInt16LE(at + 0x12) : 0;
      const unused = believed ? bytes.readUInt16LE(at + 0x1c) + (wide ? bytes.readUInt16LE(at + 0x32) * 0x1_0000 : 0) : 0;
      table.usedInodes[group] = (flags & FLAG_INODE_UNINITIALISED) !== 0 ? 0 : Math.max(0, inodesPerGroup - unused);
      table.blockBitmapUnwritten[group] = (flags & FLAG_BLOCK_UNINITIALISED) !== 0 ? 1 : 0;
    }
  }
  return missing;
}

/** Block that holds descriptor block `index` in the copy at `copyGroup`; null when that copy has none. */
export function descriptorBlock(superblock: Superblock, copyGroup: number, index: number, perBlock: number): number | null {
  const metaBg = (superblock.incompatible & INCOMPAT.metaBg) !== 0;
  if (!metaBg || index < superblock.firstMetaBg) return firstBlockOfGroup(superblock, copyGroup) + 1 + index;
  // meta_bg keeps three copies: in the first, second and last group of those a descriptor block describes
  const firstGroup = index * perBlock;
  const group = copyGroup === 0 ? firstGroup : copyGroup === 1 ? firstGroup + 1 : firstGroup + perBlock - 1;
  if (group >= superblock.groupCount) return null;
  return firstBlockOfGroup(superblock, group) + (groupHasSuperblock(superblock, group) ? 1 : 0);
}
