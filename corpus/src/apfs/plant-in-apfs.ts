import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { readLeaf, replaceLeaf, seal } from './apfs-node.ts';
import { attributeRecord, compareRecords, dataStreamRecord, directoryRecord, extentRecord, inodeRecord, ownerRecord, type NodeKind } from './apfs-records.ts';
import type { ApfsRecord } from './apfs-node.ts';

/** One file for a container; a few dozen records fit, as the tree stays one node. */
export interface ApfsFile {
  /** Slash-separated path of plain ASCII names; folders on the way are made. */
  readonly path: string;
  readonly content: Buffer;
  /** Pieces that its blocks lie in, with free blocks between them. */
  readonly fragments?: number;
  /** Blocks of zeros before the content, with nothing stored. */
  readonly holeBlocks?: number;
  /** True: the content is the value of a compression attribute; nothing is in blocks. */
  readonly compressed?: boolean;
}

const BLOCK = 4_096;
const ROOT_ID = 2n;
const NANOSECONDS = 1_000_000_000n;
/** 2024-01-02 03:04:05.678901234 UTC. */
const TIME = 1_704_164_645n * NANOSECONDS + 678_901_234n;

/**
 * Puts files into an empty container of one volume as `mkapfs` makes it, and brings counters, owners
 * and the free-space bitmap along, so that `apfsck` finds no fault.
 * @param startOffset where the container begins in the file
 */
export function plantInApfs(path: string, files: readonly ApfsFile[], startOffset = 0): void {
  const file = openSync(path, 'r+');
  const read = (block: number): Buffer => {
    const bytes = Buffer.alloc(BLOCK);
    readSync(file, bytes, 0, BLOCK, startOffset + block * BLOCK);
    return bytes;
  };
  const write = (block: number, bytes: Buffer): void => void writeSync(file, bytes, 0, bytes.length, startOffset + block * BLOCK);
  try {
    const container = read(0);
    const volumeBlock = onlyAddress(read(Number(read(number(container, 160)).readBigUInt64LE(48))));
    const volume = read(volumeBlock);
    const treeBlock = onlyAddress(read(number(read(number(volume, 128)), 48)));
    const tree = read(treeBlock);
    const owners = read(number(volume, 144));
    const plan = planFiles(files, number(volume, 176), firstFreeBlock(read, container));
    const records = [...readLeaf(tree).map((record) => withChildren(record, plan.rootChildren)), ...plan.records];
    replaceLeaf(tree, records.toSorted(compareRecords));
    replaceLeaf(owners, plan.blocks.map(({ block, content, id }) => ownerRecord(block, content.length / BLOCK, id)));
    for (const [at, change] of [[88, plan.blockCount], [176, plan.ids], [184, plan.files], [192, plan.folders], [224, plan.blockCount]] as const) volume.writeBigUInt64LE(volume.readBigUInt64LE(at) + BigInt(change), at);
    for (const [block, bytes] of [[treeBlock, tree], [number(volume, 144), owners], [volumeBlock, volume]] as const) {
      seal(bytes);
      write(block, bytes);
    }
    for (const { block, content } of plan.blocks) write(block, content);
    takeBlocks(read, write, container, plan.blocks.map(({ block, content }) => [block, content.length / BLOCK]));
  } finally {
    closeSync(file);
  }
}

interface Plan {
  readonly records: ApfsRecord[];
  readonly blocks: { block: number; content: Buffer; id: bigint }[];
  rootChildren: number;
  ids: number;
  files: number;
  folders: number;
  blockCount: number;
}

