/**
 * Nodes and blocks of a mailbox ([MS-PST] 2.2.2.8). A node's content is one block, or a tree of blocks:
 * `01`, level u8, count u16, total u32, then block ids. Its subnodes: `02`, level u8, count u16
 * (and 4 unused bytes in Unicode files), then node id, block of content, block of subnodes.
 */
import { inflateSync } from 'node:zlib';
import { KerbsideError, LimitError, MalformedError, readView, type ByteView, type RandomAccessSource } from '@kerbside/bytes';
import { decodePermuted } from './pst-decoding.ts';
import { MAX_PST_BLOCK_BYTES, MAX_PST_HEAP_BYTES, MAX_PST_SUBNODES, parsePstHeader, type PstLayout } from './pst-format.ts';
import { PstTree } from './pst-tree.ts';

/** Where a node's content and its subnodes are: ids of blocks, 0 for none. */
export interface PstNode {
  readonly id: number;
  readonly contentBlock: number;
  readonly subnodeBlock: number;
  /** The folder of a message; 0 for a subnode. */
  readonly parentId: number;
}

/**
 * Bytes of blocks read in all, as a multiple of the mailbox: a sound walk reads each block once or twice, a
 * planted one could let every message share one heap, or every list one block.
 */
const MAX_WORK_RATIO = 64;
/** What looking up and unpacking a block costs, at the least. */
const PER_BLOCK_BYTES = 4096;
const FREE_WORK_BYTES = 256 * 1024 * 1024;

/** Bit of a block id: the block belongs to the file's own structure and is not encoded. */
const INTERNAL = 2;

export class PstFile {
  readonly layout: PstLayout;
  readonly #source: RandomAccessSource;
  readonly #nodes: PstTree;
  readonly #blocks: PstTree;
  #workBytes = 0;

  /** @throws as `parsePstHeader` */
  constructor(source: RandomAccessSource) {
    this.#source = source;
    this.layout = parsePstHeader(source);
    this.#nodes = new PstTree(source, this.layout, this.layout.nodeRoot, 0x81);
    this.#blocks = new PstTree(source, this.layout, this.layout.blockRoot, 0x80);
  }

  *nodes(): Iterable<PstNode | KerbsideError> {
    for (const entry of this.#nodes.entries()) yield entry instanceof KerbsideError ? entry : this.#nodeOf(entry);
  }

  findNode(id: number): PstNode | null {
    const entry = this.#nodes.find(id);
    return entry === null ? null : this.#nodeOf(entry);
  }

  /** The blocks of a node's content, decoded, in order. @throws MalformedError `pst-block-damaged`; MediumError */
  *contentBlocks(blockId: number): Iterable<Buffer> {
    if (blockId !== 0) yield* this.#dataTree(blockId, 2);
  }

  /** A node's content as one. @throws as `contentBlocks`; LimitError `pst-heap-limit` */
  readBlocks(blockId: number): Buffer[] {
    const blocks: Buffer[] = [];
    let total = 0;
    for (const block of this.contentBlocks(blockId)) {
      total += block.length;
      if (total > MAX_PST_HEAP_BYTES) throw new LimitError('pst-heap-limit', `the properties of one message take more than ${MAX_PST_HEAP_BYTES} bytes`);
      blocks.push(block);
    }
    return blocks;
  }

  /** The subnodes of a node by id. @throws MalformedError `pst-block-damaged`; LimitError `pst-subnodes-limit` */
  subnodes(blockId: number): ReadonlyMap<number, PstNode> {
    const found = new Map<number, PstNode>();
    if (blockId !== 0) this.#collectSubnodes(blockId, 1, found);
    return found;
  }

  *#dataTree(blockId: number, depth: number): Iterable<Buffer> {
    const block = this.#readBlock(blockId);
    if ((blockId & INTERNAL) === 0) {
      yield block;
      return;
    }
    const { wide } = this.layout;
    if (block.length < 8 || block[0] !== 1 || block[1]! < 1 || block[1]! > depth) throw damaged('a list of blocks is none');
    const count = block.readUInt16LE(2);
    if (8 + count * wide > block.length) throw damaged('a list of blocks runs past its end');
    for (let i = 0; i < count; i++) yield* this.#dataTree(idAt(block, 8 + i * wide, wide), block[1]! - 1);
  }

  #collectSubnodes(blockId: number, depth: number, found: Map<number, PstNode>): void {
    const block = this.#readBlock(blockId);
    const { wide, isUnicode } = this.layout;
    const start = isUnicode ? 8 : 4;
    if (block.length < start || block[0] !== 2 || block[1]! > depth) throw damaged('a list of subnodes is none');
    const count = block.readUInt16LE(2);
    const width = block[1] === 1 ? wide * 2 : wide * 3;
    if (start + count * width > block.length) throw damaged('a list of subnodes runs past its end');
    for (let i = 0; i < count; i++) {
      const at = start + i * width;
      if (block[1] === 1) {
        this.#collectSubnodes(idAt(block, at + wide, wide), 0, found);
        continue;
      }
      if (found.size >= MAX_PST_SUBNODES) throw new LimitError('pst-subnodes-limit', `a message has more than ${MAX_PST_SUBNODES} subnodes`);
      const id = block.readUInt32LE(at);
      found.set(id, { id, contentBlock: idAt(block, at + wide, wide), subnodeBlock: idAt(block, at + wide * 2, wide), parentId: 0 });
    }
  }

  #readBlock(blockId: number): Buffer {
    // The lowest bit of an id is not part of it.
    const entry = this.#blocks.find(blockId - (blockId % 2));
    if (entry === null) throw damaged('it refers to a block that is not there');
    const { wide, isLarge, isPermuted } = this.layout;
    const place = wide === 8 ? entry.u64(8) : entry.u32(4);
    const storedBytes = entry.u16(wide * 2);
    this.#workBytes += storedBytes + PER_BLOCK_BYTES;
    if (this.#workBytes > FREE_WORK_BYTES + this.#source.sizeBytes * MAX_WORK_RATIO) {
      throw new LimitError('pst-work-limit', `its blocks were read more than ${MAX_WORK_RATIO} times over, as only a trap asks for; the rest was not read`);
    }
    const plainBytes = isLarge ? entry.u16(wide * 2 + 2) : storedBytes;
    let block: Buffer = readView(this.#source, place, storedBytes).bytes;
    if (isLarge && plainBytes !== storedBytes) block = inflateBlock(block, plainBytes);
    if (isPermuted && (blockId & INTERNAL) === 0) decodePermuted(block);
    return block;
  }

  #nodeOf(entry: ByteView): PstNode {
    const { wide } = this.layout;
    const at = (index: number): number => (wide === 8 ? entry.u64(index * 8) : entry.u32(index * 4));
    return { id: entry.u32(0), contentBlock: at(1), subnodeBlock: at(2), parentId: entry.u32(wide * 3) };
  }
}

function inflateBlock(block: Buffer, plainBytes: number): Buffer {
  try {
    const plain = inflateSync(block, { maxOutputLength: MAX_PST_BLOCK_BYTES });
    if (plain.length === plainBytes) return plain;
  } catch (cause) {
    throw damaged('a packed block cannot be unpacked', cause);
  }
  throw damaged('a packed block does not have the length stated');
}

function idAt(block: Buffer, at: number, wide: 4 | 8): number {
  return wide === 8 ? Number(block.readBigUInt64LE(at)) : block.readUInt32LE(at);
}

function damaged(what: string, cause?: unknown): MalformedError {
  return new MalformedError('pst-block-damaged', `a node of the mailbox cannot be read: ${what}`, {}, cause);
}
