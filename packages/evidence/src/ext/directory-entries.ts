/**
 * Directory entries (docs.kernel.org/filesystems/ext4/dynamic.html#linear-classic-directories).
 *
 * | at | size | field |
 * | --- | --- | --- |
 * | 0 | 4 | inode; 0 means no entry |
 * | 4 | 2 | length of the record, to the next one |
 * | 6 | 1 | name length (two bytes without the file type feature) |
 * | 7 | 1 | file type |
 * | 8 | … | name |
 *
 * Deleting an entry only lengthens the record before it (or zeroes the inode of a block's first one), so
 * the old entry stays in the slack until it is overwritten. Hash-tree directories hide their index in
 * records without names: read linearly, they give the same names.
 */
import type { Superblock } from './superblock.ts';
import { INCOMPAT } from './feature-flags.ts';

const HEADER_BYTES = 8;
/** Type byte of the record without a name that holds a block's checksum. */
const CHECKSUM_TYPE = 0xde;
const MAX_FILE_TYPE = 7;

/** Receives entries in the order in which they stand. `slack` is true for those that are deleted. */
export type EntrySink = (inode: number, nameAt: number, nameLength: number, fileType: number, slack: boolean) => void;

/** How to read the entries of one volume. */
export interface EntryLayout {
  readonly hasFileType: boolean;
  readonly inodeCount: number;
}

export function entryLayout(superblock: Superblock): EntryLayout {
  return { hasFileType: (superblock.incompatible & INCOMPAT.fileType) !== 0, inodeCount: superblock.inodeCount };
}

/**
 * Reads the entries of one directory block (or inline region) at `start`, to `end`.
 *
 * @param readSlack false where slack holds no old entries, as in the index blocks of a hash tree
 * @returns offset in `bytes` of a record that makes no sense, where reading stopped; -1 when all was sound
 */
export function readDirectoryEntries(bytes: Buffer, start: number, end: number, layout: EntryLayout, readSlack: boolean, sink: EntrySink): number {
  let at = start;
  while (at + HEADER_BYTES <= end) {
    const inode = bytes.readUInt32LE(at);
    const stored = bytes.readUInt16LE(at + 4);
    // 65,535 and 0 stand for 64 KiB, which sixteen bits cannot hold
    const length = (stored === 0xffff || stored === 0) && end - at >= 0x1_0000 ? end - at : stored;
    const nameLength = layout.hasFileType ? bytes[at + 6]! : bytes.readUInt16LE(at + 6);
    const fileType = layout.hasFileType ? bytes[at + 7]! : 0;
    if (length < HEADER_BYTES || length % 4 !== 0 || at + length > end || HEADER_BYTES + nameLength > length) {
      if (readSlack) readSlackEntries(bytes, at, end, layout, sink);
      return at;
    }
    if (inode !== 0) {
      if (nameLength > 0) sink(inode, at + HEADER_BYTES, nameLength, fileType, false);
    } else if (nameLength > 0 && fileType !== CHECKSUM_TYPE && readSlack && isPlausibleName(bytes, at + HEADER_BYTES, nameLength)) {
      sink(0, at + HEADER_BYTES, nameLength, fileType, true);
    }
    const used = HEADER_BYTES + ((nameLength + 3) & ~3);
    if (readSlack && length - used > HEADER_BYTES) readSlackEntries(bytes, at + used, at + length, layout, sink);
    at += length;
  }
  return -1;
}

/** Looks for old entries at every fourth byte of a stretch that no live record claims. */
function readSlackEntries(bytes: Buffer, start: number, end: number, layout: EntryLayout, sink: EntrySink): void {
  let at = start;
  while (at + HEADER_BYTES < end) {
    const nameLength = layout.hasFileType ? bytes[at + 6]! : bytes.readUInt16LE(at + 6);
    if (nameLength === 0 || at + HEADER_BYTES + nameLength > end) {
      at += 4;
      continue;
    }
    const inode = bytes.readUInt32LE(at);
    const length = bytes.readUInt16LE(at + 4);
    const fileType = layout.hasFileType ? bytes[at + 7]! : 0;
    const plausible = inode <= layout.inodeCount && length >= HEADER_BYTES + nameLength && length % 4 === 0 &&
      fileType <= MAX_FILE_TYPE && isPlausibleName(bytes, at + HEADER_BYTES, nameLength);
    if (!plausible) {
      at += 4;
      continue;
    }
    sink(inode, at + HEADER_BYTES, nameLength, fileType, true);
    at += HEADER_BYTES + ((nameLength + 3) & ~3);
  }
}

/** Old names are believed only without NUL and slash, and never when they are `.` or `..`, which every folder has. */
function isPlausibleName(bytes: Buffer, at: number, length: number): boolean {
  if (bytes[at] === 0x2e && (length === 1 || (length === 2 && bytes[at + 1] === 0x2e))) return false;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    if (byte === 0 || byte === 0x2f) return false;
  }
  return true;
}
