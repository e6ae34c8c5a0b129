/**
 * A root leaf of an APFS B-tree with keys and values of any length (Apple File System Reference,
 * `btree_node_phys_t`), little-endian, in one block:
 *
 * | at | what |
 * |---|---|
 * | 0 | object header: Fletcher-64 (8), object id (8), transaction (8), type (4), subtype (4) |
 * | 32 | flags u16 (1 root, 2 leaf), level u16, number of keys u32 |
 * | 40 | table {offset, length}, free space {offset, length}, free keys and free values {0xffff, 0} |
 * | 56 | table of {key offset, key length, value offset, value length}, u16 each; then the keys |
 * | end − 40 | flags u32, node size u32, key size u32, value size u32, longest key u32, longest value u32, keys u64, nodes u64; values end here, counted backwards |
 */
const NODE_HEAD_BYTES = 56;
const FOOTER_BYTES = 40;
const ENTRY_BYTES = 8;

export interface ApfsRecord {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The records of a root leaf in their order. */
export function readLeaf(block: Buffer): ApfsRecord[] {
  const table = NODE_HEAD_BYTES + block.readUInt16LE(40);
  const keys = table + block.readUInt16LE(42);
  const valuesEnd = block.length - FOOTER_BYTES;
  return Array.from({ length: block.readUInt32LE(36) }, (_, index) => {
    const at = table + index * ENTRY_BYTES;
    const key = keys + block.readUInt16LE(at);
    const value = valuesEnd - block.readUInt16LE(at + 4);
    return { key: Buffer.from(block.subarray(key, key + block.readUInt16LE(at + 2))), value: Buffer.from(block.subarray(value, value + block.readUInt16LE(at + 6))) };
  });
}

/** Puts these records, already in the order of the tree, in place of those of a root leaf. @throws RangeError when they do not fit */
export function replaceLeaf(block: Buffer, records: readonly ApfsRecord[]): void {
  const tableBytes = Math.max(block.readUInt16LE(42), Math.ceil((records.length * ENTRY_BYTES) / 64) * 64);
  const keys = NODE_HEAD_BYTES + tableBytes;
  const valuesEnd = block.length - FOOTER_BYTES;
  const keyBytes = records.reduce((sum, { key }) => sum + key.length, 0);
  const valueBytes = records.reduce((sum, { value }) => sum + value.length, 0);
  if (keys + keyBytes + valueBytes > valuesEnd) throw new RangeError('the records do not fit into one node');
  block.fill(0, NODE_HEAD_BYTES, valuesEnd);
  let key = 0;
  let value = 0;
  for (const [index, record] of records.entries()) {
    value += record.value.length;
    const at = NODE_HEAD_BYTES + index * ENTRY_BYTES;
    for (const [field, number] of [key, record.key.length, value, record.value.length].entries()) block.writeUInt16LE(number, at + field * 2);
    record.key.copy(block, keys + key);
    record.value.copy(block, valuesEnd - value);
    key += record.key.length;
  }
  block.writeUInt32LE(records.length, 36);
  for (const [field, number] of [0, tableBytes, keyBytes, valuesEnd - keys - keyBytes - valueBytes, 0xffff, 0, 0xffff, 0].entries()) block.writeUInt16LE(number, 40 + field * 2);
  block.writeUInt32LE(Math.max(0, ...records.map((record) => record.key.length)), valuesEnd + 16);
  block.writeUInt32LE(Math.max(0, ...records.map((record) => record.value.length)), valuesEnd + 20);
  block.writeBigUInt64LE(BigInt(records.length), valuesEnd + 24);
}

/** Writes the checksum of an object: Fletcher-64 over all words but its own. */
export function seal(block: Buffer): void {
  const modulus = 0xffff_ffffn;
  let low = 0n;
  let high = 0n;
  for (let at = 8; at < block.length; at += 4) {
    low = (low + BigInt(block.readUInt32LE(at))) % modulus;
    high = (high + low) % modulus;
  }
  const first = modulus - ((low + high) % modulus);
  const second = modulus - ((low + first) % modulus);
  block.writeBigUInt64LE((second << 32n) | first, 0);
}
