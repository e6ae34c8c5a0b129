/**
 * Superblock of ext2/3/4, 1,024 bytes, little-endian
 * (docs.kernel.org/filesystems/ext4/globals.html#super-block).
 *
 * | at | size | field |
 * | --- | --- | --- |
 * | 0x00, 0x04 | 4, 4 | inodes, blocks (low) |
 * | 0x14 | 4 | first data block (1 where blocks have 1,024 bytes, else 0) |
 * | 0x18, 0x1C | 4, 4 | log2 of block and cluster size, less 10 |
 * | 0x20, 0x24, 0x28 | 4 each | blocks, clusters and inodes in a group |
 * | 0x38 | 2 | magic 0xEF53 |
 * | 0x4C | 4 | revision; 0 means 128-byte inodes and first inode 11 |
 * | 0x54, 0x58, 0x5A | 4, 2, 2 | first plain inode, inode size, group this copy stands in |
 * | 0x5C, 0x60, 0x64 | 4 each | features: compatible, incompatible, read-only compatible |
 * | 0x68, 0x78 | 16, 16 | UUID, label |
 * | 0xCE | 2 | blocks kept for more descriptors |
 * | 0xE0, 0xE4 | 4, 4 | journal inode, journal device |
 * | 0xFE | 2 | group descriptor size (64-bit feature) |
 * | 0x104 | 4 | first descriptor block laid out as meta_bg |
 * | 0x10C | 68 | copy of the journal inode: 15 block words, size high, size low |
 * | 0x150 | 4 | blocks (high) |
 * | 0x240, 0x244, 0x26C, 0x280 | 4 each | inodes of user, group and project quota and of the orphan file |
 * | 0x24C | 2 × 4 | groups with a backup (sparse_super2) |
 * | 0x270 | 4 | checksum seed |
 * | 0x3FC | 4 | CRC-32C of what stands before it |
 */
import { ByteView } from '@kerbside/bytes';
import { crc32c } from './crc32c.ts';
import { COMPAT, INCOMPAT, RO_COMPAT } from './feature-flags.ts';

export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_BYTES = 1024;
const MAGIC = 0xef53;

/** Most groups followed: 2^20 groups hold 128 TiB in 4 KiB blocks. */
const MAX_GROUPS = 1 << 20;

export interface Superblock {
  readonly blockSizeBytes: number;
  /** Blocks of one allocation unit; 1 without bigalloc. */
  readonly blocksPerCluster: number;
  /** As declared; the volume may be shorter. */
  readonly blockCount: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly groupCount: number;
  /** Highest inode number that a group can hold. */
  readonly inodeCount: number;
  readonly inodeSizeBytes: number;
  readonly firstInode: number;
  readonly compatible: number;
  readonly incompatible: number;
  readonly readOnlyCompatible: number;
  readonly uuid: Uint8Array;
  readonly labelBytes: Uint8Array;
  readonly dynamicRevision: boolean;
  readonly journalInode: number;
  readonly journalDevice: number;
  /** The 68 bytes of the journal inode's copy. */
  readonly journalBackup: Buffer;
  readonly descriptorSizeBytes: number;
  readonly firstMetaBg: number;
  /** Blocks kept after each copy of the descriptors so that the volume can grow. */
  readonly reservedDescriptorBlocks: number;
  readonly backupGroups: readonly [number, number];
  /** Inodes that hold the file system's own data and have no name. */
  readonly hiddenInodes: readonly number[];
  /** Seed of metadata checksums where it is kept apart from the UUID. */
  readonly checksumSeed: number;
  /** Group that this copy says it stands in. */
  readonly groupNumber: number;
  /** False when the volume keeps a checksum here and it does not agree. */
  readonly checksumAgrees: boolean;
}

/**
 * Decodes 1,024 bytes as a superblock; null when they are not a plausible one.
 *
 * @param sizeBytes length of the volume: bounds how many groups are believed
 */
