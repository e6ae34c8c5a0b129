/**
 * A 32-byte directory entry, little-endian. Source: Microsoft FAT specification 1.03, section
 * "FAT Directory Structure"; byte 12 as Windows NT writes it.
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 11 | name, 8 + 3, padded with spaces; byte 0: 00 = end, E5 = deleted, 05 stands for E5 |
 * | 11 | 1 | 01 read-only, 02 hidden, 04 system, 08 label, 10 directory, 20 archive; 0F = part of a long name |
 * | 12 | 1 | 08 = base in lower case, 10 = extension in lower case |
 * | 13 | 1 | created, hundredths of a second, 0–199 |
 * | 14 | 2 + 2 | created: time, date |
 * | 18 | 2 | accessed: date |
 * | 20 | 2 | first cluster, upper half (FAT32 only) |
 * | 22 | 2 + 2 | modified: time, date |
 * | 26 | 2 | first cluster, lower half |
 * | 28 | 4 | size in bytes, 0 for directories |
 */
import type { EvidenceName } from '../evidence-name.ts';
import type { ItemTimes, Timestamp } from '../item.ts';
import type { FatGeometry } from './fat-geometry.ts';

export const ATTRIBUTE_LABEL = 0x08;
export const ATTRIBUTE_DIRECTORY = 0x10;
export const ATTRIBUTE_LONG_NAME = 0x0f;
/** The bits of the attribute byte that have a meaning. */
export const ATTRIBUTE_BITS = 0x3f;

export const DELETED_MARK = 0xe5;

const LOWER_CASE_BASE = 0x08;
const LOWER_CASE_EXTENSION = 0x10;
const SPACE = 0x20;
const DOT = 0x2e;
const QUESTION_MARK = 0x3f;

/** Upper to lower case in code page 437, for the letters that have both there. */
const LOWER_CASE_437: Readonly<Record<number, number>> = {
  0x80: 0x87, 0x8e: 0x84, 0x8f: 0x86, 0x90: 0x82, 0x92: 0x91, 0x99: 0x94, 0x9a: 0x81, 0xa5: 0xa4, 0xe4: 0xe5, 0xe8: 0xed,
};

/** Marks of ASCII that no short name holds. */
const ILLEGAL_IN_SHORT_NAMES = Uint8Array.from({ length: 128 }, (_, byte) => ('"*+,./:;<=>?[\\]|\x7f'.includes(String.fromCharCode(byte)) ? 1 : 0));

/** Seconds per day, and days from 1970 to the first FAT date. */
const DAY_SECONDS = 86400;
const DAYS_TO_1980 = 3652;
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** First cluster of the entry at `at`; FAT12 and FAT16 use the upper half for other things. */
export function entryFirstCluster(bytes: Buffer, at: number, geometry: FatGeometry): number {
  const low = bytes[at + 26]! | (bytes[at + 27]! << 8);
  return geometry.entryBits === 32 ? low + (bytes[at + 20]! | (bytes[at + 21]! << 8)) * 0x10000 : low;
}

/** Size of the entry at `at`. */
export function entrySizeBytes(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 28);
}

/**
 * The short name of the entry at `at`: OEM bytes with the lower-case flags applied, a dot before
 * the extension, and `?` for the letter that deletion overwrote.
 */
export function shortName(bytes: Buffer, at: number): EvidenceName {
  let baseEnd = 8;
  while (baseEnd > 0 && bytes[at + baseEnd - 1] === SPACE) baseEnd--;
  let extensionEnd = 11;
  while (extensionEnd > 8 && bytes[at + extensionEnd - 1] === SPACE) extensionEnd--;
  const hasExtension = extensionEnd > 8;
  const flags = bytes[at + 12]!;
  const name = Buffer.allocUnsafe(baseEnd + (hasExtension ? extensionEnd - 7 : 0));
  const lowerBase = (flags & LOWER_CASE_BASE) !== 0;
  for (let i = 0; i < baseEnd; i++) name[i] = lowerBase ? lowerCase(bytes[at + i]!) : bytes[at + i]!;
  if (baseEnd > 0) {
    if (bytes[at] === DELETED_MARK) name[0] = QUESTION_MARK;
    else if (bytes[at] === 0x05) name[0] = DELETED_MARK;
  }
  if (hasExtension) {
    const lowerExtension = (flags & LOWER_CASE_EXTENSION) !== 0;
    name[baseEnd] = DOT;
    for (let i = 8; i < extensionEnd; i++) {
      name[baseEnd + i - 7] = lowerExtension ? lowerCase(bytes[at + i]!) : bytes[at + i]!;
    }
  }
  return { bytes: name, encoding: 'cp437' };
}

function lowerCase(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 32;
  return byte < 0x80 ? byte : (LOWER_CASE_437[byte] ?? byte);
}

