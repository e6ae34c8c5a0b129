/**
 * Inode, 128 bytes or more, little-endian (docs.kernel.org/filesystems/ext4/dynamic.html#index-nodes).
 *
 * | at | size | field |
 * | --- | --- | --- |
 * | 0x00 | 2 | mode: type in the top four bits |
 * | 0x04, 0x6C | 4, 4 | size, low and high |
 * | 0x08, 0x0C, 0x10, 0x14 | 4 each | accessed, changed, modified, deleted |
 * | 0x1A | 2 | links |
 * | 0x20 | 4 | flags |
 * | 0x28 | 60 | block map, extent tree root, inline data or short link target |
 * | 0x80 | 2 | bytes in use past 128 |
 * | 0x84, 0x88, 0x8C | 4 each | changed, modified, accessed: two bits above the seconds, then nanoseconds |
 * | 0x90, 0x94 | 4, 4 | created, and its extra |
 *
 * Fields are read straight from the table's bytes: an object for each inode would cost more than reading it.
 */
import type { ItemKind, ItemTimes, Timestamp } from '../item.ts';
import { INCOMPAT } from './feature-flags.ts';
import type { Superblock } from './superblock.ts';

export const BLOCK_MAP_AT = 0x28;
export const BLOCK_MAP_BYTES = 60;
export const INODE_BASE_BYTES = 128;

export const INODE_FLAG = { encrypted: 0x800, hashTree: 0x1000, extents: 0x8_0000, inlineData: 0x1000_0000 } as const;

export const FILE_TYPE = { fifo: 1, characterDevice: 2, directory: 4, blockDevice: 6, regular: 8, link: 10, socket: 12 } as const;

/** Type of an inode: the top four bits of its mode; 0 when it has none. */
export function inodeType(table: Buffer, at: number): number {
  return table[at + 1]! >> 4;
}

export function inodeLinks(table: Buffer, at: number): number {
  return table.readUInt16LE(at + 0x1a);
}

export function inodeFlags(table: Buffer, at: number): number {
  return table.readUInt32LE(at + 0x20);
}

export function inodeDeletedAt(table: Buffer, at: number): number {
  return table.readUInt32LE(at + 0x14);
}

/** True when the inode holds, or once held, something: mode, change time or deletion time is set. */
export function inodeWasUsed(table: Buffer, at: number): boolean {
  return table.readUInt16LE(at) !== 0 || table.readUInt32LE(at + 0x0c) !== 0 || table.readUInt32LE(at + 0x14) !== 0;
}

/** Size in bytes as recorded; may exceed 2^53 on hostile volumes, so callers check it against what can be mapped. */
export function inodeSize(table: Buffer, at: number, superblock: Superblock): number {
  const low = table.readUInt32LE(at + 4);
  const type = inodeType(table, at);
  // Other types keep an access-control block or nothing in the high word.
  const hasHigh =
    superblock.dynamicRevision &&
    (type === FILE_TYPE.regular || (type === FILE_TYPE.directory && (superblock.incompatible & INCOMPAT.largeDirectory) !== 0));
  return hasHigh ? low + table.readUInt32LE(at + 0x6c) * 0x1_0000_0000 : low;
}

export function inodeTimes(table: Buffer, at: number, inodeSizeBytes: number): ItemTimes {
  // Extra fields count only when the inode says that they are in use.
  const extra = inodeSizeBytes > INODE_BASE_BYTES ? table.readUInt16LE(at + 0x80) : 0;
  return {
    created: extra >= 24 ? timestamp(table, at + 0x90, at + 0x94) : extra >= 20 ? timestamp(table, at + 0x90, -1) : null,
    modified: timestamp(table, at + 0x10, extra >= 12 ? at + 0x88 : -1),
    accessed: timestamp(table, at + 0x08, extra >= 16 ? at + 0x8c : -1),
    changed: timestamp(table, at + 0x0c, extra >= 8 ? at + 0x84 : -1),
  };
}

/** The time made last: the four times of an inode, and of its neighbours, are mostly one. */
let latest: Timestamp = Object.freeze({ seconds: 0, nanoseconds: 0, zone: 'utc' });

/** Null when all of it is zero: the time was never set. */
function timestamp(table: Buffer, secondsAt: number, extraAt: number): Timestamp | null {
  const low = table.readInt32LE(secondsAt);
  const extra = extraAt < 0 ? 0 : table.readUInt32LE(extraAt);
  if (low === 0 && extra === 0) return null;
  const seconds = low + (extra & 3) * 0x1_0000_0000;
  const nanoseconds = Math.min(extra >>> 2, 999_999_999);
  if (latest.seconds !== seconds || latest.nanoseconds !== nanoseconds) latest = { seconds, nanoseconds, zone: 'utc' };
  return latest;
}

export const NO_TIMES: ItemTimes = Object.freeze({ created: null, modified: null, accessed: null, changed: null });

export function kindOfInodeType(type: number): ItemKind {
  return type === FILE_TYPE.regular ? 'file' : type === FILE_TYPE.directory ? 'directory' : 'other';
}

/**
 * True when an inode that is no regular file says that it holds more than its type can: a link's
 * target fits one block, pipes, sockets and devices hold nothing, and other types do not exist.
 */
export function holdsMoreThanItsType(type: number, sizeBytes: number, blockSizeBytes: number): boolean {
  if (type === FILE_TYPE.regular || type === FILE_TYPE.directory) return false;
  return sizeBytes > (type === FILE_TYPE.link ? blockSizeBytes : 0);
}

/** True when the inode names blocks of content, whatever its size says. */
export function namesBlocks(table: Buffer, at: number): boolean {
  if ((inodeFlags(table, at) & INODE_FLAG.extents) !== 0) return table.readUInt16LE(at + BLOCK_MAP_AT + 2) > 0;
  for (let i = 0; i < BLOCK_MAP_BYTES; i += 4) if (table.readUInt32LE(at + BLOCK_MAP_AT + i) !== 0) return true;
  return false;
}

/** Kind from the type byte of a directory entry: 1 regular, 2 directory, 0 not recorded. */
export function kindOfEntryType(type: number): ItemKind {
  return type === 2 ? 'directory' : type === 1 || type === 0 ? 'file' : 'other';
}
