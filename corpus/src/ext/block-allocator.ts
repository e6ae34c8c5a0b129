import type { Random } from '../random.ts';
import type { ExtGeometry } from './ext-geometry.ts';

/** A run of blocks: first and count. */
export type BlockRun = readonly [first: number, count: number];

/** Hands out blocks in the order of the volume and keeps the block bitmaps. Blocks once handed out are never handed out again. */
export class BlockAllocator {
  /** One bitmap for each group; bits past the group's end are set. */
  readonly bitmaps: Buffer[];
  readonly #geometry: ExtGeometry;
  readonly #random: Random;
  #group = 0;
  #next: number;

  constructor(geometry: ExtGeometry, random: Random) {
    this.#geometry = geometry;
    this.#random = random;
    this.bitmaps = geometry.groups.map((group) => {
      const bitmap = Buffer.alloc(geometry.blockSizeBytes);
      for (let bit = group.blockCount; bit < geometry.blocksPerGroup; bit++) bitmap[bit >>> 3] = bitmap[bit >>> 3]! | (1 << (bit & 7));
      return bitmap;
    });
    for (const group of geometry.groups) {
      if (group.hasSuperblock) this.#mark(group.firstBlock, 1 + geometry.descriptorBlocks, true);
      this.#mark(group.blockBitmap, 2 + geometry.inodeTableBlocks, true);
    }
    this.#next = this.#dataStart(0);
  }

  /**
   * Takes `count` blocks, in `pieces` runs where that many are asked for and possible.
   * @throws RangeError when the volume is full
   */
  take(count: number, pieces = 1): BlockRun[] {
    const runs: [number, number][] = [];
    let left = count;
    for (let piece = Math.min(pieces, count); piece > 0; piece--) {
      const inPiece = Math.ceil(left / piece);
      this.#takeRun(inPiece, runs);
      left -= inPiece;
      // a gap keeps the pieces apart
      if (piece > 1) this.#next += 1 + this.#random.below(4);
    }
    return runs;
  }

  /** Gives blocks back to the bitmap; they are not handed out again, so that deleted content survives. */
  free(runs: readonly BlockRun[]): void {
    for (const [first, count] of runs) this.#mark(first, count, false);
  }

  freeBlocksOf(group: number): number {
    const bitmap = this.bitmaps[group]!;
    let free = 0;
    for (let bit = 0; bit < this.#geometry.blocksPerGroup; bit++) if ((bitmap[bit >>> 3]! & (1 << (bit & 7))) === 0) free += 1;
    return free;
  }

  #takeRun(count: number, runs: [number, number][]): void {
    let left = count;
    while (left > 0) {
      const group = this.#geometry.groups[this.#group];
      if (group === undefined) throw new RangeError('the generated volume is full: give it a larger size');
      const room = group.firstBlock + group.blockCount - this.#next;
      if (room <= 0) {
        this.#group += 1;
        if (this.#group < this.#geometry.groupCount) this.#next = this.#dataStart(this.#group);
        continue;
      }
      const taken = Math.min(left, room);
      this.#mark(this.#next, taken, true);
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === this.#next) last[1] += taken;
      else runs.push([this.#next, taken]);
      this.#next += taken;
      left -= taken;
    }
  }

  #dataStart(group: number): number {
    return this.#geometry.groups[group]!.inodeTable + this.#geometry.inodeTableBlocks;
  }

  #mark(first: number, count: number, used: boolean): void {
    const { firstDataBlock, blocksPerGroup } = this.#geometry;
    for (let block = first; block < first + count; block++) {
      const group = Math.floor((block - firstDataBlock) / blocksPerGroup);
      const bit = block - firstDataBlock - group * blocksPerGroup;
      const bitmap = this.bitmaps[group]!;
      const mask = 1 << (bit & 7);
      bitmap[bit >>> 3] = used ? bitmap[bit >>> 3]! | mask : bitmap[bit >>> 3]! & ~mask;
    }
  }
}
