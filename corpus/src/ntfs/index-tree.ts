/**
 * Directory index, a B-tree (libyal/libfsntfs, "index"):
 *
 * $INDEX_ROOT: type of the key's attribute u32, collation u32, block size u32, clusters per block u8, 3 bytes, node.
 * INDX block: `INDX`, update sequence offset and count, log sequence u64, VCN u64 at 16, node at 24, update sequence at 40, entries at 64.
 * Node: offset of the entries u32, length u32, allocated u32 (all from the node's start), flags u32 (1: has children).
 *
 * | entry offset | bytes | value |
 * | --- | --- | --- |
 * | 0 | 8 | record reference |
 * | 8, 10 | 2, 2 | entry length, key length |
 * | 12 | 4 | flags: 1 a child follows, 2 last of the node |
 * | 16 | | key; the last 8 bytes are the child's VCN where there is one |
 */
import { align8 } from './attribute.ts';
import { applyUpdateSequence } from './update-sequence.ts';

export const INDEX_BLOCK_BYTES = 4096;
const BLOCK_ENTRIES_OFFSET = 64;
const NODE_OFFSET = 24;
const END_ENTRY_BYTES = 16;
const CHILD_BYTES = 8;

/** One entry in index order: the record reference and the key. */
export interface IndexEntry {
  readonly reference: bigint;
  readonly key: Buffer;
}

interface PlacedEntry extends IndexEntry {
  /** Block number of the child, -1 for none. */
  readonly child: number;
}

/** A finished index: the root's value, and the blocks by number. */
export interface IndexTree {
  readonly root: Buffer;
  readonly blocks: readonly Buffer[];
}

/**
 * Builds the whole tree at once from sorted entries, leaves first.
 *
 * @param rootRoomBytes what the root's value may take, when it has blocks below it
 * @param rootOnlyRoomBytes the same when there are none (no allocation and bitmap in the record)
 * @param vcnStep VCN units from one block to the next
 */
export function buildIndexTree(
  entries: readonly IndexEntry[],
  options: { rootRoomBytes: number; rootOnlyRoomBytes: number; vcnStep: number; clustersPerBlock: number },
): IndexTree {
  const blocks: Buffer[] = [];
  let level: PlacedEntry[] = entries.map((entry) => ({ ...entry, child: -1 }));
  let lastChild = -1;
  for (;;) {
    const room = lastChild < 0 ? options.rootOnlyRoomBytes : options.rootRoomBytes;
    const rootBytes = 32 + level.reduce((sum, entry) => sum + entryLength(entry), 0) + END_ENTRY_BYTES + (lastChild < 0 ? 0 : CHILD_BYTES);
    if (rootBytes <= room) break;
    const parents: PlacedEntry[] = [];
    lastChild = splitLevel(level, lastChild, parents, blocks, options.vcnStep);
    level = parents;
  }
  const root = Buffer.alloc(32 + level.reduce((sum, entry) => sum + entryLength(entry), 0) + END_ENTRY_BYTES + (lastChild < 0 ? 0 : CHILD_BYTES));
  root.writeUInt32LE(0x30, 0);
  root.writeUInt32LE(1, 4);
  root.writeUInt32LE(INDEX_BLOCK_BYTES, 8);
  root[12] = options.clustersPerBlock;
  writeNode(root, 16, 32, level, lastChild, options.vcnStep, root.length - 16);
  return { root, blocks };
}

/** Cuts one level into blocks; the entry between two blocks goes up. Returns the last block's number. */
function splitLevel(level: readonly PlacedEntry[], lastChild: number, parents: PlacedEntry[], blocks: Buffer[], vcnStep: number): number {
  const room = INDEX_BLOCK_BYTES - BLOCK_ENTRIES_OFFSET - END_ENTRY_BYTES - CHILD_BYTES;
  for (let start = 0; start < level.length; ) {
    let end = start;
    for (let used = 0; end < level.length; end++) {
      used += entryLength(level[end]!);
      if (used > room) break;
    }
    // The entry at `end` goes up. Were it the last of all, the block after it would be empty.
    if (end === level.length - 1) end--;
    const separator = level[end];
    const number = blocks.length;
    blocks.push(buildBlock(level.slice(start, end), separator === undefined ? lastChild : separator.child, number, vcnStep));
    if (separator !== undefined) parents.push({ reference: separator.reference, key: separator.key, child: number });
    start = end + 1;
  }
  return blocks.length - 1;
}

function buildBlock(entries: readonly PlacedEntry[], lastChild: number, number: number, vcnStep: number): Buffer {
  const block = Buffer.alloc(INDEX_BLOCK_BYTES);
  block.write('INDX', 0, 'latin1');
  block.writeBigUInt64LE(BigInt(number * vcnStep), 16);
  writeNode(block, NODE_OFFSET, BLOCK_ENTRIES_OFFSET, entries, lastChild, vcnStep, INDEX_BLOCK_BYTES - NODE_OFFSET);
  applyUpdateSequence(block, 40, (number & 0x7fff) + 1);
  return block;
}

function entryLength(entry: PlacedEntry): number {
  return align8(16 + entry.key.length) + (entry.child < 0 ? 0 : CHILD_BYTES);
}

function writeNode(target: Buffer, nodeOffset: number, entriesOffset: number, entries: readonly PlacedEntry[], lastChild: number, vcnStep: number, allocatedBytes: number): void {
  let at = entriesOffset;
  for (const entry of entries) {
    const length = entryLength(entry);
    target.writeBigUInt64LE(entry.reference, at);
    target.writeUInt16LE(length, at + 8);
    target.writeUInt16LE(entry.key.length, at + 10);
    target.writeUInt32LE(entry.child < 0 ? 0 : 1, at + 12);
    target.set(entry.key, at + 16);
    if (entry.child >= 0) target.writeBigUInt64LE(BigInt(entry.child * vcnStep), at + length - 8);
    at += length;
  }
  const endLength = END_ENTRY_BYTES + (lastChild < 0 ? 0 : CHILD_BYTES);
  target.writeUInt16LE(endLength, at + 8);
  target.writeUInt32LE(lastChild < 0 ? 2 : 3, at + 12);
  if (lastChild >= 0) target.writeBigUInt64LE(BigInt(lastChild * vcnStep), at + 16);
  at += endLength;
  target.writeUInt32LE(entriesOffset - nodeOffset, nodeOffset);
  target.writeUInt32LE(at - nodeOffset, nodeOffset + 4);
  target.writeUInt32LE(allocatedBytes, nodeOffset + 8);
  target.writeUInt32LE(lastChild < 0 ? 0 : 1, nodeOffset + 12);
}
