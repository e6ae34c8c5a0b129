/**
 * Finds the superblock of a volume: the primary at byte 1,024, or else a backup copy, which stands
 * in the first block of groups 1 and the powers of 3, 5 and 7. Where the primary is gone the block
 * size is not known, so each usual one is tried with its usual group size (8 blocks for each byte
 * of a block), which is how mkfs lays volumes out unless told otherwise.
 */
import type { RandomAccessSource } from '@kerbside/bytes';
import type { DetectionBasis } from '../file-system.ts';
import { parseSuperblock, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSET, type Superblock } from './superblock.ts';

const BACKUP_BLOCK_SIZES = [4096, 1024, 2048] as const;
const BACKUP_GROUPS = [1, 3, 5, 7, 9, 25, 27, 49, 81, 125, 243, 343, 625, 729] as const;

export interface FoundSuperblock {
  readonly superblock: Superblock;
  readonly basis: DetectionBasis;
  /** Group whose copy was used; 0 for the primary. */
  readonly group: number;
  /** Byte offset on the volume. */
  readonly offset: number;
}

/** The best superblock of a volume, or null when it has none. Never throws on evidence. */
export function findSuperblock(source: RandomAccessSource): FoundSuperblock | null {
  const primary = readSuperblock(source, SUPERBLOCK_OFFSET);
  if (primary !== null && primary.checksumAgrees) {
    return { superblock: primary, basis: 'primary', group: 0, offset: SUPERBLOCK_OFFSET };
  }
  const backup = findBackup(source, primary);
  if (backup !== null) return backup;
  // a primary whose checksum fails is still the best there is: the walk says that it is damaged
  return primary === null ? null : { superblock: primary, basis: 'primary', group: 0, offset: SUPERBLOCK_OFFSET };
}

function findBackup(source: RandomAccessSource, primary: Superblock | null): FoundSuperblock | null {
  for (const blockSizeBytes of BACKUP_BLOCK_SIZES) {
    for (const group of BACKUP_GROUPS) {
      const block = (blockSizeBytes === 1024 ? 1 : 0) + group * blockSizeBytes * 8;
      const offset = block * blockSizeBytes;
      if (offset + SUPERBLOCK_BYTES > source.sizeBytes) break;
      const superblock = readSuperblock(source, offset);
      const isCopy =
        superblock !== null && superblock.groupNumber === group && superblock.blockSizeBytes === blockSizeBytes &&
        superblock.checksumAgrees && (primary === null || superblock.blockSizeBytes === primary.blockSizeBytes);
      if (isCopy) return { superblock, basis: 'backup', group, offset };
    }
  }
  return null;
}

function readSuperblock(source: RandomAccessSource, offset: number): Superblock | null {
  if (offset + SUPERBLOCK_BYTES > source.sizeBytes) return null;
  const bytes = Buffer.alloc(SUPERBLOCK_BYTES);
  const unread = source.readInto(bytes, offset);
  return unread.length > 0 ? null : parseSuperblock(bytes, source.sizeBytes);
}
