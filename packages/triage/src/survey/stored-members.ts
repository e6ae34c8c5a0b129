/*
 * Members of a ZIP that are stored as they are stand at any byte, on no grid. Their local headers tell
 * where (APPNOTE.TXT 4.3.7, little-endian):
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | `50 4B 03 04` |
 * | 6 | 2 | flags; bit 0 encrypted, bit 3 sizes follow the content |
 * | 8 | 2 | method; 0 stored |
 * | 18 | 4 | stored length |
 * | 26 | 2 | length of the name |
 * | 28 | 2 | length of the extra field |
 * | 30 | | name, extra field, content |
 */
const SIGNATURE = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
const HEADER_BYTES = 30;
const FLAG_ENCRYPTED = 1;
const FLAG_SIZE_FOLLOWS = 8;

/** Headers looked at in one read, one a KiB of the longest: a crafted one could be nothing else. */
const MAX_MEMBERS = 1024;

/**
 * Content of a member that is looked at from its start on, at least. Only the read that holds the header knows
 * the grid; this much of a file holds known blocks enough to go on from, where one block in eight is indexed too.
 */
export const MEMBER_LOOK_BYTES = 64 * 1024;

/** Where a stored member's content lies, counted from the start of the bytes looked at; it may end, and even begin, beyond them. */
export interface StoredMember {
  readonly start: number;
  readonly end: number;
}

/** Finds stored members of which the fixed part of the local header stands in `bytes`. */
export function findStoredMembers(bytes: Buffer): StoredMember[] {
  const members: StoredMember[] = [];
  let at = bytes.indexOf(SIGNATURE);
  while (at >= 0 && at + HEADER_BYTES <= bytes.length && members.length < MAX_MEMBERS) {
    const flags = bytes.readUInt16LE(at + 6);
    const start = at + HEADER_BYTES + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    const stated = bytes.readUInt32LE(at + 18);
    const isStored = bytes.readUInt16LE(at + 8) === 0 && (flags & FLAG_ENCRYPTED) === 0;
    if (isStored) {
      const end = (flags & FLAG_SIZE_FOLLOWS) !== 0 || stated === 0xffff_ffff ? Infinity : start + stated;
      members.push({ start, end });
    }
    at = bytes.indexOf(SIGNATURE, at + 4);
  }
  return members;
}
