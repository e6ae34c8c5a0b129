/**
 * Where the parts of a generated FAT volume stand, and its boot records. Layout tables: Microsoft,
 * "FAT: General Overview of On-Disk Format" 1.03, sections "Boot Sector and BPB" and "FAT32 FSInfo".
 */

export type FatBits = 12 | 16 | 32;

export const SECTOR_BYTES = 512;
export const ENTRY_BYTES = 32;
export const MEDIA_BYTE = 0xf8;
const FAT_COUNT = 2;

/** Places in bytes from the start of the volume. */
export interface FatLayout {
  readonly bits: FatBits;
  readonly sizeBytes: number;
  readonly clusterSizeBytes: number;
  readonly clusterCount: number;
  readonly reservedSectors: number;
  readonly fatSectors: number;
  /** Entries of the fixed root directory, 0 on FAT32. */
  readonly rootEntries: number;
  readonly rootOffset: number;
  readonly dataOffset: number;
}

/**
 * Works out a layout.
 * @param allowsSmallFat32 true for a FAT32 with fewer clusters than the type should have, as `mkfs.vfat -F 32` makes on small disks
 * @param rootEntries entries that the fixed root must hold (FAT12/16); rounded up to at least 512
 * @throws Error when the size and the cluster size do not give a cluster count of that FAT type
 */
export function planLayout(bits: FatBits, sizeBytes: number, clusterSizeBytes: number, rootEntries: number, allowsSmallFat32: boolean): FatLayout {
  if (sizeBytes % SECTOR_BYTES !== 0 || clusterSizeBytes % SECTOR_BYTES !== 0) throw new Error('sizes must be whole sectors of 512 bytes');
  const sectorsPerCluster = clusterSizeBytes / SECTOR_BYTES;
  if (sectorsPerCluster > 128 || (sectorsPerCluster & (sectorsPerCluster - 1)) !== 0) throw new Error('a cluster is 1 to 128 sectors, a power of two');
  const reservedSectors = bits === 32 ? 32 : 1;
  const fixedEntries = bits === 32 ? 0 : Math.max(512, Math.ceil(rootEntries / 16) * 16);
  const rootSectors = (fixedEntries * ENTRY_BYTES) / SECTOR_BYTES;
  const sectors = sizeBytes / SECTOR_BYTES;
  // The table's length depends on the cluster count and the other way round: grow until it fits.
  let fatSectors = 1;
  let clusterCount = 0;
  for (;;) {
    clusterCount = Math.floor((sectors - reservedSectors - FAT_COUNT * fatSectors - rootSectors) / sectorsPerCluster);
    const needed = Math.ceil(((clusterCount + 2) * bits) / 8 / SECTOR_BYTES);
    if (needed <= fatSectors) break;
    fatSectors = needed;
  }
  const typeByCount: FatBits = clusterCount < 4085 ? 12 : clusterCount < 65525 ? 16 : 32;
  if (clusterCount < 1 || (typeByCount !== bits && !(bits === 32 && allowsSmallFat32))) {
    throw new Error(`${sizeBytes} bytes in clusters of ${clusterSizeBytes} are ${clusterCount} clusters: that is FAT${typeByCount}, not FAT${bits}`);
  }
  const rootOffset = (reservedSectors + FAT_COUNT * fatSectors) * SECTOR_BYTES;
  return {
    bits,
    sizeBytes,
    clusterSizeBytes,
    clusterCount,
    reservedSectors,
    fatSectors,
    rootEntries: fixedEntries,
    rootOffset,
    dataOffset: rootOffset + rootSectors * SECTOR_BYTES,
  };
}

/** The boot sector (and its copy at sector 6 of FAT32 is the same). */
export function bootSector(layout: FatLayout, label: string, serial: number): Buffer {
  const boot = Buffer.alloc(SECTOR_BYTES);
  const isWide = layout.bits === 32;
  const sectors = layout.sizeBytes / SECTOR_BYTES;
  boot.set([0xeb, isWide ? 0x58 : 0x3c, 0x90], 0);
  boot.write('MSWIN4.1', 3, 'latin1');
  boot.writeUInt16LE(SECTOR_BYTES, 11);
  boot[13] = layout.clusterSizeBytes / SECTOR_BYTES;
  boot.writeUInt16LE(layout.reservedSectors, 14);
  boot[16] = FAT_COUNT;
  boot.writeUInt16LE(layout.rootEntries, 17);
  boot.writeUInt16LE(!isWide && sectors < 0x10000 ? sectors : 0, 19);
  boot[21] = MEDIA_BYTE;
  boot.writeUInt16LE(isWide ? 0 : layout.fatSectors, 22);
  boot.writeUInt16LE(63, 24);
  boot.writeUInt16LE(255, 26);
  boot.writeUInt32LE(!isWide && sectors < 0x10000 ? 0 : sectors, 32);
  if (isWide) {
    boot.writeUInt32LE(layout.fatSectors, 36);
    boot.writeUInt32LE(2, 44);
    boot.writeUInt16LE(1, 48);
    boot.writeUInt16LE(6, 50);
  }
  const tail = isWide ? 64 : 36;
  boot[tail] = 0x80;
  boot[tail + 2] = 0x29;
  boot.writeUInt32LE(serial >>> 0, tail + 3);
  boot.write(label === '' ? 'NO NAME    ' : label.padEnd(11), tail + 7, 'latin1');
  boot.write(`FAT${layout.bits}   `.padEnd(8), tail + 18, 'latin1');
  boot.writeUInt16LE(0xaa55, 510);
  return boot;
}

/** The FSInfo sector of FAT32: counts that drivers use as a hint. */
export function infoSector(freeClusters: number, nextFree: number): Buffer {
  const info = Buffer.alloc(SECTOR_BYTES);
  info.writeUInt32LE(0x41615252, 0);
  info.writeUInt32LE(0x61417272, 484);
  info.writeUInt32LE(freeClusters, 488);
  info.writeUInt32LE(nextFree, 492);
  info.writeUInt32LE(0xaa550000, 508);
  return info;
}
