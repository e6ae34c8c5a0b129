/*
 * Head of a FILE record, little-endian, and its update sequence ("fix-ups").
 * After libyal/libfsntfs "NTFS documentation", MFT entry.
 *
 *   0x00  4    "FILE"; "BAAD" when a check of the volume found it torn
 *   0x04  u16  offset of the update sequence: its number, then one u16 per 512 bytes of the record
 *   0x06  u16  count of values there: record size / 512 + 1
 *   0x10  u16  sequence number
 *   0x14  u16  offset of the first attribute
 *   0x16  u16  flags: 1 in use, 2 directory
 *   0x18  u32  bytes used
 *   0x20  u48  base record (0: this is one), then u16 its sequence number
 *
 * On the medium the last two bytes of each 512 hold the update sequence number, and the array holds
 * what belongs there. When they differ from the number, the record was written only in part.
 */

export const FILE_MAGIC = 0x454c4946;
export const BAAD_MAGIC = 0x44414142;

export const RECORD_IN_USE = 1;
export const RECORD_IS_DIRECTORY = 2;

const STRIDE_BYTES = 512;

/**
 * Puts the right bytes back at the end of each 512 bytes of one record, in place.
 *
 * @param bytes buffer that holds the record at `at`
 * @param recordSize length of the record, a multiple of 512, wholly inside `bytes`
 * @returns false, and nothing changed, when the update sequence does not check
 */
export function applyFixUps(bytes: Buffer, at: number, recordSize: number): boolean {
  const sequenceAt = at + readU16(bytes, at + 4);
  const count = readU16(bytes, at + 6);
  if ((count - 1) * STRIDE_BYTES !== recordSize || sequenceAt + count * 2 > at + recordSize) return false;
  const low = bytes[sequenceAt];
  const high = bytes[sequenceAt + 1];
  for (let end = at + STRIDE_BYTES; end <= at + recordSize; end += STRIDE_BYTES) {
    if (bytes[end - 2] !== low || bytes[end - 1] !== high) return false;
  }
  let from = sequenceAt + 2;
  for (let end = at + STRIDE_BYTES; end <= at + recordSize; end += STRIDE_BYTES, from += 2) {
    bytes[end - 2] = bytes[from]!;
    bytes[end - 1] = bytes[from + 1]!;
  }
  return true;
}

/** Little-endian u16; the caller knows that it is inside. */
export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** Little-endian u32; the caller knows that it is inside. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** Little-endian u48: the entry number of a file reference. */
export function readU48(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) + readU16(bytes, at + 4) * 0x1_0000_0000;
}

/** Little-endian u64 as a number; above 2^53 only its magnitude is right. */
export function readU64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) + readU32(bytes, at + 4) * 0x1_0000_0000;
}
