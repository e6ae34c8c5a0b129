import { contentChunks, contentSizeBytes, type CorpusFile } from '../corpus-file.ts';
import { makeRandom, type Random } from '../random.ts';
import { buildFolders, directoryContent, type FatNode } from './fat-folders.ts';
import { bootSector, infoSector, MEDIA_BYTE, planLayout, SECTOR_BYTES, type FatBits, type FatLayout } from './fat-layout.ts';

/** Where a volume is written: a file descriptor at an offset, a buffer, anything that starts as zeros. */
export interface FatSink {
  write(bytes: Uint8Array, offset: number): void;
}

export interface FatVolumeOptions {
  readonly fatBits: FatBits;
  readonly sizeBytes: number;
  readonly clusterSizeBytes: number;
  /** Up to 11 capital letters, digits and spaces; none when absent. */
  readonly label?: string;
  /** Decides the serial number and the gaps between fragments. */
  readonly seed: number;
  readonly tree: readonly CorpusFile[];
  /** Folders beyond those that the files need. */
  readonly folders?: readonly string[];
  /** Folders that are deleted with everything in them. */
  readonly deletedFolders?: readonly string[];
  /** True to allow a FAT32 of fewer than 65,525 clusters, which Linux reads and the specification does not know. */
  readonly allowsSmallFat32?: boolean;
  readonly sink: FatSink;
}

/** Where things came to stand, for tests and for answers to compare with. */
export interface FatVolumeMap {
  readonly layout: FatLayout;
  /** Clusters of each file and folder by path, in file order; also of the deleted ones. */
  readonly clusters: ReadonlyMap<string, readonly number[]>;
}

const END_OF_CHAIN = 0x0fffffff;
/** Most clusters left free between two fragments. */
const MAX_FRAGMENT_GAP = 4;

/**
 * Writes a FAT12, FAT16 or FAT32 volume as a checker accepts it. The same options give the same
 * bytes. Free space is not written, so a sparse file stays sparse; memory grows with the number of
 * files and clusters, not with their content.
 *
 * @throws Error when the cluster count is not one of the FAT type, or the files do not fit
 */
export function writeFatVolume(options: FatVolumeOptions): FatVolumeMap {
  const { sink } = options;
  const label = options.label ?? '';
  const random = makeRandom(options.seed);
  const root = buildFolders(options.tree, options.folders ?? [], options.deletedFolders ?? []);
  const layout = planLayout(options.fatBits, options.sizeBytes, options.clusterSizeBytes, root.directoryBytes / 32, options.allowsSmallFat32 ?? false);
  const allocator = makeAllocator(layout, random);
  const map = new Map<string, readonly number[]>();

  if (layout.bits === 32) root.clusters = allocator.take(Math.max(1, Math.ceil(root.directoryBytes / layout.clusterSizeBytes)), 1);
  allocate(root, layout, allocator, map);
  const rootCluster = root.clusters[0] ?? 0;
  const rootBytes = directoryContent(root, 0, true, label);
  if (layout.bits === 32) writeToClusters(sink, layout, root.clusters, [padTo(rootBytes, layout.clusterSizeBytes)]);
  else sink.write(padTo(rootBytes, layout.rootEntries * 32), layout.rootOffset);
  writeBelow(sink, layout, root, rootCluster, true);

  const table = new Uint32Array(layout.clusterCount + 2);
  let usedClusters = 0;
  const chain = (node: FatNode): void => {
    if (!node.isDeleted) {
      node.clusters.forEach((cluster, index) => (table[cluster] = node.clusters[index + 1] ?? END_OF_CHAIN));
      usedClusters += node.clusters.length;
    }
    for (const child of node.children) chain(child);
  };
  chain(root);
  const tableBytes = encodeTable(layout, table);
  for (let copy = 0; copy < 2; copy++) sink.write(tableBytes, (layout.reservedSectors + copy * layout.fatSectors) * SECTOR_BYTES);

  const boot = bootSector(layout, label, random.below(0x1_0000_0000));
  sink.write(boot, 0);
  if (layout.bits === 32) {
    const info = infoSector(layout.clusterCount - usedClusters, allocator.nextFree());
    sink.write(info, SECTOR_BYTES);
    sink.write(boot, 6 * SECTOR_BYTES);
    sink.write(info, 7 * SECTOR_BYTES);
  }
  return { layout, clusters: map };
}

