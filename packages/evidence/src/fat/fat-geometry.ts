/**
 * The FAT boot sector (BIOS parameter block), little-endian. Source: Microsoft, "FAT: General
 * Overview of On-Disk Format" 1.03 (2000), and ECMA-107 for FAT12/16.
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 3 | jump: EB xx 90 or E9 xx xx |
 * | 11 | 2 | bytes per sector: 512, 1024, 2048 or 4096 |
 * | 13 | 1 | sectors per cluster: a power of two |
 * | 14 | 2 | reserved sectors before the first FAT |
 * | 16 | 1 | number of FATs |
 * | 17 | 2 | entries of the fixed root directory (FAT12/16), 0 on FAT32 |
 * | 19 | 2 | sectors of the volume, 0 when they are in the field at 32 |
 * | 21 | 1 | media byte, repeated in the first byte of each FAT |
 * | 22 | 2 | sectors per FAT (FAT12/16), 0 on FAT32 |
 * | 32 | 4 | sectors of the volume |
 * | 36 | 4 | FAT32: sectors per FAT |
 * | 40 | 2 | FAT32: bit 7 set = only one FAT is kept, its number in bits 0–3 |
 * | 44 | 4 | FAT32: first cluster of the root directory |
 * | 50 | 2 | FAT32: sector of the boot sector's copy, usually 6 |
 * | 43 or 71 | 11 | label, when the byte 5 before it is 0x29 |
 * | 510 | 2 | 55 AA |
 */
import type { ByteView } from '@kerbside/bytes';

/** Cluster counts at which the type changes; Microsoft's document gives them and no other test. */
const FIRST_FAT16_CLUSTER_COUNT = 4085;
const FIRST_FAT32_CLUSTER_COUNT = 65525;

/** The highest cluster number that a 28-bit entry can name without meaning "bad" or "end". */
const MAX_FAT32_CLUSTER_COUNT = 0x0fffffef;

/** Bytes of one directory entry, and of the part of a boot sector that is read. */
export const ENTRY_BYTES = 32;
export const BOOT_SECTOR_BYTES = 512;

/** Where everything stands; offsets in bytes from the start of the volume. */
export interface FatGeometry {
  readonly kind: 'FAT12' | 'FAT16' | 'FAT32';
  readonly entryBits: 12 | 16 | 32;
  readonly sectorSizeBytes: number;
  readonly clusterSizeBytes: number;
  readonly mediaByte: number;
  readonly fatOffset: number;
  readonly fatSizeBytes: number;
  readonly fatCount: number;
  /** Number of the only FAT that is kept up to date, or null when all mirror each other. */
  readonly onlyFat: number | null;
  /** Start of the fixed root directory (FAT12/16), else of cluster 2: where TSK counts inodes from. */
  readonly inodeBaseOffset: number;
  /** Bytes of the fixed root directory, 0 on FAT32. */
  readonly fixedRootBytes: number;
  /** First cluster of the root directory on FAT32, else 0. */
  readonly rootCluster: number;
  /** Start of cluster 2. */
  readonly dataOffset: number;
  /** Highest cluster number as the boot sector says. */
  readonly declaredLastCluster: number;
  /** Highest cluster number whose FAT entry is inside the FAT and the source. */
  readonly lastCluster: number;
  /** Bytes of the volume as the boot sector says. */
  readonly declaredBytes: number;
  readonly bootLabel: Uint8Array | null;
  /** Sector of the backup boot sector as the boot sector says; 0 when none. */
  readonly backupSector: number;
}

/**
 * Reads a boot sector.
 *
 * @param boot at least 512 bytes
 * @param volumeBytes size of the volume as found, to clip what lies outside
 * @returns null when the sector cannot be a FAT boot sector
 */
