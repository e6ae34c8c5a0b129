import type { ApfsRecord } from './apfs-node.ts';

/**
 * Records of an APFS file system tree (Apple File System Reference, `j_inode_val_t`,
 * `j_drec_hashed_key_t`, `j_file_extent_val_t`, `j_dstream_id_val_t`, `j_xattr_val_t`, `xf_blob_t`,
 * `j_phys_ext_val_t`). A key begins with the object id in 60 bits and the record type above them.
 */
const TYPE = { physicalExtent: 2, inode: 3, xattr: 4, dataStream: 6, extent: 8, directoryEntry: 9 } as const;
const MODE = { file: 0o100_644, folder: 0o040_755 } as const;
const ENTRY_TYPE = { file: 8, folder: 4 } as const;
const FIELD_NAME = 4;
const FIELD_DATA_STREAM = 8;
const FIELD_SPARSE_BYTES = 13;
const INODE_IS_SPARSE = 0x200n;
const FLAG_COMPRESSED = 0x20;

export type NodeKind = 'file' | 'folder';

function keyOf(id: bigint, type: number, rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(id | (BigInt(type) << 60n));
  return Buffer.concat([head, rest]);
}

export interface InodeFacts {
  readonly id: bigint;
  readonly parentId: bigint;
  readonly kind: NodeKind;
  readonly name: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** Children of a folder; links of a file. */
  readonly links: number;
  readonly sizeBytes: number;
  readonly storedBytes: number;
  /** Bytes of the content that are stored nowhere. */
  readonly holeBytes: number;
  readonly isCompressed: boolean;
}

export function inodeRecord(facts: InodeFacts): ApfsRecord {
  const value = Buffer.alloc(92);
  value.writeBigUInt64LE(facts.parentId, 0);
  value.writeBigUInt64LE(facts.id, 8);
  for (const at of [16, 24, 32, 40]) value.writeBigUInt64LE(facts.time, at);
  value.writeInt32LE(facts.links, 56);
  value.writeUInt32LE(facts.isCompressed ? FLAG_COMPRESSED : 0, 68);
  value.writeUInt16LE(MODE[facts.kind], 80);
  const fields: [number, number, Buffer][] = [[FIELD_NAME, 2, Buffer.from(`${facts.name}\0`)]];
  if (facts.kind === 'file' && !facts.isCompressed) {
    const stream = Buffer.alloc(40);
    stream.writeBigUInt64LE(BigInt(facts.sizeBytes), 0);
    stream.writeBigUInt64LE(BigInt(facts.storedBytes), 8);
    stream.writeBigUInt64LE(BigInt(facts.sizeBytes), 24);
    fields.push([FIELD_DATA_STREAM, 0x20, stream]);
    if (facts.holeBytes > 0) {
      const sparse = Buffer.alloc(8);
      sparse.writeBigUInt64LE(BigInt(facts.holeBytes));
      fields.push([FIELD_SPARSE_BYTES, 0x28, sparse]);
      value.writeBigUInt64LE(INODE_IS_SPARSE, 48);
    }
  }
  const data = fields.map(([, , bytes]) => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]));
  const table = Buffer.alloc(4 + fields.length * 4);
  table.writeUInt16LE(fields.length, 0);
  table.writeUInt16LE(data.reduce((sum, bytes) => sum + bytes.length, 0), 2);
  for (const [index, [type, flags, bytes]] of fields.entries()) {
    table.writeUInt8(type, 4 + index * 4);
    table.writeUInt8(flags, 5 + index * 4);
    table.writeUInt16LE(bytes.length, 6 + index * 4);
  }
  return { key: keyOf(facts.id, TYPE.inode), value: Buffer.concat([value, table, ...data]) };
}

/** @param name plain ASCII, so that it is its own normal form; letters are hashed in lower case */
export function directoryRecord(parentId: bigint, name: string, id: bigint, kind: NodeKind, time: bigint): ApfsRecord {
  const head = Buffer.alloc(4);
  const hash = crc32c(Buffer.concat([...name.toLowerCase()].map((letter) => Buffer.from([letter.codePointAt(0)!, 0, 0, 0]))));
  head.writeUInt32LE((((hash & 0x3f_ffff) << 10) | (name.length + 1)) >>> 0);
  const value = Buffer.alloc(18);
  value.writeBigUInt64LE(id, 0);
  value.writeBigUInt64LE(time, 8);
  value.writeUInt16LE(ENTRY_TYPE[kind], 16);
  return { key: keyOf(parentId, TYPE.directoryEntry, Buffer.concat([head, Buffer.from(`${name}\0`)])), value };
}

export function dataStreamRecord(id: bigint): ApfsRecord {
  return { key: keyOf(id, TYPE.dataStream), value: Buffer.from([1, 0, 0, 0]) };
}

/** @param block first block of the container; 0 where nothing is stored */
export function extentRecord(id: bigint, offset: number, lengthBytes: number, block: number): ApfsRecord {
  const at = Buffer.alloc(8);
  at.writeBigUInt64LE(BigInt(offset));
  const value = Buffer.alloc(24);
  value.writeBigUInt64LE(BigInt(lengthBytes), 0);
  value.writeBigUInt64LE(BigInt(block), 8);
  return { key: keyOf(id, TYPE.extent, at), value };
}

export function attributeRecord(id: bigint, name: string, content: Buffer): ApfsRecord {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(name.length + 1);
  const head = Buffer.from([2, 0, content.length & 0xff, content.length >> 8]);
  return { key: keyOf(id, TYPE.xattr, Buffer.concat([length, Buffer.from(`${name}\0`)])), value: Buffer.concat([head, content]) };
}

/** Record of the extent reference tree: who owns these blocks. */
export function ownerRecord(block: number, blocks: number, id: bigint): ApfsRecord {
  const value = Buffer.alloc(20);
  value.writeBigUInt64LE(BigInt(blocks) | (1n << 60n), 0);
  value.writeBigUInt64LE(id, 8);
  value.writeUInt32LE(1, 16);
  return { key: keyOf(BigInt(block), TYPE.physicalExtent), value };
}

/** The order of the tree: object id, record type, then the rest of the key (a number or a hash; names by bytes). */
export function compareRecords(a: ApfsRecord, b: ApfsRecord): number {
  const [first, second] = [a, b].map(({ key }) => key.readBigUInt64LE(0));
  const mask = (1n << 60n) - 1n;
  const difference = (first! & mask) - (second! & mask) || (first! >> 60n) - (second! >> 60n);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  const type = Number(first! >> 60n);
  if (type === TYPE.directoryEntry) return (a.key.readUInt32LE(8) >>> 10) - (b.key.readUInt32LE(8) >>> 10);
  if (type === TYPE.extent) return Number(a.key.readBigUInt64LE(8) - b.key.readBigUInt64LE(8));
  return Buffer.compare(a.key.subarray(10), b.key.subarray(10));
}

/** CRC-32C without the last inversion, as names are hashed. */
function crc32c(bytes: Buffer): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ ((sum & 1) === 1 ? 0x82f6_3b78 : 0);
  }
  return sum >>> 0;
}
