import { ByteView, type RandomAccessSource } from '@kerbside/bytes';
import type { DetectionBasis } from '../file-system.ts';

/*
 * Boot region, 12 sectors at sector 0, its backup at sector 12. Source: Microsoft exFAT specification, section 3.
 *
 *   sector  at   size
 *   0       0    3      EB 76 90
 *           3    8      "EXFAT   "
 *           11   53     zero, where FAT keeps its BPB
 *           72   u64    volume length, sectors
 *           80   u32    FAT offset, sectors (>= 24)
 *           84   u32    FAT length, sectors
 *           88   u32    cluster heap offset, sectors
 *           92   u32    cluster count
 *           96   u32    first cluster of the root directory
 *           106  u16    volume flags: bit 0 second FAT and bitmap are the active ones
 *           108  u8     sector size as a power of two (9 to 12)
 *           109  u8     sectors per cluster as a power of two (cluster at most 32 MiB)
 *           110  u8     number of FATs, 1 or 2
 *           510  u16    AA55
 *   11      0    u32…   checksum of sectors 0 to 10 without bytes 106, 107 and 112, repeated
 */

/** First data cluster; 0 and 1 are not clusters. */
export const FIRST_CLUSTER = 2;

/** Largest cluster count that leaves the FAT's special values free. */
const MAX_CLUSTER_COUNT = 0xffff_fff5;

const BOOT_REGION_SECTORS = 12;
const SECTOR_SHIFTS = [9, 10, 11, 12] as const;
const MAX_CLUSTER_SHIFT = 25;

/** Where things are on an exFAT volume; offsets in bytes of the volume. */
export interface ExfatGeometry {
  readonly clusterSizeBytes: number;
  /** Declared length of the volume. */
  readonly volumeBytes: number;
  /** The active FAT. */
  readonly fatOffset: number;
  readonly fatBytes: number;
  /** Which FAT and bitmap are the active ones (0 or 1; 1 only on TexFAT). */
  readonly activeFat: 0 | 1;
  /** Offset of cluster 2. */
  readonly heapOffset: number;
  readonly clusterCount: number;
  readonly rootCluster: number;
}

/** What boot regions said. */
export interface BootRegion {
  readonly geometry: ExfatGeometry;
  readonly basis: DetectionBasis;
  /** False when neither region's checksum holds and the values are only plausible. */
  readonly checksumHolds: boolean;
}

/**
 * Finds a sound boot region: main with checksum, backup with checksum, then either without.
 * Null when the volume is not exFAT. Never throws on evidence.
 */
export function findBootRegion(source: RandomAccessSource): BootRegion | null {
  const main = readRegion(source, 0, 'primary');
  if (main?.checksumHolds) return main;
  let plausible = main;
  for (const shift of SECTOR_SHIFTS) {
    const backup = readRegion(source, BOOT_REGION_SECTORS << shift, 'backup', shift);
    if (backup?.checksumHolds) return backup;
    plausible ??= backup;
  }
  return plausible;
}

function readRegion(source: RandomAccessSource, offset: number, basis: DetectionBasis, shift?: number): BootRegion | null {
  const first = readBytes(source, offset, 512);
  if (first === null) return null;
  const geometry = parseGeometry(new ByteView(first), shift);
  if (geometry === null) return null;
  const region = readBytes(source, offset, BOOT_REGION_SECTORS << first[108]!);
  return { geometry, basis, checksumHolds: region !== null && checksumHolds(region) };
}

function parseGeometry(boot: ByteView, expectedShift: number | undefined): ExfatGeometry | null {
  if (!boot.hasAscii(3, 'EXFAT   ')) return null;
  // The 55 AA signature is not asked for: the checksum decides, and a damaged signature must not hide a volume.
  const sectorShift = boot.u8(108);
  const clusterShift = sectorShift + boot.u8(109);
  if (sectorShift < 9 || sectorShift > 12 || clusterShift > MAX_CLUSTER_SHIFT) return null;
  if (expectedShift !== undefined && sectorShift !== expectedShift) return null;
  const sectorBytes = 2 ** sectorShift;
  const fatCount = boot.u8(110);
  const clusterCount = boot.u32(92);
  const rootCluster = boot.u32(96);
  const fatBytes = boot.u32(84) * sectorBytes;
  const firstFatOffset = boot.u32(80) * sectorBytes;
  const heapOffset = boot.u32(88) * sectorBytes;
  const volumeBytes = boot.u64(72) * sectorBytes;
  const sound =
    (fatCount === 1 || fatCount === 2) &&
    clusterCount >= 1 &&
    clusterCount <= MAX_CLUSTER_COUNT &&
    rootCluster >= FIRST_CLUSTER &&
    rootCluster < FIRST_CLUSTER + clusterCount &&
    firstFatOffset >= 24 * sectorBytes &&
    fatBytes >= (FIRST_CLUSTER + clusterCount) * 4 &&
    heapOffset >= firstFatOffset + fatCount * fatBytes &&
    Number.isSafeInteger(volumeBytes) &&
    heapOffset + clusterCount * 2 ** clusterShift <= volumeBytes;
  if (!sound) return null;
  const activeFat = fatCount === 2 && (boot.u16(106) & 1) === 1 ? 1 : 0;
  return {
    clusterSizeBytes: 2 ** clusterShift,
    volumeBytes,
    fatOffset: firstFatOffset + activeFat * fatBytes,
    fatBytes,
    activeFat,
    heapOffset,
    clusterCount,
    rootCluster,
  };
}

/** The boot checksum of sectors 0 to 10: rotate right by one and add, leaving out what changes while mounted. */
export function bootChecksum(region: Uint8Array): number {
  const end = (region.length / BOOT_REGION_SECTORS) * (BOOT_REGION_SECTORS - 1);
  let sum = 0;
  for (let at = 0; at < end; at++) {
    if (at === 106 || at === 107 || at === 112) continue;
    sum = (((sum >>> 1) | (sum << 31)) + region[at]!) >>> 0;
  }
  return sum;
}

/** The checksum stands repeated through the whole sector; the first copy that agrees is enough, the rest may be damaged. */
function checksumHolds(region: Buffer): boolean {
  const sum = bootChecksum(region);
  const sectorBytes = region.length / BOOT_REGION_SECTORS;
  for (let at = region.length - sectorBytes; at < region.length; at += 4) if (region.readUInt32LE(at) === sum) return true;
  return false;
}

function readBytes(source: RandomAccessSource, offset: number, length: number): Buffer | null {
  if (offset + length > source.sizeBytes) return null;
  const bytes = Buffer.alloc(length);
  source.readInto(bytes, offset);
  return bytes;
}
