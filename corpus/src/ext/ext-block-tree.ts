/**
 * Encodes where a file's blocks are: an extent tree (ext4) or a block map with indirect blocks (ext2).
 * Layouts: docs.kernel.org/filesystems/ext4/dynamic.html, "Extent Tree" and "Direct/Indirect Block Addressing".
 */
import type { BlockAllocator, BlockRun } from './block-allocator.ts';

export interface EncodedMap {
  /** The 60 bytes of the inode. */
  readonly root: Buffer;
  /** Blocks that the map itself takes, with their bytes. */
  readonly blocks: readonly { readonly block: number; readonly bytes: Buffer }[];
}

const EXTENT_MAGIC = 0xf30a;
const ROOM_IN_INODE = 4;
const MAX_EXTENT_BLOCKS = 32_768;

interface TreeEntry {
  readonly logical: number;
  readonly block: number;
  /** Length of an extent; 0 for an index entry. */
  readonly count: number;
}

/** Encodes runs as an extent tree, as deep as it must be. */
export function encodeExtents(runs: readonly BlockRun[], blockSizeBytes: number, allocator: BlockAllocator): EncodedMap {
  let entries: TreeEntry[] = [];
  let logical = 0;
  for (const [first, count] of runs) {
    for (let done = 0; done < count; done += MAX_EXTENT_BLOCKS) {
      const length = Math.min(MAX_EXTENT_BLOCKS, count - done);
      entries.push({ logical, block: first + done, count: length });
      logical += length;
    }
  }
  const blocks: { block: number; bytes: Buffer }[] = [];
  const room = Math.floor((blockSizeBytes - 12) / 12);
  let depth = 0;
  while (entries.length > ROOM_IN_INODE) {
    const above: TreeEntry[] = [];
    for (let at = 0; at < entries.length; at += room) {
      const block = allocator.take(1)[0]![0];
      const bytes = Buffer.alloc(blockSizeBytes);
      writeNode(bytes, entries.slice(at, at + room), room, depth);
      blocks.push({ block, bytes });
      above.push({ logical: entries[at]!.logical, block, count: 0 });
    }
    entries = above;
    depth += 1;
  }
  const root = Buffer.alloc(60);
  writeNode(root, entries, ROOM_IN_INODE, depth);
  return { root, blocks };
}

function writeNode(node: Buffer, entries: readonly TreeEntry[], room: number, depth: number): void {
  node.writeUInt16LE(EXTENT_MAGIC, 0);
  node.writeUInt16LE(entries.length, 2);
  node.writeUInt16LE(room, 4);
  node.writeUInt16LE(depth, 6);
  entries.forEach((entry, i) => {
    const at = 12 + i * 12;
    node.writeUInt32LE(entry.logical, at);
    if (depth === 0) {
      node.writeUInt16LE(entry.count, at + 4);
      node.writeUInt32LE(entry.block, at + 8);
    } else {
      node.writeUInt32LE(entry.block, at + 4);
    }
  });
}

/** Encodes runs as a block map: twelve direct blocks, then up to three levels of indirection. */
export function encodeBlockMap(runs: readonly BlockRun[], blockSizeBytes: number, allocator: BlockAllocator): EncodedMap {
  const numbers: number[] = [];
  for (const [first, count] of runs) for (let i = 0; i < count; i++) numbers.push(first + i);
  const root = Buffer.alloc(60);
  numbers.slice(0, 12).forEach((block, i) => root.writeUInt32LE(block, i * 4));
  const blocks: { block: number; bytes: Buffer }[] = [];
  const perBlock = blockSizeBytes / 4;
  const writeLevel = (from: number, level: number): number => {
    const block = allocator.take(1)[0]![0];
    const bytes = Buffer.alloc(blockSizeBytes);
    const span = perBlock ** (level - 1);
    for (let i = 0; i < perBlock && from + i * span < numbers.length; i++) {
      bytes.writeUInt32LE(level === 1 ? numbers[from + i]! : writeLevel(from + i * span, level - 1), i * 4);
    }
    blocks.push({ block, bytes });
    return block;
  };
  let from = 12;
  for (let level = 1; level <= 3 && from < numbers.length; level++) {
    root.writeUInt32LE(writeLevel(from, level), (11 + level) * 4);
    from += perBlock ** level;
  }
  if (from < numbers.length) throw new RangeError('a file is too large for a block map');
  return { root, blocks };
}
