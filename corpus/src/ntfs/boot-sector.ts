/**
 * NTFS boot sector (libyal/libfsntfs, "volume header"):
 *
 * | offset | bytes | value |
 * | --- | --- | --- |
 * | 0 | 3 | jump |
 * | 3 | 8 | `NTFS    ` |
 * | 11, 13 | 2, 1 | bytes per sector, sectors per cluster |
 * | 21 | 1 | media descriptor |
 * | 24, 26, 28 | 2, 2, 4 | sectors per track, heads, sectors before the volume |
 * | 36 | 4 | 80 00 80 00 |
 * | 40 | 8 | sectors, without the backup sector at the end |
 * | 48, 56 | 8, 8 | clusters where $MFT and $MFTMirr start |
 * | 64, 68 | 1, 1 | record and index block size: clusters, or minus log2 of the bytes |
 * | 72 | 8 | serial number |
 * | 510 | 2 | 55 AA |
 */
import { RECORD_BYTES } from './file-record.ts';
import { INDEX_BLOCK_BYTES } from './index-tree.ts';

export const SECTOR_BYTES = 512;
/** $Boot covers the boot sector and the loader's area behind it. */
export const BOOT_FILE_BYTES = 8192;

export function buildBootSector(fields: {
  clusterSizeBytes: number;
  volumeSectors: number;
  hiddenSectors: number;
  mftLcn: number;
  mirrorLcn: number;
  serial: bigint;
}): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector.set([0xeb, 0x52, 0x90], 0);
  sector.write('NTFS    ', 3, 'latin1');
  sector.writeUInt16LE(SECTOR_BYTES, 11);
  sector[13] = fields.clusterSizeBytes / SECTOR_BYTES;
  sector[21] = 0xf8;
  sector.writeUInt16LE(63, 24);
  sector.writeUInt16LE(255, 26);
  sector.writeUInt32LE(fields.hiddenSectors, 28);
  sector.writeUInt32LE(0x00800080, 36);
  sector.writeBigUInt64LE(BigInt(fields.volumeSectors - 1), 40);
  sector.writeBigUInt64LE(BigInt(fields.mftLcn), 48);
  sector.writeBigUInt64LE(BigInt(fields.mirrorLcn), 56);
  sector.writeInt8(sizeCode(RECORD_BYTES, fields.clusterSizeBytes), 64);
  sector.writeInt8(sizeCode(INDEX_BLOCK_BYTES, fields.clusterSizeBytes), 68);
  sector.writeBigUInt64LE(fields.serial, 72);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

function sizeCode(bytes: number, clusterSizeBytes: number): number {
  return bytes >= clusterSizeBytes ? bytes / clusterSizeBytes : -Math.log2(bytes);
}
