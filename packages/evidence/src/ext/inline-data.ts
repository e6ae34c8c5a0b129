/**
 * Inline data (docs.kernel.org/filesystems/ext4/dynamic.html#inline-data): the first 60 bytes stand
 * where the block map would, the rest is the value of the extended attribute `system.data` inside the inode.
 *
 * | at | size | field of an attribute entry, after the magic 0xEA020000 |
 * | --- | --- | --- |
 * | 0, 1 | 1, 1 | name length, name class (7 is `system.`) |
 * | 2 | 2 | value offset, from the first entry |
 * | 4 | 4 | inode that holds the value; 0 means here |
 * | 8 | 4 | value size |
 * | 16 | … | name, padded to four bytes |
 */
import { BLOCK_MAP_AT, BLOCK_MAP_BYTES, INODE_BASE_BYTES } from './inode-fields.ts';

const ATTRIBUTE_MAGIC = 0xea02_0000;
const SYSTEM_CLASS = 7;

/**
 * The parts of an inode's inline data as `[start, end)` offsets relative to the inode: the block map
 * area, then the attribute's value where there is one.
 */
export function inlineParts(table: Buffer, at: number, inodeSizeBytes: number): readonly (readonly [number, number])[] {
  const first = [BLOCK_MAP_AT, BLOCK_MAP_AT + BLOCK_MAP_BYTES] as const;
  if (inodeSizeBytes <= INODE_BASE_BYTES) return [first];
  const start = INODE_BASE_BYTES + table.readUInt16LE(at + INODE_BASE_BYTES);
  if (start + 4 > inodeSizeBytes || table.readUInt32LE(at + start) !== ATTRIBUTE_MAGIC) return [first];
  const entries = start + 4;
  let entry = entries;
  while (entry + 16 <= inodeSizeBytes && table.readUInt32LE(at + entry) !== 0) {
    const nameLength = table[at + entry]!;
    const isData = nameLength === 4 && table[at + entry + 1] === SYSTEM_CLASS && entry + 20 <= inodeSizeBytes &&
      table.toString('latin1', at + entry + 16, at + entry + 20) === 'data';
    if (isData) {
      const valueAt = entries + table.readUInt16LE(at + entry + 2);
      const valueBytes = table.readUInt32LE(at + entry + 8);
      const inside = table.readUInt32LE(at + entry + 4) === 0 && valueAt + valueBytes <= inodeSizeBytes;
      return inside && valueBytes > 0 ? [first, [valueAt, valueAt + valueBytes]] : [first];
    }
    entry += 16 + ((nameLength + 3) & ~3);
  }
  return [first];
}
