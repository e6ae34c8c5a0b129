import type { ByteRange, ByteView, Problem, RandomAccessSource } from '@kerbside/bytes';
import { crc32 } from 'node:zlib';
import { formatGuid, gptTypeName } from './partition-types.ts';
import type { Partition, PartitionTable } from './partition.ts';
import { readQuietly } from './read-quietly.ts';

/**
 * GUID partition table (UEFI specification, chapter 5.3), little-endian. The header stands in
 * sector 1, its backup in the last sector with the entry array before it:
 *
 * | offset | size | header                     | offset | size | entry             |
 * | -----: | ---: | -------------------------- | -----: | ---: | ----------------- |
 * |      0 |    8 | `EFI PART`                 |      0 |   16 | type GUID         |
 * |     12 |    4 | header size                |     16 |   16 | own GUID          |
 * |     16 |    4 | CRC-32 of the header, this field 0 | 32 | 8 | first sector     |
 * |     24 |    8 | this sector                |     40 |    8 | last sector, inclusive |
 * |     32 |    8 | the other header's sector  |     48 |    8 | attributes        |
 * |     72 |    8 | first sector of the entries |    56 |   72 | name, UTF-16      |
 * |     80 |    4 | number of entries          |        |      |                   |
 * |     84 |    4 | size of an entry           |        |      |                   |
 * |     88 |    4 | CRC-32 of the entries      |        |      |                   |
 */
const HEADER_BYTES = 92;
/** Common tables have 128 entries of 128 bytes; Linux accepts what fits in memory. */
const ENTRY_BYTES = 128;
const MAX_ENTRIES = 4_096;
const MAX_ENTRY_BYTES = 4_096;

interface GptHeader {
  readonly offset: number;
  readonly sectorSizeBytes: number;
  readonly otherSector: number;
  readonly entriesSector: number;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesCrc: number;
}

/**
 * Reads a GPT from its primary or its backup header, for sectors of 512 and 4,096 bytes.
 * @returns null when neither header checks out
 */
export function readGpt(source: RandomAccessSource): PartitionTable | null {
  const headers = [512, 4_096].flatMap((sectorSizeBytes) => {
    const primary = readHeader(source, sectorSizeBytes, sectorSizeBytes);
    const places = [...new Set([source.sizeBytes - sectorSizeBytes, (primary?.otherSector ?? 0) * sectorSizeBytes])];
    const backup = places.map((place) => readHeader(source, place, sectorSizeBytes)).find((header) => header !== null) ?? null;
    return [primary, backup].filter((header) => header !== null);
  });
  const candidates = headers.map((header) => ({ header, entries: readEntries(source, header) }));
  const chosen = candidates.find(({ entries }) => entries?.isSound === true) ?? candidates.find(({ entries }) => entries !== null);
  if (chosen === undefined || chosen.entries === null) return null;

  const problems: Problem[] = [];
  const { header, entries } = chosen;
  const where = { offset: header.offset, length: header.sectorSizeBytes };
  if (header.offset !== header.sectorSizeBytes) {
    problems.push({ kind: 'malformed', code: 'gpt-backup-used', message: 'the partition table (GPT) is damaged; its backup at the end of the disk was used', where });
  } else if (candidates.length === 1) {
    problems.push({ kind: 'malformed', code: 'gpt-backup-missing', message: 'the backup of the partition table (GPT) is missing or damaged: the image may have been cut short, or the disk was made larger', where });
  }
  if (!entries.isSound) {
    problems.push({ kind: 'malformed', code: 'gpt-entries-damaged', message: 'the entries of the partition table (GPT) fail their checksum; they were used as far as they make sense', where });
  }
  const tableRanges: ByteRange[] = [
    { offset: 0, length: 512 },
    ...candidates.flatMap((each) => [{ offset: each.header.offset, length: each.header.sectorSizeBytes }, ...usedEntries(each.header, each.entries?.view ?? null)]),
  ];
  return { scheme: 'gpt', partitions: toPartitions(entries.view, header), tableRanges, problems };
}

function readHeader(source: RandomAccessSource, offset: number, sectorSizeBytes: number): GptHeader | null {
  const view = readQuietly(source, offset, sectorSizeBytes);
  if (view === null || !view.hasAscii(0, 'EFI PART')) return null;
  const headerBytes = view.u32(12);
  if (headerBytes < HEADER_BYTES || headerBytes > sectorSizeBytes) return null;
  const summed = Buffer.from(view.bytes.subarray(0, headerBytes));
  summed.fill(0, 16, 20);
  if (crc32(summed) !== view.u32(16)) return null;
  const header = {
    offset,
    sectorSizeBytes,
    otherSector: view.u64(32),
    entriesSector: view.u64(72),
    entryCount: view.u32(80),
    entryBytes: view.u32(84),
    entriesCrc: view.u32(88),
  };
  const isSane = header.entryCount > 0 && header.entryCount <= MAX_ENTRIES && header.entryBytes >= ENTRY_BYTES && header.entryBytes <= MAX_ENTRY_BYTES;
  return isSane ? header : null;
}

function readEntries(source: RandomAccessSource, header: GptHeader): { view: ByteView; isSound: boolean } | null {
  const view = readQuietly(source, header.entriesSector * header.sectorSizeBytes, header.entryCount * header.entryBytes);
  return view === null ? null : { view, isSound: crc32(view.bytes) === header.entriesCrc };
}

/** Places of the entries that name a partition. What stands in the others is no table, and may be anything. */
function usedEntries(header: GptHeader, view: ByteView | null): ByteRange[] {
  if (view === null) return [];
  const start = header.entriesSector * header.sectorSizeBytes;
  return Array.from({ length: header.entryCount }, (_, index) => index * header.entryBytes)
    .filter((at) => view.slice(at, 16).bytes.some((byte) => byte !== 0))
    .map((at) => ({ offset: start + at, length: ENTRY_BYTES }));
}

function toPartitions(view: ByteView, header: GptHeader): Partition[] {
  const partitions: Partition[] = [];
  for (let index = 0; index < header.entryCount; index++) {
    const entry = view.slice(index * header.entryBytes, ENTRY_BYTES);
    const type = formatGuid(entry.bytes.subarray(0, 16));
    const first = entry.u64(32);
    const last = entry.u64(40);
    if (/^[0-]+$/.test(type)) continue;
    partitions.push({
      id: `p${index + 1}`,
      startOffset: first * header.sectorSizeBytes,
      sizeBytes: last >= first ? (last - first + 1) * header.sectorSizeBytes : 0,
      scheme: 'gpt',
      declaredType: gptTypeName(type),
    });
  }
  return partitions;
}