export function parseBootSector(boot: ByteView, volumeBytes: number): FatGeometry | null {
  const sectorSizeBytes = boot.u16(11);
  const sectorsPerCluster = boot.u8(13);
  const reservedSectors = boot.u16(14);
  const fatCount = boot.u8(16);
  const rootEntries = boot.u16(17);
  const mediaByte = boot.u8(21);
  const shortFatSectors = boot.u16(22);
  const hasSignature = boot.u16(510) === 0xaa55;
  const hasJump = boot.u8(0) === 0xeb || boot.u8(0) === 0xe9;
  if (!hasSignature && !hasJump) return null;
  if (sectorSizeBytes < 512 || sectorSizeBytes > 4096 || !isPowerOfTwo(sectorSizeBytes)) return null;
  if (!isPowerOfTwo(sectorsPerCluster) || reservedSectors === 0 || fatCount === 0 || fatCount > 8) return null;
  if (mediaByte !== 0xf0 && mediaByte < 0xf8) return null;

  const isWide = shortFatSectors === 0;
  const fatSectors = isWide ? boot.u32(36) : shortFatSectors;
  const sectors = boot.u16(19) === 0 ? boot.u32(32) : boot.u16(19);
  const rootSectors = Math.ceil((rootEntries * ENTRY_BYTES) / sectorSizeBytes);
  const dataSector = reservedSectors + fatCount * fatSectors + rootSectors;
  if (fatSectors === 0 || sectors <= dataSector || (!isWide && rootEntries === 0)) return null;
  const clusterCount = Math.floor((sectors - dataSector) / sectorsPerCluster);
  if (clusterCount === 0 || clusterCount > MAX_FAT32_CLUSTER_COUNT) return null;

  const entryBits = entryBitsOf(clusterCount, isWide && rootEntries === 0);
  // The two layouts of the boot sector exclude the other type: what contradicts itself cannot be read.
  if (isWide !== (entryBits === 32)) return null;
  const fatOffset = reservedSectors * sectorSizeBytes;
  const fatSizeBytes = fatSectors * sectorSizeBytes;
  const readableFatBytes = Math.min(fatSizeBytes, volumeBytes - fatOffset);
  if (readableFatBytes < sectorSizeBytes) return null;
  const entriesReadable = Math.floor((readableFatBytes * 8) / entryBits);
  const declaredLastCluster = clusterCount + 1;
  const flags = isWide ? boot.u16(40) : 0;
  const onlyFat = (flags & 0x80) !== 0 && (flags & 0x0f) < fatCount ? flags & 0x0f : null;
  const labelAt = isWide ? 71 : 43;
  return {
    kind: entryBits === 12 ? 'FAT12' : entryBits === 16 ? 'FAT16' : 'FAT32',
    entryBits,
    sectorSizeBytes,
    clusterSizeBytes: sectorsPerCluster * sectorSizeBytes,
    mediaByte,
    fatOffset,
    fatSizeBytes,
    fatCount,
    onlyFat,
    inodeBaseOffset: (entryBits === 32 ? dataSector : dataSector - rootSectors) * sectorSizeBytes,
    fixedRootBytes: entryBits === 32 ? 0 : rootEntries * ENTRY_BYTES,
    rootCluster: entryBits === 32 ? boot.u32(44) : 0,
    dataOffset: dataSector * sectorSizeBytes,
    declaredLastCluster,
    lastCluster: Math.min(declaredLastCluster, entriesReadable - 1),
    declaredBytes: sectors * sectorSizeBytes,
    bootLabel: boot.u8(labelAt - 5) === 0x29 ? Uint8Array.from(boot.bytes.subarray(labelAt, labelAt + 11)) : null,
    backupSector: isWide ? boot.u16(50) : 0,
  };
}

/** Start of a cluster, in bytes from the start of the volume. */
export function clusterOffset(geometry: FatGeometry, cluster: number): number {
  return geometry.dataOffset + (cluster - 2) * geometry.clusterSizeBytes;
}

/**
 * The type by cluster count alone. A small volume without a fixed root is the exception: it can
 * only have been made as FAT32 (`mkfs.vfat -F 32` does so) and is mounted as that by Linux.
 */
function entryBitsOf(clusterCount: number, hasNoFixedRoot: boolean): 12 | 16 | 32 {
  if (clusterCount >= FIRST_FAT32_CLUSTER_COUNT || hasNoFixedRoot) return 32;
  return clusterCount >= FIRST_FAT16_CLUSTER_COUNT ? 16 : 12;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
