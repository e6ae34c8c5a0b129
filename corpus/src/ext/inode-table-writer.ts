import type { ExtGeometry } from './ext-geometry.ts';
import type { VolumeSink } from './volume-sink.ts';

/** What an inode says; times are seconds since 1970-01-01 UTC. */
export interface InodeFacts {
  readonly mode: number;
  readonly sizeBytes: number;
  readonly links: number;
  /** Blocks that content and map take. */
  readonly blocks: number;
  readonly modifiedAtSeconds: number;
  /** 0 unless deleted. */
  readonly deletedAtSeconds: number;
  readonly root: Buffer;
}

const FLAG_EXTENTS = 0x8_0000;
const EXTRA_BYTES = 32;

/** Writes inodes into the tables. One group's table is held at a time, so inodes past the first group must come in rising order. */
export class InodeTableWriter {
  readonly bitmaps: Buffer[];
  readonly #geometry: ExtGeometry;
  readonly #sink: VolumeSink;
  readonly #tables = new Map<number, Buffer>();

  constructor(geometry: ExtGeometry, sink: VolumeSink) {
    this.#geometry = geometry;
    this.#sink = sink;
    this.bitmaps = geometry.groups.map(() => {
      const bitmap = Buffer.alloc(geometry.blockSizeBytes, 0xff);
      bitmap.fill(0, 0, geometry.inodesPerGroup / 8);
      return bitmap;
    });
  }

  /** Marks an inode as in use without writing it (the reserved ones). */
  reserve(inode: number): void {
    const { group, index } = this.#place(inode);
    this.bitmaps[group]![index >>> 3]! |= 1 << (index & 7);
  }

  write(inode: number, facts: InodeFacts): void {
    const { group, index } = this.#place(inode);
    if (facts.deletedAtSeconds === 0) this.reserve(inode);
    const table = this.#table(group);
    const at = index * this.#geometry.inodeSizeBytes;
    const isExt4 = this.#geometry.variant === 'ext4';
    table.writeUInt16LE(facts.mode, at);
    table.writeUInt32LE(facts.sizeBytes % 0x1_0000_0000, at + 4);
    table.writeUInt32LE(Math.floor(facts.sizeBytes / 0x1_0000_0000), at + 0x6c);
    for (const field of [0x08, 0x0c, 0x10]) table.writeInt32LE(facts.modifiedAtSeconds | 0, at + field);
    table.writeUInt32LE(facts.deletedAtSeconds, at + 0x14);
    table.writeUInt16LE(facts.links, at + 0x1a);
    const sectors = facts.blocks * (this.#geometry.blockSizeBytes / 512);
    table.writeUInt32LE(sectors % 0x1_0000_0000, at + 0x1c);
    table.writeUInt32LE(isExt4 ? FLAG_EXTENTS : 0, at + 0x20);
    facts.root.copy(table, at + 0x28, 0, 60);
    table.writeUInt32LE(inode * 7 + 1, at + 0x64);
    if (!isExt4) return;
    table.writeUInt16LE(Math.floor(sectors / 0x1_0000_0000), at + 0x74);
    table.writeUInt16LE(EXTRA_BYTES, at + 0x80);
    table.writeInt32LE(facts.modifiedAtSeconds | 0, at + 0x90);
  }

  /** Inodes of the group that its bitmap shows free. */
  freeInodesOf(group: number): number {
    const bitmap = this.bitmaps[group]!;
    let free = 0;
    for (let bit = 0; bit < this.#geometry.inodesPerGroup; bit++) if ((bitmap[bit >>> 3]! & (1 << (bit & 7))) === 0) free += 1;
    return free;
  }

  flush(): void {
    for (const [group, table] of this.#tables) {
      this.#sink.write(table, this.#geometry.groups[group]!.inodeTable * this.#geometry.blockSizeBytes);
    }
    this.#tables.clear();
  }

  /** The first group's table stays to the end, since the root and the journal live there; of the others one at a time. */
  #table(group: number): Buffer {
    const known = this.#tables.get(group);
    if (known !== undefined) return known;
    for (const [other, table] of this.#tables) {
      if (other === 0) continue;
      this.#sink.write(table, this.#geometry.groups[other]!.inodeTable * this.#geometry.blockSizeBytes);
      this.#tables.delete(other);
    }
    const table = Buffer.alloc(this.#geometry.inodeTableBlocks * this.#geometry.blockSizeBytes);
    this.#tables.set(group, table);
    return table;
  }

  #place(inode: number): { group: number; index: number } {
    const group = Math.floor((inode - 1) / this.#geometry.inodesPerGroup);
    return { group, index: inode - 1 - group * this.#geometry.inodesPerGroup };
  }
}
