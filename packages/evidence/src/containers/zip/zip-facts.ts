import { crc32 } from 'node:zlib';
import { isUtf8 } from 'node:buffer';
import type { NameEncoding } from '../../evidence-name.ts';
import type { ItemTimes, Timestamp } from '../../item.ts';
import { readFileTime } from '../../ntfs/file-times.ts';
import type { Member } from '../container.ts';
import { findExtra, FLAG_ENCRYPTED, FLAG_MASKED_HEADERS, FLAG_STRONG_ENCRYPTION, FLAG_UTF8, METHOD_AES, u16, u32, type ZipRecord } from './zip-records.ts';

const SYSTEM_UNIX = 3;
const SYSTEM_MACOS = 19;
const DOS_DIRECTORY = 0x10;

/** The stored name and how its bytes are to be shown (APPNOTE 4.4.17, appendix D). */
export function recordName(record: ZipRecord): { readonly bytes: Buffer; readonly encoding: NameEncoding } {
  const bytes = record.header.subarray(record.nameAt, record.nameAt + record.nameLength);
  const isOld = (record.flags & FLAG_UTF8) === 0;
  if (isOld && record.extraLength >= 9) {
    const path = findExtra(record.header, record.extraAt, record.extraLength, 0x7075);
    // It holds the checksum of the plain name, so that a program which renames the member cannot leave it stale.
    if (path !== null && path.length >= 5 && record.header[path.at] === 1 && u32(record.header, path.at + 1) === crc32(bytes)) {
      return { bytes: record.header.subarray(path.at + 5, path.at + path.length), encoding: 'utf-8' };
    }
  }
  // Unix and macOS writers store UTF-8 without saying so; the bytes are kept either way.
  const isUnix = record.madeBySystem === SYSTEM_UNIX || record.madeBySystem === SYSTEM_MACOS;
  return { bytes, encoding: !isOld || (isUnix && isUtf8(bytes)) ? 'utf-8' : 'cp437' };
}

export function recordKind(record: ZipRecord): Member['kind'] {
  const mode = record.madeBySystem === SYSTEM_UNIX || record.madeBySystem === SYSTEM_MACOS ? (record.externalAttributes >>> 28) & 0xf : 0;
  if (mode === 0xa) return 'link';
  if (mode === 0x4 || record.header[record.nameAt + record.nameLength - 1] === 0x2f) return 'directory';
  // What was packed from a pipe has the mode of the pipe and content all the same.
  if (mode !== 0 && mode !== 0x8 && record.sizeBytes === 0) return 'other';
  return (record.externalAttributes & DOS_DIRECTORY) !== 0 && record.sizeBytes === 0 ? 'directory' : 'file';
}

/** NTFS times where the writer stored them, else the Unix time, else the DOS time, which is local. */
export function recordTimes(record: ZipRecord): ItemTimes {
  const { header, extraAt, extraLength } = record;
  const ntfs = findExtra(header, extraAt, extraLength, 0x000a);
  if (ntfs !== null && ntfs.length >= 32 && u16(header, ntfs.at + 4) === 1 && u16(header, ntfs.at + 6) >= 24) {
    return { modified: readFileTime(header, ntfs.at + 8), accessed: readFileTime(header, ntfs.at + 16), created: readFileTime(header, ntfs.at + 24), changed: null };
  }
  const unix = findExtra(header, extraAt, extraLength, 0x5455);
  const modified: Timestamp | null =
    unix !== null && unix.length >= 5 && (header[unix.at]! & 1) !== 0 ? { seconds: u32(header, unix.at + 1) | 0, nanoseconds: 0, zone: 'utc' } : dosTime(record.date, record.time);
  return { created: null, modified, accessed: null, changed: null };
}

/** A packed DOS date and time; null when the date is none. */
function dosTime(date: number, time: number): Timestamp | null {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 0xf, date & 0x1f];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || day === 0) return null;
  const [hours, minutes, pairs] = [time >> 11, (time >> 5) & 0x3f, time & 0x1f];
  const ofDay = hours > 23 || minutes > 59 || pairs > 29 ? 0 : hours * 3600 + minutes * 60 + pairs * 2;
  return { seconds: midnight.getTime() / 1000 + ofDay, nanoseconds: 0, zone: 'local' };
}

/** How an encrypted member is encrypted, in words; null for one that is not. */
export function encryptionOf(record: ZipRecord): string | null {
  if ((record.flags & FLAG_MASKED_HEADERS) !== 0) return 'PKWARE strong encryption with hidden headers';
  if ((record.flags & FLAG_STRONG_ENCRYPTION) !== 0) return 'PKWARE strong encryption';
  if (record.method === METHOD_AES) {
    const aes = findExtra(record.header, record.extraAt, record.extraLength, 0x9901);
    const bits = aes !== null && aes.length >= 7 ? [128, 192, 256][record.header[aes.at + 4]! - 1] : undefined;
    return bits === undefined ? 'AES' : `AES-${bits}`;
  }
  return (record.flags & FLAG_ENCRYPTED) !== 0 ? 'ZipCrypto' : null;
}

const METHOD_NAMES: Readonly<Record<number, string>> = {
  1: 'shrink', 2: 'reduce', 3: 'reduce', 4: 'reduce', 5: 'reduce', 6: 'implode', 9: 'deflate64', 10: 'PKWARE DCL implode', 12: 'bzip2',
  14: 'LZMA', 16: 'IBM z/OS CMPSC', 18: 'IBM TERSE', 19: 'IBM LZ77', 93: 'zstd', 94: 'MP3', 95: 'xz', 96: 'JPEG variant', 97: 'WavPack', 98: 'PPMd',
};

export function methodName(method: number): string {
  return METHOD_NAMES[method] ?? `number ${method}`;
}
