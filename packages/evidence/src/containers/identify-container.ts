import { RAR4_MARK, RAR5_MARK, SEVEN_ZIP_MARK } from './archive-marks.ts';
import { readTarHeader } from './tar/tar-header.ts';

/** Archives and compressed files by what they hold, whatever they are called. */
export type ArchiveFormat = 'zip' | 'tar' | 'gzip' | 'bzip2' | 'xz' | 'lzma' | 'zstd' | '7z' | 'rar';

/** Bytes of the start that `identifyArchive` can use. */
export const IDENTIFY_BYTES = 512;

/**
 * Names the archive that these first bytes begin, or null. A ZIP behind other bytes (a self-extracting program, a
 * film with a ZIP after it) is not seen here: `hasZipEnd` looks at the end.
 */
export function identifyArchive(head: Uint8Array): ArchiveFormat | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const begins = (hex: string): boolean => bytes.length >= hex.length / 2 && bytes.toString('hex', 0, hex.length / 2) === hex;
  // A part of several may begin with a mark of its own; an empty ZIP is its end record alone.
  if (begins('504b0304') || begins('504b0506') || begins('504b0708504b0304') || begins('504b3030504b0304')) return 'zip';
  if (begins(SEVEN_ZIP_MARK)) return '7z';
  if (begins(RAR4_MARK) || begins(RAR5_MARK)) return 'rar';
  if (begins('1f8b08')) return 'gzip';
  if (begins('425a68') && bytes[3]! >= 0x31 && bytes[3]! <= 0x39 && (bytes.toString('hex', 4, 10) === '314159265359' || bytes.toString('hex', 4, 10) === '177245385090')) return 'bzip2';
  if (begins('fd377a585a00')) return 'xz';
  if (begins('28b52ffd')) return 'zstd';
  if (bytes.length >= 512 && readTarHeader(bytes.subarray(0, 512)) !== null && bytes[0] !== 0) return 'tar';
  return isLzma(bytes) ? 'lzma' : null;
}

/** `.lzma` has no mark: usual properties, a dictionary of a power of two or three quarters of one, a length that can be. */
function isLzma(bytes: Buffer): boolean {
  if (bytes.length < 14 || bytes[0] !== 0x5d || bytes[13] !== 0) return false;
  const dictionary = bytes.readUInt32LE(1);
  const isUsual = [1, 1.5].some((factor) => Number.isInteger(Math.log2(dictionary / factor)));
  const length = bytes.readBigUInt64LE(5);
  return dictionary >= 4096 && isUsual && (length === 0xffff_ffff_ffff_ffffn || length < 1n << 40n);
}
