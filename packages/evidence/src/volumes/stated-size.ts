import type { RandomAccessSource } from '@kerbside/bytes';
import { readQuietly } from './read-quietly.ts';

/**
 * What a file system's own first sectors say of its length, read before anything else is known. Used to
 * tell where a lost volume ends, and as a quick test at many places; the format's own `detect` decides.
 *
 * | at      | field                                                            |
 * | ------- | ---------------------------------------------------------------- |
 * | 3       | `NTFS    `: u16 sector size at 11, u64 sectors at 40 (the backup boot sector follows) |
 * | 3       | `EXFAT   `: u64 sectors at 72, u8 log2 of the sector size at 108  |
 * | 11      | FAT: u16 sector size, u16 sectors at 19 or u32 at 32, 55 AA at 510 |
 * | 1,080   | ext: 53 EF; u32 blocks at 1,028, u32 log2(block size) − 10 at 1,048, u16 group at 1,114 |
 */
export function statedSizeBytes(source: RandomAccessSource, offset: number): number | null {
  const view = readQuietly(source, offset, 2_048);
  if (view === null) return null;
  if (view.u16(510) === 0xaa55) {
    const sector = view.u16(11);
    if (view.hasAscii(3, 'NTFS    ') && isSector(sector)) return (view.u64(40) + 1) * sector;
    const shift = view.u8(108);
    if (view.hasAscii(3, 'EXFAT   ') && shift >= 9 && shift <= 12) return view.u64(72) * 2 ** shift;
    const jumps = view.u8(0) === 0xeb || view.u8(0) === 0xe9;
    if (jumps && isSector(sector) && isPowerOfTwo(view.u8(13)) && view.u16(14) > 0) return (view.u16(19) || view.u32(32)) * sector;
  }
  // A copy of an ext superblock at the start of a later group names that group.
  if (view.u16(1_080) === 0xef53 && view.u16(1_114) === 0 && view.u32(1_048) <= 6) return view.u32(1_028) * 2 ** (10 + view.u32(1_048));
  return null;
}

function isSector(size: number): boolean {
  return size === 512 || size === 1_024 || size === 2_048 || size === 4_096;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
