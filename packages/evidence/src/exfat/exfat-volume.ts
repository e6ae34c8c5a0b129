import { MalformedError, type Problem } from '@kerbside/bytes';
import { holdsData } from '../data-in-range.ts';
import { displayName } from '../display-name.ts';
import type { Volume } from '../volume.ts';
import { openAllocationBitmap, type AllocationBitmap } from './allocation-bitmap.ts';
import { findBootRegion, FIRST_CLUSTER, type ExfatGeometry } from './boot-region.ts';
import { openClusterChains, type ClusterChains, type ClusterRun } from './cluster-chain.ts';
import { ENTRY_BYTES } from './entry-set.ts';
import { FAULT, fault, type Fault } from './faults.ts';

/*
 * Root directory entries that describe the volume. Source: Microsoft exFAT specification, sections 7.1 to 7.3.
 *
 *   81 allocation bitmap  +1 u8 flags (bit 0: of the second FAT), +20 u32 first cluster, +24 u64 length
 *   82 up-case table      +20 u32 first cluster, +24 u64 length
 *   83 volume label       +1 u8 characters (at most 11), +2 UTF-16LE
 */
const TYPE_BITMAP = 0x81;
const TYPE_UPCASE = 0x82;
const TYPE_LABEL = 0x83;
const MAX_LABEL_CHARACTERS = 11;

/** How much of the root is looked through for these entries; every formatter writes them first. */
const MAX_ROOT_BYTES_SEARCHED = 4 * 1024 * 1024;

/** An exFAT volume open for reading. */
export interface ExfatVolume {
  readonly volume: Volume;
  readonly geometry: ExfatGeometry;
  readonly chains: ClusterChains;
  /** Null when no usable bitmap was found: a problem says so. */
  readonly bitmap: AllocationBitmap | null;
  /** Clusters of the bitmaps and the up-case table. */
  readonly systemRuns: readonly ClusterRun[];
  readonly label: string;
  /** What was wrong on opening. */
  readonly problems: readonly Problem[];
}

/** Offset of a cluster in bytes of the volume. */
export function clusterOffset(geometry: ExfatGeometry, cluster: number): number {
  return geometry.heapOffset + (cluster - FIRST_CLUSTER) * geometry.clusterSizeBytes;
}

/** True for a number that names a cluster of the heap. */
export function isCluster(geometry: ExfatGeometry, cluster: number): boolean {
  return cluster >= FIRST_CLUSTER && cluster < FIRST_CLUSTER + geometry.clusterCount;
}

/** Both boot regions: 24 sectors, of 4 KiB at most. */
const BOOT_REGIONS_BYTES = 24 * 4096;

/**
 * Opens the volume: boot region, then the root's own entries.
 * @throws MalformedError `exfat-no-boot-region` when neither boot region is usable
 */