/** Makes a volume in memory, for tests. */
export function makeFatVolume(options: Omit<FatVolumeOptions, 'sink'>): { readonly image: Buffer; readonly map: FatVolumeMap } {
  const image = Buffer.alloc(options.sizeBytes);
  const map = writeFatVolume({ ...options, sink: { write: (bytes, offset) => image.set(bytes, offset) } });
  return { image, map };
}

interface Allocator {
  /** Takes clusters in `fragments` pieces with gaps between them. */
  take(count: number, fragments: number): number[];
  nextFree(): number;
}

function makeAllocator(layout: FatLayout, random: Random): Allocator {
  let next = 2;
  return {
    nextFree: () => next,
    take(count, fragments) {
      const taken: number[] = [];
      const pieces = Math.max(1, Math.min(fragments, count));
      for (let piece = 0; piece < pieces; piece++) {
        if (piece > 0) next += 1 + random.below(MAX_FRAGMENT_GAP);
        const end = Math.ceil((count * (piece + 1)) / pieces);
        while (taken.length < end) taken.push(next++);
      }
      if (next > layout.clusterCount + 2) throw new Error('the files do not fit on the volume');
      return taken;
    },
  };
}

/** Gives clusters to everything below a folder: its files and folders first, then what those hold. */
function allocate(folder: FatNode, layout: FatLayout, allocator: Allocator, map: Map<string, readonly number[]>): void {
  for (const child of folder.children) {
    const bytes = child.file === null ? child.directoryBytes : contentSizeBytes(child.file.content);
    if (bytes > 0xffffffff) throw new Error(`${child.path} is larger than a FAT file can be`);
    const count = Math.ceil(bytes / layout.clusterSizeBytes);
    child.clusters = count === 0 ? [] : allocator.take(count, child.file?.fragments ?? 1);
    map.set(child.path, child.clusters);
  }
  for (const child of folder.children) if (child.file === null) allocate(child, layout, allocator, map);
}

function writeBelow(sink: FatSink, layout: FatLayout, folder: FatNode, ownCluster: number, isRoot: boolean): void {
  for (const child of folder.children) {
    if (child.file !== null) {
      writeToClusters(sink, layout, child.clusters, contentChunks(child.file.content));
    } else {
      // The entry for the folder above is 0 when that is the root, on FAT32 too.
      const content = directoryContent(child, isRoot ? 0 : ownCluster, false, '');
      writeToClusters(sink, layout, child.clusters, [padTo(content, layout.clusterSizeBytes)]);
      writeBelow(sink, layout, child, child.clusters[0]!, false);
    }
  }
}

/** Writes content over the clusters, whole runs at a time. */
function writeToClusters(sink: FatSink, layout: FatLayout, clusters: readonly number[], chunks: Iterable<Uint8Array>): void {
  const { clusterSizeBytes, dataOffset } = layout;
  let written = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const index = Math.floor(written / clusterSizeBytes);
      const first = clusters[index];
      if (first === undefined) throw new Error('a file has more content than it said');
      const inCluster = written % clusterSizeBytes;
      let count = 1;
      while (count * clusterSizeBytes - inCluster < chunk.length - at && clusters[index + count] === first + count) count++;
      const length = Math.min(chunk.length - at, count * clusterSizeBytes - inCluster);
      sink.write(chunk.subarray(at, at + length), dataOffset + (first - 2) * clusterSizeBytes + inCluster);
      at += length;
      written += length;
    }
  }
}

function encodeTable(layout: FatLayout, table: Uint32Array): Buffer {
  const bytes = Buffer.alloc(layout.fatSectors * SECTOR_BYTES);
  table[0] = 0x0fffff00 | MEDIA_BYTE;
  table[1] = END_OF_CHAIN;
  if (layout.bits === 32) table.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  else if (layout.bits === 16) table.forEach((value, index) => bytes.writeUInt16LE(value & 0xffff, index * 2));
  else {
    table.forEach((value, index) => {
      const at = (index * 3) >> 1;
      const low = value & 0xfff;
      if ((index & 1) === 0) {
        bytes[at] = low & 0xff;
        bytes[at + 1] = (bytes[at + 1]! & 0xf0) | (low >> 8);
      } else {
        bytes[at] = (bytes[at]! & 0x0f) | ((low & 0x0f) << 4);
        bytes[at + 1] = low >> 4;
      }
    });
  }
  return bytes;
}

function padTo(bytes: Buffer, unit: number): Buffer {
  const length = Math.max(unit, Math.ceil(bytes.length / unit) * unit);
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}
