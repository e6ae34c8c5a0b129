/*
 * ZIP (PKWARE APPNOTE.TXT 6.3.10, little-endian). Central directory record, `50 4B 01 02`:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 4, 6 | 2 each | made by (upper byte: system), version needed |
 * | 8, 10 | 2 each | flags, method |
 * | 12, 14 | 2 each | DOS time, date |
 * | 16, 20, 24 | 4 each | CRC-32, packed length, length |
 * | 28, 30, 32 | 2 each | lengths of name, extra field, comment |
 * | 34, 36 | 2 each | disk, internal attributes |
 * | 38, 42 | 4 each | external attributes (upper half: Unix mode), offset of the local header |
 * | 46 | | name, extra field, comment |
 *
 * Local header, `50 4B 03 04`: 4 version, 6 flags, 8 method, 10 time, 12 date, 14 CRC-32, 18 packed length,
 * 22 length, 26 and 28 lengths of name and extra field, 30 name, extra field, then the content.
 *
 * Extra field: (u16 id, u16 length, data) again and again. Used: 0x0001 ZIP64 (u64 length, packed length,
 * offset, each only where the record says ff…ff), 0x7075 Unicode path, 0x5455 Unix time, 0x000a NTFS times,
 * 0x9901 AES (strength at 4, true method at 5).
 */
export const CENTRAL_SIGNATURE = 0x0201_4b50;
export const LOCAL_SIGNATURE = 0x0403_4b50;
export const CENTRAL_BYTES = 46;
export const LOCAL_BYTES = 30;

export const FLAG_ENCRYPTED = 0x0001;
export const FLAG_SIZE_FOLLOWS = 0x0008;
export const FLAG_STRONG_ENCRYPTION = 0x0040;
export const FLAG_UTF8 = 0x0800;
export const FLAG_MASKED_HEADERS = 0x2000;

export const METHOD_STORED = 0;
export const METHOD_DEFLATE = 8;
export const METHOD_AES = 99;

const FULL_32 = 0xffff_ffff;

/** What a header says of one member. Numbers that are stated nowhere are -1. */
export interface ZipRecord {
  readonly flags: number;
  readonly method: number;
  readonly time: number;
  readonly date: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly localOffset: number;
  readonly madeBySystem: number;
  readonly externalAttributes: number;
  readonly disk: number;
  /** Bytes that hold name and extra field. */
  readonly header: Buffer;
  readonly nameAt: number;
  readonly nameLength: number;
  readonly extraAt: number;
  readonly extraLength: number;
}

export function u16(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function u32(bytes: Buffer, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** A 64-bit number; beyond 2^53 it is past every source, and stays so. */
export function u64(bytes: Buffer, at: number): number {
  return u32(bytes, at + 4) * 0x1_0000_0000 + u32(bytes, at);
}

/** Where the data of an extra field with this id stands, and its length; null where there is none. */
export function findExtra(bytes: Buffer, at: number, length: number, id: number): { readonly at: number; readonly length: number } | null {
  const end = at + length;
  for (let field = at; field + 4 <= end; ) {
    const fieldLength = u16(bytes, field + 2);
    if (field + 4 + fieldLength > end) return null;
    if (u16(bytes, field) === id) return { at: field + 4, length: fieldLength };
    field += 4 + fieldLength;
  }
  return null;
}

/** Length of the central record at `at`, or 0 when none stands there whole. */
export function centralRecordLength(directory: Buffer, at: number): number {
  if (at + CENTRAL_BYTES > directory.length || u32(directory, at) !== CENTRAL_SIGNATURE) return 0;
  const length = CENTRAL_BYTES + u16(directory, at + 28) + u16(directory, at + 30) + u16(directory, at + 32);
  return at + length > directory.length ? 0 : length;
}

/** Reads the central record at `at`, which is known to stand there whole. @param base what stored offsets are counted from */
export function readCentralRecord(directory: Buffer, at: number, base: number): ZipRecord {
  const nameLength = u16(directory, at + 28);
  const extraLength = u16(directory, at + 30);
  const extraAt = at + CENTRAL_BYTES + nameLength;
  let packedBytes = u32(directory, at + 20);
  let sizeBytes = u32(directory, at + 24);
  let localOffset = u32(directory, at + 42);
  let disk = u16(directory, at + 34);
  if (packedBytes === FULL_32 || sizeBytes === FULL_32 || localOffset === FULL_32 || disk === 0xffff) {
    const wide = findExtra(directory, extraAt, extraLength, 0x0001);
    let next = wide?.at ?? 0;
    const end = next + (wide?.length ?? 0);
    const take = (value: number): number => {
      if (value !== FULL_32 || next + 8 > end) return value;
      next += 8;
      return u64(directory, next - 8);
    };
    sizeBytes = take(sizeBytes);
    packedBytes = take(packedBytes);
    localOffset = take(localOffset);
    if (disk === 0xffff && next + 4 <= end) disk = u32(directory, next);
  }
  return {
    flags: u16(directory, at + 8),
    method: u16(directory, at + 10),
    time: u16(directory, at + 12),
    date: u16(directory, at + 14),
    crc: u32(directory, at + 16),
    packedBytes,
    sizeBytes,
    localOffset: localOffset + base,
    madeBySystem: directory[at + 5]!,
    externalAttributes: u32(directory, at + 38),
    disk,
    header: directory,
    nameAt: at + CENTRAL_BYTES,
    nameLength,
    extraAt,
    extraLength,
  };
}
