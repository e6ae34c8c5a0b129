import { makeRandom } from '../random.ts';
import { BOOT_SECTORS, buildBootRegions, FAT_OFFSET_SECTORS, SECTOR_BYTES } from './boot-region.ts';
import { FIRST_CLUSTER, makeClusterLayout, type ClusterLayout, type Run } from './cluster-layout.ts';
import { ENTRY_BYTES } from './entry-set.ts';
import type { ExfatFile, VolumeSink } from './exfat-file.ts';
import { planTree } from './plan-tree.ts';
import { buildUpCaseTable, upCaseTableChecksum } from './up-case.ts';
import { takeFolders, writeFolder, type EntryPlace, type FolderContext } from './write-folder.ts';

/** Bitmap, up-case table and label stand first in the root. */
const ROOT_OWN_BYTES = 3 * ENTRY_BYTES;

export interface ExfatVolumeOptions {
  /** Whole volume, a multiple of 512, at least 128 KiB. */
  readonly sizeBytes: number;
  /** 512 to 33,554,432, a power of two; 4,096 when absent. */
  readonly clusterSizeBytes?: number;
  /** At most 11 characters. Not empty where The Sleuth Kit is to read it: its fsstat loops on a volume without label. */
  readonly label: string;
  readonly seed: number;
  readonly tree: Iterable<ExfatFile>;
  readonly sink: VolumeSink;
  /** Folders that hold no file. */
  readonly emptyFolders?: readonly string[];
  /** Folders deleted with all below them. */
  readonly deletedFolders?: readonly string[];
  /** Pieces of each folder of more than one cluster; above 1 folders have FAT chains. 1 when absent. */
  readonly folderFragments?: number;
}

/** What was written, for tests that edit or check it. Offsets in bytes of the volume. */
export interface ExfatVolumeFacts {
  readonly fatOffset: number;
  readonly heapOffset: number;
  readonly clusterSizeBytes: number;
  readonly clusterCount: number;
  readonly bitmapOffset: number;
  readonly rootCluster: number;
  readonly usedClusters: number;
  /** By path, folders and deleted ones included. */
  readonly places: ReadonlyMap<string, EntryPlace>;
}

/**
 * Writes an exFAT 1.00 volume: passes `fsck.exfat -n`, and the same options give the same bytes.
 * Throws a RangeError when the tree does not fit.
 */
export function writeExfatVolume(options: ExfatVolumeOptions): ExfatVolumeFacts {
  const { sink } = options;
  const clusterSizeBytes = options.clusterSizeBytes ?? 4096;
  const geometry = layOut(options.sizeBytes, clusterSizeBytes);
  const random = makeRandom(options.seed);
  const layout = makeClusterLayout(geometry.clusterCount, random);
  const heapOffset = geometry.heapOffsetSectors * SECTOR_BYTES;
  const offsetOf = (cluster: number): number => heapOffset + (cluster - FIRST_CLUSTER) * clusterSizeBytes;
  const root = planTree(options.tree, options.emptyFolders ?? [], options.deletedFolders ?? []);
  const clustersFor = (bytes: number): number => Math.ceil(bytes / clusterSizeBytes);
  const folderPieces = options.folderFragments ?? 1;

  const bitmapRuns = takeChained(layout, clustersFor(layout.bitmap.length), 1);
  const upCase = buildUpCaseTable();
  const upCaseRuns = takeChained(layout, clustersFor(upCase.length), 1);
  const rootRuns = takeChained(layout, clustersFor(ROOT_OWN_BYTES + root.entryBytes), folderPieces);
  const writeRuns = (runs: readonly Run[], chunks: Iterable<Uint8Array>): void => writeToRuns(sink, runs, clusterSizeBytes, offsetOf, chunks);
  const context: FolderContext = { layout, clusterSizeBytes, offsetOf, writeRuns, folderRuns: new Map([[root, rootRuns]]), folderPieces, places: new Map() };
  takeFolders(context, root);
  writeFolder(context, root, '', [
    tableEntry(0x81, bitmapRuns[0]!.first, layout.bitmap.length, 0),
    tableEntry(0x82, upCaseRuns[0]!.first, upCase.length, upCaseTableChecksum(upCase)),
    labelEntry(options.label),
  ]);
  writeRuns(upCaseRuns, [upCase]);
  writeRuns(bitmapRuns, [layout.bitmap]);
  sink.write(layout.fat, FAT_OFFSET_SECTORS * SECTOR_BYTES);
  const usedClusters = layout.usedClusters();
  const percentInUse = Math.floor((usedClusters * 100) / geometry.clusterCount);
  sink.write(buildBootRegions({ ...geometry, clusterSizeBytes, rootCluster: rootRuns[0]!.first, serial: random.below(2 ** 32), percentInUse }), 0);
  return {
    fatOffset: FAT_OFFSET_SECTORS * SECTOR_BYTES,
    heapOffset,
    clusterSizeBytes,
    clusterCount: geometry.clusterCount,
    bitmapOffset: offsetOf(bitmapRuns[0]!.first),
    rootCluster: rootRuns[0]!.first,
    usedClusters,
    places: context.places,
  };
}

