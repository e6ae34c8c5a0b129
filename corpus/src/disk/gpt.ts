/**
 * GUID partition table (UEFI specification, section 5.3). Header, one in sector 1 and one in the last:
 *
 * | offset | bytes | value |
 * | --- | --- | --- |
 * | 0 | 8 | `EFI PART` |
 * | 8, 12 | 4, 4 | revision 1.0, header size 92 |
 * | 16 | 4 | CRC-32 of the header with this field 0 |
 * | 24, 32 | 8, 8 | own sector, the other header's sector |
 * | 40, 48 | 8, 8 | first and last usable sector |
 * | 56 | 16 | disk GUID |
 * | 72 | 8 | first sector of the entries |
 * | 80, 84, 88 | 4 each | entry count, entry size, CRC-32 of the entries |
 *
 * Entry (128 bytes): type GUID, own GUID, first sector u64, last sector u64, attributes u64, name in 72 bytes UTF-16.
 */
import { crc32 } from 'node:zlib';
import { makeRandom, type Random } from '../random.ts';
import type { ImageSink } from './image-file.ts';
import { MBR_TYPE, writeMbr } from './mbr.ts';

const ENTRY_BYTES = 128;
const ENTRY_COUNT = 128;
const HEADER_BYTES = 92;

export const GPT_TYPE = {
  basicData: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7',
  linuxData: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  efiSystem: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
} as const;

/** One partition, in sectors of the table's own size. */
export interface GptPartition {
  readonly typeGuid: string;
  readonly startSector: number;
  readonly sectors: number;
  readonly name: string;
}

/** Writes the protective MBR, both headers and both entry arrays. */
export function writeGpt(options: { sink: ImageSink; diskSizeBytes: number; seed: number; partitions: readonly GptPartition[]; sectorSizeBytes?: 512 | 4096 }): void {
  const sectorSizeBytes = options.sectorSizeBytes ?? 512;
  const lastSector = Math.floor(options.diskSizeBytes / sectorSizeBytes) - 1;
  const entrySectors = (ENTRY_BYTES * ENTRY_COUNT) / sectorSizeBytes;
  const random = makeRandom(options.seed);
  const diskGuid = randomGuid(random);
  const entries = Buffer.alloc(ENTRY_BYTES * ENTRY_COUNT);
  for (const [position, partition] of options.partitions.entries()) {
    if (partition.startSector < 2 + entrySectors || partition.startSector + partition.sectors > lastSector - entrySectors) {
      throw new RangeError(`partition ${position + 1} overlaps the table or passes the disk's end`);
    }
    entries.set(entryBytes(partition, random), position * ENTRY_BYTES);
  }
  const header = (own: number, other: number, entriesSector: number): Buffer =>
    headerSector({ own, other, entriesSector, firstUsable: 2 + entrySectors, lastUsable: lastSector - entrySectors - 1, diskGuid, entries, sectorSizeBytes });
  writeMbr({ sink: options.sink, signature: 0, partitions: [{ type: MBR_TYPE.gptProtective, startSector: 1, sectors: Math.min(lastSector, 0xffffffff) }] });
  options.sink.write(header(1, lastSector, 2), sectorSizeBytes);
  options.sink.write(entries, 2 * sectorSizeBytes);
  options.sink.write(entries, (lastSector - entrySectors) * sectorSizeBytes);
  options.sink.write(header(lastSector, 1, lastSector - entrySectors), lastSector * sectorSizeBytes);
}

function headerSector(fields: {
  own: number;
  other: number;
  entriesSector: number;
  firstUsable: number;
  lastUsable: number;
  diskGuid: Buffer;
  entries: Buffer;
  sectorSizeBytes: number;
}): Buffer {
  const sector = Buffer.alloc(fields.sectorSizeBytes);
  sector.write('EFI PART', 0, 'latin1');
  sector.writeUInt32LE(0x0001_0000, 8);
  sector.writeUInt32LE(HEADER_BYTES, 12);
  for (const [at, value] of [[24, fields.own], [32, fields.other], [40, fields.firstUsable], [48, fields.lastUsable], [72, fields.entriesSector]] as const) {
    sector.writeBigUInt64LE(BigInt(value), at);
  }
  sector.set(fields.diskGuid, 56);
  sector.writeUInt32LE(ENTRY_COUNT, 80);
  sector.writeUInt32LE(ENTRY_BYTES, 84);
  sector.writeUInt32LE(crc32(fields.entries), 88);
  sector.writeUInt32LE(crc32(sector.subarray(0, HEADER_BYTES)), 16);
  return sector;
}

function entryBytes(partition: GptPartition, random: Random): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.set(guidBytes(partition.typeGuid), 0);
  entry.set(randomGuid(random), 16);
  entry.writeBigUInt64LE(BigInt(partition.startSector), 32);
  entry.writeBigUInt64LE(BigInt(partition.startSector + partition.sectors - 1), 40);
  entry.write(partition.name.slice(0, 36), 56, 'utf16le');
  return entry;
}

/** A GUID's text as bytes: the first three groups are little-endian. */
function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

function randomGuid(random: Random): Buffer {
  const bytes = Buffer.alloc(16);
  random.fill(bytes);
  bytes[7] = (bytes[7]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes;
}