export function openExfatVolume(volume: Volume): ExfatVolume {
  const boot = findBootRegion(volume.source);
  if (boot === null) throw new MalformedError('exfat-no-boot-region', 'no usable exFAT boot region', { volume: volume.id, offset: volume.startOffset });
  const { geometry } = boot;
  const problems: Problem[] = [];
  const report = (what: Pick<Fault, 'kind' | 'code'>, message: string): void => {
    problems.push({ ...fault(what, message), where: { volume: volume.id, offset: volume.startOffset } });
  };
  if (boot.basis === 'backup') report(FAULT.mainBootDamaged, 'the main boot region is damaged; the backup was used');
  if (!boot.checksumHolds) report(FAULT.bootChecksum, 'the checksum of the boot region does not hold; its values were used because they are plausible');
  if (geometry.volumeBytes > volume.source.sizeBytes) {
    report(FAULT.volumeTruncated, `the file system is ${geometry.volumeBytes} bytes long but only ${volume.source.sizeBytes} are there`);
  }

  if (holdsData(volume.source, BOOT_REGIONS_BYTES, geometry.fatOffset)) {
    report(FAULT.reservedData, 'something stands between the boot regions and the allocation table; it was not read');
  }

  const chains = openClusterChains(volume.source, geometry);
  const system = readSystemEntries(volume, geometry, chains);
  const systemRuns = system.tables.flatMap((table) => tableRuns(geometry, chains, table));
  const chosen = system.bitmaps.find((table) => table.ofSecondFat === (geometry.activeFat === 1)) ?? system.bitmaps[0];
  let bitmap: AllocationBitmap | null = null;
  if (chosen === undefined) {
    report(FAULT.noBitmap, 'the allocation bitmap was not found: which clusters are free is taken from the files');
  } else {
    bitmap = openAllocationBitmap(volume.source, geometry, tableRuns(geometry, chains, chosen), chosen.sizeBytes);
    if (bitmap.coveredClusters < geometry.clusterCount) {
      report(FAULT.bitmapShort, `the allocation bitmap covers ${bitmap.coveredClusters} of ${geometry.clusterCount} clusters; the rest count as free`);
    }
  }
  return { volume, geometry, chains, bitmap, systemRuns, label: system.label, problems };
}

interface SystemTable {
  readonly first: number;
  readonly sizeBytes: number;
  readonly ofSecondFat: boolean;
}

function readSystemEntries(volume: Volume, geometry: ExfatGeometry, chains: ClusterChains) {
  const bitmaps: SystemTable[] = [];
  const tables: SystemTable[] = [];
  let label: string | null = null;
  const wanted = Math.max(1, Math.floor(MAX_ROOT_BYTES_SEARCHED / geometry.clusterSizeBytes));
  const cluster = Buffer.alloc(geometry.clusterSizeBytes);
  for (const run of chains.follow(geometry.rootCluster, wanted).runs) {
    for (let i = 0; i < run.count; i++) {
      const offset = clusterOffset(geometry, run.first + i);
      const length = Math.max(0, Math.min(cluster.length, volume.source.sizeBytes - offset));
      if (length > 0) volume.source.readInto(cluster.subarray(0, length), offset);
      for (let at = 0; at + ENTRY_BYTES <= length; at += ENTRY_BYTES) {
        const type = cluster[at]!;
        if (type === TYPE_BITMAP || type === TYPE_UPCASE) {
          const first = cluster.readUInt32LE(at + 20);
          const sizeBytes = cluster.readUInt32LE(at + 24) + cluster.readUInt32LE(at + 28) * 0x1_0000_0000;
          if (!isCluster(geometry, first) || sizeBytes === 0 || tables.length >= 8) continue;
          const table = { first, sizeBytes, ofSecondFat: (cluster[at + 1]! & 1) === 1 };
          tables.push(table);
          if (type === TYPE_BITMAP) bitmaps.push(table);
        } else if (type === TYPE_LABEL && label === null) {
          // A label entry may stand there more than once (or not at all): the first is the one that systems show.
          const characters = Math.min(cluster[at + 1]!, MAX_LABEL_CHARACTERS);
          const bytes = Buffer.from(cluster.subarray(at + 2, at + 2 + characters * 2));
          label = characters === 0 ? '' : displayName({ bytes, encoding: 'utf-16le' });
        }
      }
    }
  }
  return { bitmaps, tables, label: label ?? '' };
}

/** A table's clusters by its chain; where the chain is too short, taken as contiguous, as formatters lay them. */
function tableRuns(geometry: ExfatGeometry, chains: ClusterChains, table: SystemTable): readonly ClusterRun[] {
  const wanted = Math.min(Math.ceil(table.sizeBytes / geometry.clusterSizeBytes), geometry.clusterCount);
  const chain = chains.follow(table.first, wanted);
  if (chain.clusters >= wanted) return chain.runs;
  return [{ first: table.first, count: Math.min(wanted, FIRST_CLUSTER + geometry.clusterCount - table.first) }];
}
