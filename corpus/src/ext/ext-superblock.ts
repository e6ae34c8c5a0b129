/**
 * Encodes the superblock and group descriptors (docs.kernel.org/filesystems/ext4/globals.html). Field offsets: see
 * `packages/evidence/src/ext/superblock.ts`, which reads them.
 */
import { DESCRIPTOR_BYTES, FIRST_INODE, JOURNAL_INODE, type ExtGeometry } from './ext-geometry.ts';

export interface SuperblockFacts {
  readonly freeBlocks: number;
  readonly freeInodes: number;
  readonly uuid: Buffer;
  readonly label: string;
  readonly madeAtSeconds: number;
  /** The journal inode's 60 bytes and size; null without a journal. */
  readonly journal: { readonly root: Buffer; readonly sizeBytes: number } | null;
}

const MAGIC = 0xef53;
const COMPAT_JOURNAL = 0x4;
const INCOMPAT_FILE_TYPE = 0x2;
const INCOMPAT_EXTENTS = 0x40;
/** sparse_super and large_file. */
const RO_COMPAT_EXT2 = 0x3;
/** The same with huge_file, dir_nlink and extra_isize. */
const RO_COMPAT_EXT4 = 0x6b;

export function encodeSuperblock(geometry: ExtGeometry, facts: SuperblockFacts, group: number): Buffer {
  const bytes = Buffer.alloc(1024);
  const u32 = (at: number, value: number): number => bytes.writeUInt32LE(value, at);
  const u16 = (at: number, value: number): number => bytes.writeUInt16LE(value, at);
  const isExt4 = geometry.variant === 'ext4';
  const logBlockSize = Math.log2(geometry.blockSizeBytes / 1024);
  u32(0x00, geometry.inodesPerGroup * geometry.groupCount);
  u32(0x04, geometry.blockCount);
  u32(0x0c, facts.freeBlocks);
  u32(0x10, facts.freeInodes);
  u32(0x14, geometry.firstDataBlock);
  u32(0x18, logBlockSize);
  u32(0x1c, logBlockSize);
  u32(0x20, geometry.blocksPerGroup);
  u32(0x24, geometry.blocksPerGroup);
  u32(0x28, geometry.inodesPerGroup);
  u32(0x30, facts.madeAtSeconds);
  u16(0x36, 0xffff);
  u16(0x38, MAGIC);
  u16(0x3a, 1);
  u16(0x3c, 1);
  u32(0x40, facts.madeAtSeconds);
  u32(0x4c, 1);
  u32(0x54, FIRST_INODE);
  u16(0x58, geometry.inodeSizeBytes);
  u16(0x5a, group);
  u32(0x5c, facts.journal === null ? 0 : COMPAT_JOURNAL);
  u32(0x60, isExt4 ? INCOMPAT_FILE_TYPE | INCOMPAT_EXTENTS : INCOMPAT_FILE_TYPE);
  u32(0x64, isExt4 ? RO_COMPAT_EXT4 : RO_COMPAT_EXT2);
  facts.uuid.copy(bytes, 0x68, 0, 16);
  Buffer.from(facts.label).copy(bytes, 0x78, 0, 16);
  u32(0x108, facts.madeAtSeconds);
  if (facts.journal !== null) {
    u32(0xe0, JOURNAL_INODE);
    bytes[0xfd] = 1;
    facts.journal.root.copy(bytes, 0x10c, 0, 60);
    u32(0x10c + 64, facts.journal.sizeBytes);
  }
  if (isExt4) {
    u16(0x15c, 32);
    u16(0x15e, 32);
  }
  return bytes;
}

export interface GroupFacts {
  readonly freeBlocks: number;
  readonly freeInodes: number;
  readonly folders: number;
}

export function encodeDescriptors(geometry: ExtGeometry, groups: readonly GroupFacts[]): Buffer {
  const bytes = Buffer.alloc(geometry.descriptorBlocks * geometry.blockSizeBytes);
  geometry.groups.forEach((group, i) => {
    const at = i * DESCRIPTOR_BYTES;
    const facts = groups[i]!;
    bytes.writeUInt32LE(group.blockBitmap, at);
    bytes.writeUInt32LE(group.inodeBitmap, at + 4);
    bytes.writeUInt32LE(group.inodeTable, at + 8);
    bytes.writeUInt16LE(facts.freeBlocks, at + 0x0c);
    bytes.writeUInt16LE(facts.freeInodes, at + 0x0e);
    bytes.writeUInt16LE(facts.folders, at + 0x10);
  });
  return bytes;
}

/** First block of an empty JBD2 journal (version 2). */
export function encodeJournalSuperblock(blockSizeBytes: number, journalBlocks: number, uuid: Buffer): Buffer {
  const bytes = Buffer.alloc(blockSizeBytes);
  bytes.writeUInt32BE(0xc03b3998, 0);
  bytes.writeUInt32BE(4, 4);
  bytes.writeUInt32BE(blockSizeBytes, 0x0c);
  bytes.writeUInt32BE(journalBlocks, 0x10);
  bytes.writeUInt32BE(1, 0x14);
  bytes.writeUInt32BE(1, 0x18);
  uuid.copy(bytes, 0x30, 0, 16);
  bytes.writeUInt32BE(1, 0x40);
  return bytes;
}