/** The same in memory, for small volumes. */
export function makeExfatVolume(options: Omit<ExfatVolumeOptions, 'sink'>): { readonly image: Buffer; readonly facts: ExfatVolumeFacts } {
  const image = Buffer.alloc(options.sizeBytes);
  const facts = writeExfatVolume({ ...options, sink: { write: (bytes, offset) => image.set(bytes, offset) } });
  return { image, facts };
}

function layOut(sizeBytes: number, clusterSizeBytes: number) {
  const volumeSectors = Math.floor(sizeBytes / SECTOR_BYTES);
  const sectorsPerCluster = clusterSizeBytes / SECTOR_BYTES;
  const atMost = Math.floor((volumeSectors - FAT_OFFSET_SECTORS) / sectorsPerCluster);
  const fatSectors = Math.ceil(((atMost + FIRST_CLUSTER) * 4) / SECTOR_BYTES);
  const heapStart = Math.max(FAT_OFFSET_SECTORS + fatSectors, BOOT_SECTORS);
  const heapOffsetSectors = Math.ceil(heapStart / sectorsPerCluster) * sectorsPerCluster;
  const clusterCount = Math.floor((volumeSectors - heapOffsetSectors) / sectorsPerCluster);
  if (clusterCount < 4) throw new RangeError(`a volume of ${sizeBytes} bytes is too small for exFAT`);
  return { volumeSectors, fatSectors, heapOffsetSectors, clusterCount };
}

function takeChained(layout: ClusterLayout, clusters: number, pieces: number): Run[] {
  const runs = layout.take(clusters, pieces);
  layout.chain(runs);
  return runs;
}

function writeToRuns(sink: VolumeSink, runs: readonly Run[], clusterSizeBytes: number, offsetOf: (cluster: number) => number, chunks: Iterable<Uint8Array>): void {
  let index = 0;
  let inRun = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const run = runs[index];
      if (run === undefined) throw new RangeError('content is longer than the size it was given with');
      const length = Math.min(chunk.length - at, run.count * clusterSizeBytes - inRun);
      sink.write(chunk.subarray(at, at + length), offsetOf(run.first) + inRun);
      at += length;
      inRun += length;
      if (inRun === run.count * clusterSizeBytes) {
        index++;
        inRun = 0;
      }
    }
  }
}

function tableEntry(type: number, firstCluster: number, sizeBytes: number, checksum: number): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry[0] = type;
  entry.writeUInt32LE(checksum, 4);
  entry.writeUInt32LE(firstCluster, 20);
  entry.writeBigUInt64LE(BigInt(sizeBytes), 24);
  return entry;
}

function labelEntry(label: string): Buffer {
  if (label.length > 11) throw new RangeError(`an exFAT label has at most 11 characters: "${label}"`);
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry[0] = label === '' ? 0x03 : 0x83;
  entry[1] = label.length;
  entry.write(label, 2, 'utf16le');
  return entry;
}
