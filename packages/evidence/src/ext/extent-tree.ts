/**
 * Extent trees of ext4 (docs.kernel.org/filesystems/ext4/dynamic.html#extent-tree).
 *
 * | node part | fields |
 * | --- | --- |
 * | header, 12 bytes | u16 magic 0xF30A, u16 entries, u16 room, u16 depth (0 in leaves), u32 generation |
 * | index, 12 bytes | u32 first logical block, u32 node block low, u16 high, u16 unused |
 * | extent, 12 bytes | u32 first logical block, u16 length, u16 block high, u32 block low |
 *
 * A length above 32,768 marks blocks that are kept but not written: they read as zero.
 */
import type { MappingContext } from './map-content.ts';
import type { RunList } from './run-list.ts';

const MAGIC = 0xf30a;
const HEADER_BYTES = 12;
const ENTRY_BYTES = 12;
/** Five levels reach 2^32 blocks; the kernel refuses more. */
const MAX_DEPTH = 5;
export const MAX_WRITTEN_LENGTH = 32_768;

/** Adds what the extent tree rooted in the inode's 60 bytes at `at` names to `runs`. */
export function addExtentTree(root: Buffer, at: number, rootBytes: number, runs: RunList, context: MappingContext): void {
  addNode(root, at, rootBytes, -1, runs, context, new Set());
}

function addNode(
  node: Buffer, at: number, lengthBytes: number, expectedDepth: number,
  runs: RunList, context: MappingContext, visited: Set<number>,
): void {
  const entries = node.readUInt16LE(at + 2);
  const depth = node.readUInt16LE(at + 6);
  const room = Math.floor((lengthBytes - HEADER_BYTES) / ENTRY_BYTES);
  const isNode = node.readUInt16LE(at) === MAGIC && depth <= MAX_DEPTH && (expectedDepth < 0 || depth === expectedDepth);
  if (!isNode) {
    runs.fault({ kind: 'malformed', code: 'ext-extent-node-damaged', message: 'a node of the extent tree is damaged; the part it describes was not mapped' });
    return;
  }
  if (entries > room) {
    runs.fault({ kind: 'malformed', code: 'ext-extent-node-damaged', message: 'a node of the extent tree claims more entries than it has room for' });
  }
  for (let i = 0; i < Math.min(entries, room) && !runs.full; i++) {
    if (!context.spend(1, runs)) return;
    const entry = at + HEADER_BYTES + i * ENTRY_BYTES;
    if (depth === 0) {
      addExtent(node, entry, runs);
      continue;
    }
    const child = node.readUInt32LE(entry + 4) + node.readUInt16LE(entry + 8) * 0x1_0000_0000;
    if (visited.has(child)) {
      runs.fault({ kind: 'malformed', code: 'ext-map-loop', message: 'the extent tree of the content runs in a loop; the part behind it was not mapped' });
      continue;
    }
    visited.add(child);
    const bytes = context.readMapBlock(child, depth, runs);
    if (bytes !== null) addNode(bytes, 0, bytes.length, depth - 1, runs, context, visited);
  }
}

function addExtent(node: Buffer, at: number, runs: RunList): void {
  const logical = node.readUInt32LE(at);
  const storedLength = node.readUInt16LE(at + 4);
  const block = node.readUInt32LE(at + 8) + node.readUInt16LE(at + 6) * 0x1_0000_0000;
  const written = storedLength <= MAX_WRITTEN_LENGTH;
  runs.add(logical, block, written ? storedLength : storedLength - MAX_WRITTEN_LENGTH, written ? 'data' : 'uninitialised');
}
