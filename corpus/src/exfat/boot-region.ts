/*
 * Boot region: 12 sectors at sector 0, copied to sector 12. Source: Microsoft exFAT specification, section 3.
 *
 *   0   boot sector: +0 EB7690, +3 "EXFAT   ", +64 u64 partition offset, +72 u64 volume length,
 *       +80 u32 FAT offset, +84 u32 FAT length, +88 u32 heap offset, +92 u32 clusters, +96 u32 root cluster,
 *       +100 u32 serial, +104 u16 revision 1.00, +106 u16 flags, +108 u8 sector shift, +109 u8 cluster shift,
 *       +110 u8 FATs, +111 u8 drive, +112 u8 percent in use, +510 55AA
 *   1–8 extended boot sectors, signature AA550000 at their end
 *   9   OEM parameters, 10 reserved
 *   11  checksum of the above, repeated
 */

export const SECTOR_BYTES = 512;
const SECTOR_SHIFT = 9;
export const BOOT_SECTORS = 24;

/** FAT and heap start on these sectors or later: room that real formatters leave for alignment. */
export const FAT_OFFSET_SECTORS = 128;

export interface BootFacts {
  readonly volumeSectors: number;
  readonly fatSectors: number;
  readonly heapOffsetSectors: number;
  readonly clusterCount: number;
  readonly clusterSizeBytes: number;
  readonly rootCluster: number;
  readonly serial: number;
  readonly percentInUse: number;
}

/** Both boot regions, 24 sectors. */
export function buildBootRegions(facts: BootFacts): Buffer {
  const regions = Buffer.alloc(BOOT_SECTORS * SECTOR_BYTES);
  const main = regions.subarray(0, 12 * SECTOR_BYTES);
  main.set([0xeb, 0x76, 0x90], 0);
  main.write('EXFAT   ', 3, 'latin1');
  main.writeBigUInt64LE(BigInt(facts.volumeSectors), 72);
  main.writeUInt32LE(FAT_OFFSET_SECTORS, 80);
  main.writeUInt32LE(facts.fatSectors, 84);
  main.writeUInt32LE(facts.heapOffsetSectors, 88);
  main.writeUInt32LE(facts.clusterCount, 92);
  main.writeUInt32LE(facts.rootCluster, 96);
  main.writeUInt32LE(facts.serial, 100);
  main.writeUInt16LE(0x0100, 104);
  main[108] = SECTOR_SHIFT;
  main[109] = Math.log2(facts.clusterSizeBytes) - SECTOR_SHIFT;
  main[110] = 1;
  main[111] = 0x80;
  main[112] = facts.percentInUse;
  main.writeUInt16LE(0xaa55, 510);
  for (let sector = 1; sector <= 8; sector++) main.writeUInt32LE(0xaa550000, (sector + 1) * SECTOR_BYTES - 4);
  const sum = checksum(main.subarray(0, 11 * SECTOR_BYTES));
  for (let at = 11 * SECTOR_BYTES; at < main.length; at += 4) main.writeUInt32LE(sum, at);
  main.copy(regions, main.length);
  return regions;
}

function checksum(sectors: Uint8Array): number {
  let sum = 0;
  sectors.forEach((byte, at) => {
    if (at !== 106 && at !== 107 && at !== 112) sum = (((sum >>> 1) | (sum << 31)) + byte) >>> 0;
  });
  return sum;
}
