import { contentChunks, contentSizeBytes, type CorpusFile } from '../corpus-file.ts';
import { makeRandom } from '../random.ts';
import { BlockAllocator, type BlockRun } from './block-allocator.ts';
import { encodeDirectory } from './directory-blocks.ts';
import { encodeBlockMap, encodeExtents, type EncodedMap } from './ext-block-tree.ts';
import { FIRST_INODE, JOURNAL_INODE, layOutExt, type ExtGeometry, type ExtVariant } from './ext-geometry.ts';
import { encodeDescriptors, encodeJournalSuperblock, encodeSuperblock, type SuperblockFacts } from './ext-superblock.ts';
import { foldersInOrder, planTree, type ExtFile, type ExtFolder } from './ext-tree.ts';
import { InodeTableWriter } from './inode-table-writer.ts';
import type { VolumeSink } from './volume-sink.ts';

export interface ExtVolumeOptions {
  /** `ext4`: extents, 256-byte inodes and a journal where there is room; `ext2`: block maps and 128-byte inodes. */
  readonly variant: ExtVariant;
  readonly sizeBytes: number;
  readonly blockSizeBytes: 1024 | 2048 | 4096;
  /** At most 16 bytes of UTF-8. */
  readonly label: string;
  /** Decides the UUID and the gaps between fragments. */
  readonly seed: number;
  readonly tree: readonly CorpusFile[];
  readonly sink: VolumeSink;
}

export interface ExtVolume {
  readonly blockCount: number;
  readonly groupCount: number;
  readonly inodeCount: number;
  readonly freeBlocks: number;
}

/** 2023-11-14 22:13:20 UTC: fixed, so that the same seed gives the same bytes. */
const DEFAULT_TIME_SECONDS = 1_700_000_000;
const MODE_FILE = 0o100_644;
const MODE_FOLDER = 0o40_755;
const MODE_JOURNAL = 0o100_600;
/** Smallest journal that the kernel accepts. */
const JOURNAL_BLOCKS = 1024;
/** A journal is made only where it takes no more than a quarter of the volume. */
const JOURNAL_SHARE = 4;

interface Writing {
  readonly options: ExtVolumeOptions;
  readonly geometry: ExtGeometry;
  readonly allocator: BlockAllocator;
  readonly inodes: InodeTableWriter;
  readonly foldersOfGroup: number[];
}

/**
 * Writes an ext2 or ext4 volume with the given files, streaming: the same options give the same bytes.
 * The result passes `e2fsck -fn`. Deleted files leave what the file system's driver leaves: on ext2
 * the inode with its map, on ext4 the inode with its map and size cleared; the content stays in free blocks.
 *
 * @throws RangeError when the volume is too small, or a name or path is impossible
 */
export function writeExtVolume(options: ExtVolumeOptions): ExtVolume {
  const { root, inodes: inodesNeeded } = planTree(options.tree);
  const geometry = layOutExt(options.variant, options.sizeBytes, options.blockSizeBytes, inodesNeeded);
  const random = makeRandom(options.seed);
  const uuid = Buffer.alloc(16);
  random.fill(uuid);
  const writing: Writing = {
    options, geometry, allocator: new BlockAllocator(geometry, random), inodes: new InodeTableWriter(geometry, options.sink),
    foldersOfGroup: geometry.groups.map(() => 0),
  };
  for (let inode = 1; inode < FIRST_INODE; inode++) writing.inodes.reserve(inode);
  const journal = writeJournal(writing, uuid);
  for (const folder of foldersInOrder(root)) {
    writeFolder(writing, folder);
    for (const file of folder.files) writeFile(writing, file);
  }
  writing.inodes.flush();
  return writeVolumeStructures(writing, { uuid, label: options.label, madeAtSeconds: DEFAULT_TIME_SECONDS, journal });
}

function writeJournal(writing: Writing, uuid: Buffer): SuperblockFacts['journal'] {
  const { geometry, allocator, inodes, options } = writing;
  if (geometry.variant !== 'ext4' || geometry.blockCount < JOURNAL_BLOCKS * JOURNAL_SHARE) return null;
  const runs = allocator.take(JOURNAL_BLOCKS);
  const map = encodeMap(writing, runs);
  const sizeBytes = JOURNAL_BLOCKS * geometry.blockSizeBytes;
  options.sink.write(encodeJournalSuperblock(geometry.blockSizeBytes, JOURNAL_BLOCKS, uuid), runs[0]![0] * geometry.blockSizeBytes);
  inodes.write(JOURNAL_INODE, {
    mode: MODE_JOURNAL, sizeBytes, links: 1, blocks: JOURNAL_BLOCKS + map.blocks.length,
    modifiedAtSeconds: DEFAULT_TIME_SECONDS, deletedAtSeconds: 0, root: map.root,
  });
  return { root: map.root, sizeBytes };
}