export function parseSuperblock(bytes: Buffer, sizeBytes: number): Superblock | null {
  const view = new ByteView(bytes);
  if (bytes.length < SUPERBLOCK_BYTES || view.u16(0x38) !== MAGIC) return null;
  const logBlockSize = view.u32(0x18);
  const blocksPerGroup = view.u32(0x20);
  const inodesPerGroup = view.u32(0x28);
  const firstDataBlock = view.u32(0x14);
  if (logBlockSize > 6 || inodesPerGroup === 0 || firstDataBlock > 1) return null;
  const blockSizeBytes = 1024 << logBlockSize;
  const compatible = view.u32(0x5c);
  const incompatible = view.u32(0x60);
  const readOnlyCompatible = view.u32(0x64);
  const dynamicRevision = view.u32(0x4c) >= 1;
  const inodeSizeBytes = dynamicRevision ? view.u16(0x58) : 128;
  if (inodeSizeBytes < 128 || inodeSizeBytes > blockSizeBytes || (inodeSizeBytes & (inodeSizeBytes - 1)) !== 0) return null;
  const logClusterSize = view.u32(0x1c);
  const bigalloc = (readOnlyCompatible & RO_COMPAT.bigalloc) !== 0;
  if (bigalloc && (logClusterSize < logBlockSize || logClusterSize - logBlockSize > 16)) return null;
  const blocksPerCluster = bigalloc ? 2 ** (logClusterSize - logBlockSize) : 1;
  const bitsPerBitmap = blockSizeBytes * 8;
  if (blocksPerGroup < 8 || blocksPerGroup > bitsPerBitmap * blocksPerCluster || inodesPerGroup > bitsPerBitmap) return null;
  const wide = (incompatible & INCOMPAT.bits64) !== 0;
  const blockCount = view.u32(0x04) + (wide ? view.u32(0x150) * 0x1_0000_0000 : 0);
  if (blockCount <= firstDataBlock) return null;
  const declaredGroups = Math.ceil((blockCount - firstDataBlock) / blocksPerGroup);
  const groupsInVolume = Math.ceil(sizeBytes / blockSizeBytes / blocksPerGroup);
  // Tables of all groups together must fit on the volume; a cut image still has room for them many times over.
  const groupsWithTables = Math.max(1, Math.floor(sizeBytes / (inodesPerGroup * inodeSizeBytes)));
  const groupCount = Math.min(declaredGroups, MAX_GROUPS, 16 + 16 * groupsInVolume, groupsWithTables);
  const descriptorSize = wide ? view.u16(0xfe) : 32;
  const checksummed = (readOnlyCompatible & RO_COMPAT.metadataChecksum) !== 0;
  return {
    blockSizeBytes,
    blocksPerCluster,
    blockCount,
    firstDataBlock,
    blocksPerGroup,
    inodesPerGroup,
    groupCount,
    inodeCount: Math.min(groupCount * inodesPerGroup, 0xffff_ffff),
    inodeSizeBytes,
    firstInode: dynamicRevision ? Math.max(11, Math.min(view.u32(0x54), inodesPerGroup)) : 11,
    compatible,
    incompatible,
    readOnlyCompatible,
    uuid: bytes.subarray(0x68, 0x78),
    labelBytes: untilNul(bytes.subarray(0x78, 0x88)),
    dynamicRevision,
    journalInode: (compatible & COMPAT.hasJournal) !== 0 ? view.u32(0xe0) : 0,
    journalDevice: view.u32(0xe4),
    journalBackup: bytes.subarray(0x10c, 0x150),
    descriptorSizeBytes: descriptorSize >= 32 && descriptorSize <= blockSizeBytes ? descriptorSize : wide ? 64 : 32,
    firstMetaBg: view.u32(0x104),
    reservedDescriptorBlocks: view.u16(0xce),
    backupGroups: [view.u32(0x24c), view.u32(0x250)],
    hiddenInodes: [view.u32(0x240), view.u32(0x244), view.u32(0x26c), view.u32(0x280)].filter((inode) => inode !== 0),
    checksumSeed: view.u32(0x270),
    groupNumber: view.u16(0x5a),
    checksumAgrees: !checksummed || crc32c(0xffff_ffff, bytes.subarray(0, 0x3fc)) === view.u32(0x3fc),
  };
}

/** True when the group holds a copy of the superblock and descriptors (sparse_super, sparse_super2, or every group). */
export function groupHasSuperblock(superblock: Superblock, group: number): boolean {
  if (group === 0) return true;
  if ((superblock.compatible & COMPAT.sparseSuper2) !== 0) return superblock.backupGroups.includes(group);
  if ((superblock.readOnlyCompatible & RO_COMPAT.sparseSuper) === 0) return true;
  return group === 1 || isPowerOf(group, 3) || isPowerOf(group, 5) || isPowerOf(group, 7);
}

/** First block of a group; the block its superblock copy stands in, where it has one. */
export function firstBlockOfGroup(superblock: Superblock, group: number): number {
  const block = superblock.firstDataBlock + group * superblock.blocksPerGroup;
  // bigalloc with 1,024-byte blocks starts its first group at block 0 and still keeps the superblock in block 1
  return block === 0 && superblock.blockSizeBytes === 1024 ? 1 : block;
}

function isPowerOf(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