function planFiles(files: readonly ApfsFile[], firstId: number, firstBlock: number): Plan {
  const plan: Plan = { records: [], blocks: [], rootChildren: 0, ids: 0, files: 0, folders: 0, blockCount: 0 };
  const children = new Map<bigint, number>();
  const folders = new Map<string, bigint>([['', ROOT_ID]]);
  const inodes: (() => ApfsRecord)[] = [];
  let nextBlock = firstBlock;
  const add = (path: string, kind: NodeKind, one?: ApfsFile): bigint => {
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    const folder = cut < 0 ? '' : path.slice(0, cut);
    const parentId = folders.get(folder) ?? add(folder, 'folder');
    const id = BigInt(firstId + plan.ids++);
    children.set(parentId, (children.get(parentId) ?? 0) + 1);
    plan.records.push(directoryRecord(parentId, name, id, kind, TIME));
    if (kind === 'folder') folders.set(path, id);
    plan[kind === 'folder' ? 'folders' : 'files'] += 1;
    const isCompressed = one?.compressed === true;
    let storedBytes = 0;
    let sizeBytes = 0;
    const holeBytes = isCompressed ? 0 : (one?.holeBlocks ?? 0) * BLOCK;
    if (one !== undefined && isCompressed) plan.records.push(attributeRecord(id, 'com.apple.decmpfs', one.content));
    else if (one !== undefined) {
      sizeBytes = holeBytes + one.content.length;
      const padded = Buffer.concat([one.content, Buffer.alloc((BLOCK - (one.content.length % BLOCK)) % BLOCK)]);
      const pieceBytes = Math.ceil(padded.length / BLOCK / (one.fragments ?? 1)) * BLOCK;
      plan.records.push(dataStreamRecord(id));
      if (holeBytes > 0) plan.records.push(extentRecord(id, 0, holeBytes, 0));
      for (let at = 0; at < padded.length; at += pieceBytes) {
        const content = padded.subarray(at, at + pieceBytes);
        plan.blocks.push({ block: nextBlock, content, id });
        plan.records.push(extentRecord(id, holeBytes + at, content.length, nextBlock));
        plan.blockCount += content.length / BLOCK;
        nextBlock += content.length / BLOCK + 3;
      }
      storedBytes = padded.length + holeBytes;
    }
    inodes.push(() => inodeRecord({ id, parentId, kind, name, time: TIME, links: kind === 'folder' ? (children.get(id) ?? 0) : 1, sizeBytes, storedBytes, holeBytes, isCompressed }));
    return id;
  };
  for (const each of files) add(each.path, 'file', each);
  plan.records.push(...inodes.map((make) => make()));
  plan.rootChildren = children.get(ROOT_ID) ?? 0;
  return plan;
}

/** The inode of the root counts its children. */
function withChildren(record: ApfsRecord, count: number): ApfsRecord {
  if (record.key.readBigUInt64LE(0) !== (ROOT_ID | (3n << 60n))) return record;
  record.value.writeInt32LE(count, 56);
  return record;
}

/** The value of the one record of an object map's tree: flags u32, size u32, address u64. */
function onlyAddress(block: Buffer): number {
  const valuesEnd = block.length - 40;
  const table = 56 + block.readUInt16LE(40);
  return Number(block.readBigUInt64LE(valuesEnd - block.readUInt16LE(table + 2) + 8));
}

function number(block: Buffer, at: number): number {
  return Number(block.readBigUInt64LE(at));
}

/** Block of the space manager, from the checkpoint map in the descriptor area's first block. */
function spaceManagerBlock(read: (block: number) => Buffer, container: Buffer): number {
  const map = read(number(container, 112));
  for (let index = 0; index < map.readUInt32LE(36); index += 1) {
    const at = 40 + index * 40;
    if ((map.readUInt32LE(at) & 0xffff) === 5) return number(map, at + 32);
  }
  throw new RangeError('the checkpoint names no space manager');
}

/** First chunk's record: transaction u64, address u64, blocks u32, free u32, bitmap u64. */
function firstChunk(read: (block: number) => Buffer, manager: Buffer): { block: number; info: Buffer; bitmap: number } {
  const block = number(manager, manager.readUInt32LE(80));
  const info = read(block);
  return { block, info, bitmap: number(info, 40 + 24) };
}

/** Well behind all that `mkapfs` wrote, and still in the first chunk. */
function firstFreeBlock(read: (block: number) => Buffer, container: Buffer): number {
  const { bitmap } = firstChunk(read, read(spaceManagerBlock(read, container)));
  const bits = read(bitmap);
  const last = bits.findLastIndex((byte) => byte !== 0);
  return (last + 2) * 8;
}

function takeBlocks(read: (block: number) => Buffer, write: (block: number, bytes: Buffer) => void, container: Buffer, runs: readonly (readonly [number, number])[]): void {
  const managerBlock = spaceManagerBlock(read, container);
  const manager = read(managerBlock);
  const chunk = firstChunk(read, manager);
  const bits = read(chunk.bitmap);
  let taken = 0;
  for (const [start, count] of runs) {
    for (let block = start; block < start + count; block += 1) bits.writeUInt8(bits.readUInt8(block >> 3) | (1 << (block & 7)), block >> 3);
    taken += count;
  }
  chunk.info.writeUInt32LE(chunk.info.readUInt32LE(40 + 20) - taken, 40 + 20);
  manager.writeBigUInt64LE(manager.readBigUInt64LE(72) - BigInt(taken), 72);
  seal(chunk.info);
  seal(manager);
  write(chunk.bitmap, bits);
  write(chunk.block, chunk.info);
  write(managerBlock, manager);
}