function writeFolder(writing: Writing, folder: ExtFolder): void {
  const { geometry } = writing;
  const bytes = encodeDirectory(folder, geometry.blockSizeBytes);
  const runs = writing.allocator.take(bytes.length / geometry.blockSizeBytes);
  writeRuns(writing, runs, [bytes]);
  const map = encodeMap(writing, runs);
  writing.inodes.write(folder.inode, {
    mode: MODE_FOLDER, sizeBytes: bytes.length, links: 2 + folder.folders.size,
    blocks: bytes.length / geometry.blockSizeBytes + map.blocks.length,
    modifiedAtSeconds: DEFAULT_TIME_SECONDS, deletedAtSeconds: 0, root: map.root,
  });
  const group = Math.floor((folder.inode - 1) / geometry.inodesPerGroup);
  writing.foldersOfGroup[group]! += 1;
}

function writeFile(writing: Writing, { inode, file }: ExtFile): void {
  const { geometry, allocator } = writing;
  const sizeBytes = contentSizeBytes(file.content);
  const blocks = Math.ceil(sizeBytes / geometry.blockSizeBytes);
  const runs = allocator.take(blocks, file.fragments ?? 1);
  writeRuns(writing, runs, contentChunks(file.content));
  const map = encodeMap(writing, runs);
  const modifiedAtSeconds = file.modifiedAtSeconds ?? DEFAULT_TIME_SECONDS;
  const facts = { mode: MODE_FILE, sizeBytes, links: 1, blocks: blocks + map.blocks.length, modifiedAtSeconds, deletedAtSeconds: 0, root: map.root };
  if (file.deleted !== true) {
    writing.inodes.write(inode, facts);
    return;
  }
  allocator.free(runs);
  allocator.free(map.blocks.map(({ block }) => [block, 1] as const));
  const gone = { ...facts, links: 0, deletedAtSeconds: Math.max(1, modifiedAtSeconds) };
  const cleared = { ...gone, sizeBytes: 0, blocks: 0, root: encodeExtents([], geometry.blockSizeBytes, allocator).root };
  writing.inodes.write(inode, geometry.variant === 'ext4' ? cleared : gone);
}

function encodeMap(writing: Writing, runs: readonly BlockRun[]): EncodedMap {
  const { geometry, allocator, options } = writing;
  const map = geometry.variant === 'ext4'
    ? encodeExtents(runs, geometry.blockSizeBytes, allocator)
    : encodeBlockMap(runs, geometry.blockSizeBytes, allocator);
  for (const { block, bytes } of map.blocks) options.sink.write(bytes, block * geometry.blockSizeBytes);
  return map;
}

/** Streams content into its runs. */
function writeRuns(writing: Writing, runs: readonly BlockRun[], chunks: Iterable<Uint8Array>): void {
  const { geometry, options } = writing;
  let run = 0;
  let inRun = 0;
  for (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      const [first, count] = runs[run]!;
      const room = count * geometry.blockSizeBytes - inRun;
      const length = Math.min(room, chunk.length - at);
      options.sink.write(chunk.subarray(at, at + length), first * geometry.blockSizeBytes + inRun);
      at += length;
      inRun += length;
      if (inRun === count * geometry.blockSizeBytes) {
        run += 1;
        inRun = 0;
      }
    }
  }
}

function writeVolumeStructures(writing: Writing, known: Omit<SuperblockFacts, 'freeBlocks' | 'freeInodes'>): ExtVolume {
  const { geometry, allocator, inodes, options, foldersOfGroup } = writing;
  const size = geometry.blockSizeBytes;
  const groups = geometry.groups.map((_, group) => ({
    freeBlocks: allocator.freeBlocksOf(group), freeInodes: inodes.freeInodesOf(group), folders: foldersOfGroup[group]!,
  }));
  const freeBlocks = groups.reduce((sum, group) => sum + group.freeBlocks, 0);
  const freeInodes = groups.reduce((sum, group) => sum + group.freeInodes, 0);
  const descriptors = encodeDescriptors(geometry, groups);
  geometry.groups.forEach((group, i) => {
    options.sink.write(allocator.bitmaps[i]!, group.blockBitmap * size);
    options.sink.write(inodes.bitmaps[i]!, group.inodeBitmap * size);
    if (!group.hasSuperblock) return;
    options.sink.write(encodeSuperblock(geometry, { ...known, freeBlocks, freeInodes }, i), i === 0 ? 1024 : group.firstBlock * size);
    options.sink.write(descriptors, (group.firstBlock + 1) * size);
  });
  return { blockCount: geometry.blockCount, groupCount: geometry.groupCount, inodeCount: geometry.groupCount * geometry.inodesPerGroup, freeBlocks };
}