/** The three times of the entry at `at`; null for each that is not set or not a date. */
export function entryTimes(bytes: Buffer, at: number): ItemTimes {
  const hundredths = bytes[at + 13]!;
  return {
    created: timestamp(bytes[at + 16]! | (bytes[at + 17]! << 8), bytes[at + 14]! | (bytes[at + 15]! << 8), hundredths < 200 ? hundredths : 0),
    modified: timestamp(bytes[at + 24]! | (bytes[at + 25]! << 8), bytes[at + 22]! | (bytes[at + 23]! << 8), 0),
    accessed: timestamp(bytes[at + 18]! | (bytes[at + 19]! << 8), 0, 0),
    changed: null,
  };
}

function timestamp(date: number, time: number, hundredths: number): Timestamp | null {
  const days = daysSince1970(date);
  if (days < 0) return null;
  const hours = time >> 11;
  const minutes = (time >> 5) & 0x3f;
  const pairs = time & 0x1f;
  // A time of day that cannot be is left out; the date still says something.
  const seconds = hours > 23 || minutes > 59 || pairs > 29 ? 0 : hours * 3600 + minutes * 60 + pairs * 2;
  const wholeSeconds = hundredths >= 100 ? 1 : 0;
  return {
    seconds: days * DAY_SECONDS + seconds + wholeSeconds,
    nanoseconds: (hundredths - wholeSeconds * 100) * 10_000_000,
    zone: 'local',
  };
}

/** Days of a packed date (years since 1980 : month : day) since 1970, or -1 when it is none. */
function daysSince1970(date: number): number {
  const years = date >> 9;
  const month = (date >> 5) & 0x0f;
  const day = date & 0x1f;
  if (month < 1 || month > 12 || day < 1 || day > DAYS_OF_MONTH[month - 1]!) return -1;
  // 2100, the one year of this range that breaks the rule of four, is no leap year.
  const isLeap = (years & 3) === 0 && years !== 120;
  if (month === 2 && day === 29 && !isLeap) return -1;
  const leapDaysBefore = ((years + 3) >> 2) - (years > 120 ? 1 : 0);
  return DAYS_TO_1980 + years * 365 + leapDaysBefore + DAYS_BEFORE_MONTH[month - 1]! + (isLeap && month > 2 ? 1 : 0) + day - 1;
}

/** True when the entry is `.` or `..` of a directory. */
export function isDotEntry(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== DOT || (bytes[at + 11]! & ATTRIBUTE_DIRECTORY) === 0) return false;
  if (bytes[at + 1] !== SPACE && bytes[at + 1] !== DOT) return false;
  for (let i = 2; i < 11; i++) if (bytes[at + i] !== SPACE) return false;
  return true;
}

/** True when no byte of the short name is a control (0x05 as first letter is allowed, a deletion mark too) and it does not start with a space. */
export function hasPossibleName(bytes: Buffer, at: number): boolean {
  const first = bytes[at]!;
  if (first <= SPACE && first !== 0x05) return false;
  for (let i = 1; i < 11; i++) if (bytes[at + i]! < SPACE) return false;
  return true;
}

/** True when the short name holds only letters that a system may write there. */
export function hasLegalName(bytes: Buffer, at: number): boolean {
  if (!hasPossibleName(bytes, at)) return false;
  for (let i = 0; i < 11; i++) {
    const byte = bytes[at + i]!;
    if (byte < 0x80 && ILLEGAL_IN_SHORT_NAMES[byte] === 1) return false;
  }
  return true;
}

/** True when first cluster and size can be those of a real entry on this volume. */
export function hasPossiblePlace(bytes: Buffer, at: number, geometry: FatGeometry): boolean {
  const cluster = entryFirstCluster(bytes, at, geometry);
  const size = entrySizeBytes(bytes, at);
  if (cluster === 0 ? size > 0 : cluster < 2 || cluster > geometry.declaredLastCluster) return false;
  return size <= (geometry.declaredLastCluster - 1) * geometry.clusterSizeBytes;
}

/** True when attributes, first cluster, size and dates can all be those of a real entry on this volume. */
export function hasPossibleFields(bytes: Buffer, at: number, geometry: FatGeometry): boolean {
  const attributes = bytes[at + 11]!;
  if ((attributes & ~ATTRIBUTE_BITS) !== 0) return false;
  if ((attributes & ATTRIBUTE_LABEL) !== 0 && (attributes & ATTRIBUTE_DIRECTORY) !== 0) return false;
  return (
    hasPossiblePlace(bytes, at, geometry) &&
    hasPossibleDate(bytes, at + 16) &&
    hasPossibleDate(bytes, at + 18) &&
    hasPossibleDate(bytes, at + 24)
  );
}

function hasPossibleDate(bytes: Buffer, at: number): boolean {
  const date = bytes[at]! | (bytes[at + 1]! << 8);
  return date === 0 || daysSince1970(date) >= 0;
}

/** True when all 32 bytes are the same: formatting patterns such as E5 or F6, no entry. */
export function isFillPattern(bytes: Buffer, at: number): boolean {
  const first = bytes[at];
  for (let i = 1; i < 32; i++) if (bytes[at + i] !== first) return false;
  return true;
}
