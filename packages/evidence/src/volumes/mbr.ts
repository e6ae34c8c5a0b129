import type { ByteRange, ByteView, Problem, RandomAccessSource } from '@kerbside/bytes';
import { mbrTypeName } from './partition-types.ts';
import type { Partition, PartitionTable } from './partition.ts';
import { readQuietly } from './read-quietly.ts';

/**
 * Master boot record, and the extended boot records of logical volumes:
 *
 * | offset | size | field                                                     |
 * | -----: | ---: | --------------------------------------------------------- |
 * |    446 | 4×16 | entries: u8 flag (0x00, 0x80), u8 type at 4, u32 first sector at 8, u32 count at 12 |
 * |    510 |    2 | 55 AA                                                     |
 *
 * An extended partition (0x05, 0x0F, 0x85) holds a chain of such records: entry 0 is the logical
 * volume, relative to its record; entry 1 leads to the next record, relative to the extended partition.
 */
const EXTENDED = new Set([0x05, 0x0f, 0x85]);
const PROTECTIVE = 0xee;
/** Linux itself names at most 255 partitions of a disk. */
const MAX_LOGICAL_VOLUMES = 256;

interface MbrEntry {
  readonly slot: number;
  readonly flag: number;
  readonly type: number;
  readonly firstSector: number;
  readonly sectorCount: number;
}

/** What the first sector says, before it is decided whether it is a partition table at all. */
export interface MbrSector {
  readonly entries: readonly MbrEntry[];
  /** Every used entry has a lawful flag and begins inside the source: a boot sector of a file system rarely does. */
  readonly isPlausible: boolean;
  readonly isProtective: boolean;
}

/** Reads the first sector; null when it is not marked 55 AA or cannot be read. */
export function readMbrSector(source: RandomAccessSource, sectorSizeBytes: number): MbrSector | null {
  const view = readQuietly(source, 0, 512);
  const entries = view === null ? null : parseEntries(view);
  if (entries === null) return null;
  const used = entries.filter((entry) => entry.type !== 0 && entry.sectorCount > 0);
  return {
    entries: used,
    isPlausible:
      used.length > 0 &&
      entries.every((entry) => entry.flag === 0x00 || entry.flag === 0x80) &&
      used.every((entry) => entry.firstSector > 0 && entry.firstSector * sectorSizeBytes < source.sizeBytes),
    isProtective: used.some((entry) => entry.type === PROTECTIVE),
  };
}

/** The table of a plausible first sector, with its logical volumes. */
export function readMbr(source: RandomAccessSource, mbr: MbrSector, sectorSizeBytes: number): PartitionTable {
  const partitions: Partition[] = [];
  const tableRanges: ByteRange[] = [{ offset: 0, length: 512 }];
  const problems: Problem[] = [];
  for (const entry of mbr.entries) {
    if (EXTENDED.has(entry.type) || entry.type === PROTECTIVE) continue;
    partitions.push(toPartition(`p${entry.slot}`, entry, 0, sectorSizeBytes));
  }
  let nextNumber = 5;
  for (const entry of mbr.entries) {
    if (!EXTENDED.has(entry.type)) continue;
    const chain = readLogicalVolumes(source, entry.firstSector, sectorSizeBytes, nextNumber);
    partitions.push(...chain.partitions);
    tableRanges.push(...chain.tableRanges);
    problems.push(...chain.problems);
    nextNumber += chain.partitions.length;
  }
  return { scheme: 'mbr', partitions, tableRanges, problems };
}

function readLogicalVolumes(source: RandomAccessSource, base: number, sectorSizeBytes: number, firstNumber: number): Omit<PartitionTable, 'scheme'> {
  const partitions: Partition[] = [];
  const tableRanges: ByteRange[] = [];
  const seen = new Set<number>();
  const end = (message: string, at: number): Omit<PartitionTable, 'scheme'> => ({
    partitions,
    tableRanges,
    problems: [{ kind: 'malformed', code: 'mbr-chain-damaged', message: `${message}; logical volumes after it are not known from the table`, where: { offset: at } }],
  });
  for (let sector = base; ; ) {
    const at = sector * sectorSizeBytes;
    if (seen.has(sector)) return end('the chain of logical volumes leads back into itself', at);
    if (partitions.length >= MAX_LOGICAL_VOLUMES) return end(`the chain of logical volumes is longer than ${MAX_LOGICAL_VOLUMES}`, at);
    seen.add(sector);
    const view = readQuietly(source, at, 512);
    const entries = view === null ? null : parseEntries(view);
    if (entries === null) return end('a record in the chain of logical volumes cannot be read', at);
    tableRanges.push({ offset: at, length: 512 });
    const volume = entries[0]!;
    if (volume.type !== 0 && volume.sectorCount > 0 && !EXTENDED.has(volume.type)) {
      partitions.push(toPartition(`p${firstNumber + partitions.length}`, volume, sector, sectorSizeBytes));
    }
    const link = entries.find((entry) => EXTENDED.has(entry.type) && entry.sectorCount > 0);
    if (link === undefined) return { partitions, tableRanges, problems: [] };
    sector = base + link.firstSector;
  }
}

function parseEntries(view: ByteView): MbrEntry[] | null {
  if (view.u16(510) !== 0xaa55) return null;
  return [0, 1, 2, 3].map((index) => {
    const at = 446 + index * 16;
    return { slot: index + 1, flag: view.u8(at), type: view.u8(at + 4), firstSector: view.u32(at + 8), sectorCount: view.u32(at + 12) };
  });
}

function toPartition(id: string, entry: MbrEntry, baseSector: number, sectorSizeBytes: number): Partition {
  return {
    id,
    startOffset: (baseSector + entry.firstSector) * sectorSizeBytes,
    sizeBytes: entry.sectorCount * sectorSizeBytes,
    scheme: 'mbr',
    declaredType: mbrTypeName(entry.type),
  };
}
