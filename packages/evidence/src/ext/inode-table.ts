import type { ByteRange } from '@kerbside/bytes';
import type { BlockReader } from './block-reader.ts';
import type { GroupTable } from './group-descriptors.ts';
import type { Superblock } from './superblock.ts';

/** One read of a table: 256 KiB hold 1,024 inodes of 256 bytes, and a folder's files mostly stand together. */
const CHUNK_BYTES = 256 * 1024;
/** 16 MiB of tables are kept: enough for a walk that jumps between a few groups. */
const CHUNKS_KEPT = 64;

interface Chunk {
  readonly bytes: Buffer;
  readonly key: number;
}

/**
 * Inodes by number, read in chunks of whole tables and kept for a while. `bytes` and `at` point at
 * the inode after a successful `seek`, so that no object is made for each inode.
 */
export class InodeTable {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  readonly #blocks: BlockReader;
  readonly #superblock: Superblock;
  readonly #groups: GroupTable;
  readonly #chunks = new Map<number, Chunk>();
  readonly #inodesPerChunk: number;
  readonly #chunksPerGroup: number;
  #current: Chunk | null = null;
  #bitmaps: (Buffer | null | undefined)[] = [];
  #unread: ByteRange[] = [];

  constructor(blocks: BlockReader, superblock: Superblock, groups: GroupTable) {
    this.#blocks = blocks;
    this.#superblock = superblock;
    this.#groups = groups;
    this.#inodesPerChunk = Math.max(CHUNK_BYTES, blocks.blockSizeBytes) / superblock.inodeSizeBytes;
    this.#chunksPerGroup = Math.ceil(superblock.inodesPerGroup / this.#inodesPerChunk);
  }

  /** Points at an inode; false when its table is missing or lies outside the volume. */
  seek(inode: number): boolean {
    const { inodesPerGroup, inodeSizeBytes, inodeCount } = this.#superblock;
    if (!(inode > 0 && inode <= inodeCount)) return false;
    const group = Math.floor((inode - 1) / inodesPerGroup);
    const index = inode - 1 - group * inodesPerGroup;
    const chunkIndex = Math.floor(index / this.#inodesPerChunk);
    const key = group * this.#chunksPerGroup + chunkIndex;
    if (this.#current?.key !== key) {
      const chunk = this.#chunk(key, group, chunkIndex);
      if (chunk === null) return false;
      this.#current = chunk;
      this.bytes = chunk.bytes;
    }
    this.at = (index - chunkIndex * this.#inodesPerChunk) * inodeSizeBytes;
    return this.at + inodeSizeBytes <= this.bytes.length;
  }

  /** Offset on the source where the inode's bytes stand. */
  sourceOffsetOf(inode: number): number {
    const { inodesPerGroup, inodeSizeBytes, blockSizeBytes } = this.#superblock;
    const group = Math.floor((inode - 1) / inodesPerGroup);
    const at = (inode - 1 - group * inodesPerGroup) * inodeSizeBytes;
    const block = this.#groups.inodeTable[group]! + Math.floor(at / blockSizeBytes);
    return this.#blocks.sourceOffsetOf(block) + (at % blockSizeBytes);
  }

  /** What the inode bitmap says; false also where there is no bitmap to ask. */
  isAllocated(inode: number): boolean {
    const { inodesPerGroup, inodeCount } = this.#superblock;
    if (!(inode > 0 && inode <= inodeCount)) return false;
    const group = Math.floor((inode - 1) / inodesPerGroup);
    const index = inode - 1 - group * inodesPerGroup;
    if (index >= this.#groups.usedInodes[group]!) return false;
    const bitmap = this.#bitmap(group);
    return bitmap !== null && (bitmap[index >>> 3]! & (1 << (index & 7))) !== 0;
  }

  /** Ranges of tables and bitmaps that could not be read since the last call; they were taken as zero. */
  takeUnread(): readonly ByteRange[] {
    const taken = this.#unread;
    if (taken.length > 0) this.#unread = [];
    return taken;
  }

  #bitmap(group: number): Buffer | null {
    const known = this.#bitmaps[group];
    if (known !== undefined) return known;
    const block = this.#groups.inodeBitmap[group]!;
    let bitmap: Buffer | null = null;
    if (this.#blocks.has(block)) {
      const bytes = Buffer.alloc(this.#blocks.blockSizeBytes);
      this.#unread.push(...this.#blocks.read(bytes, block));
      // a copy, so that the rest of the block is not kept
      bitmap = Buffer.from(bytes.subarray(0, Math.ceil(this.#superblock.inodesPerGroup / 8)));
    }
    this.#bitmaps[group] = bitmap;
    return bitmap;
  }

  #chunk(key: number, group: number, chunkIndex: number): Chunk | null {
    const known = this.#chunks.get(key);
    if (known !== undefined) {
      this.#chunks.delete(key);
      this.#chunks.set(key, known);
      return known;
    }
    const table = this.#groups.inodeTable[group]!;
    if (table < 0) return null;
    const { inodeSizeBytes, inodesPerGroup, blockSizeBytes } = this.#superblock;
    const first = chunkIndex * this.#inodesPerChunk;
    const inodes = Math.min(this.#inodesPerChunk, inodesPerGroup - first);
    const block = table + (first * inodeSizeBytes) / blockSizeBytes;
    const count = Math.min(Math.ceil((inodes * inodeSizeBytes) / blockSizeBytes), this.#blocks.blockCount - block);
    if (count <= 0 || !this.#blocks.has(block, count)) return null;
    const bytes = this.#spareBuffer(count * blockSizeBytes);
    this.#unread.push(...this.#blocks.read(bytes, block));
    const chunk = { bytes, key };
    this.#chunks.set(key, chunk);
    return chunk;
  }

  /** A buffer for the next chunk: the one longest unused, where enough are kept. */
  #spareBuffer(length: number): Buffer {
    if (this.#chunks.size >= CHUNKS_KEPT) {
      const [oldest] = this.#chunks.values();
      if (oldest !== undefined) {
        this.#chunks.delete(oldest.key);
        if (oldest.bytes.length === length && oldest !== this.#current) return oldest.bytes;
      }
    }
    return Buffer.allocUnsafe(length);
  }
}
