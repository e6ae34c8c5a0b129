import { MAX_EXTENTS_PER_ITEM } from '@kerbside/bytes';
import type { PlainExtent } from '../item.ts';
import type { BlockReader } from './block-reader.ts';

/** What went wrong while an item's content was mapped; the item stays, marked partial. */
export interface MappingFault {
  readonly code: string;
  readonly kind: 'malformed' | 'limit' | 'medium';
  readonly message: string;
}

/**
 * Builds an item's extents in file order: neighbours are joined, gaps become holes, what lies
 * outside the volume becomes a hole with a fault, and all lengths sum to the size.
 */
export class RunList {
  readonly extents: PlainExtent[] = [];
  readonly faults: MappingFault[] = [];
  readonly sizeBytes: number;
  /** Blocks that hold data or are kept for it. */
  mappedBlocks = 0;
  /** Positions in the content of blocks that the journal keeps with their first four bytes zeroed. */
  readonly escapedAt: number[] = [];
  readonly #blocks: BlockReader;
  #positionBytes = 0;
  #kind: PlainExtent['kind'] = 'hole';
  #offset = -1;
  #length = 0;

  constructor(blocks: BlockReader, sizeBytes: number) {
    this.#blocks = blocks;
    this.sizeBytes = sizeBytes;
  }

  /** True when nothing more can be added: all of the size is mapped, or there are too many pieces. */
  get full(): boolean {
    return this.#positionBytes >= this.sizeBytes || this.extents.length >= MAX_EXTENTS_PER_ITEM;
  }

  /** Adds `count` blocks at `logicalBlock` of the file that stand at `block`. */
  add(logicalBlock: number, block: number, count: number, kind: 'data' | 'uninitialised'): void {
    const blockSize = this.#blocks.blockSizeBytes;
    let logical = logicalBlock;
    let physical = block;
    let left = count;
    const positionBlocks = Math.ceil(this.#positionBytes / blockSize);
    if (logical < positionBlocks) {
      this.fault({ kind: 'malformed', code: 'ext-extents-overlap', message: 'pieces of the content overlap; the first one was used' });
      const overlap = Math.min(positionBlocks - logical, left);
      logical += overlap;
      physical += overlap;
      left -= overlap;
    }
    if (left <= 0 || logical * blockSize >= this.sizeBytes) return;
    this.#padTo(logical * blockSize);
    left = Math.min(left, Math.ceil(this.sizeBytes / blockSize) - logical);
    const inside = physical > 0 ? Math.max(0, Math.min(left, this.#blocks.blockCount - physical)) : 0;
    if (inside < left) this.fault({ kind: 'malformed', code: 'ext-content-outside', message: 'part of the content lies outside the volume' });
    this.mappedBlocks += inside;
    this.#addInside(physical, inside, kind);
    // what is outside is padded as a hole by whatever comes next
    if (inside < left) this.#padTo(Math.min((logical + left) * blockSize, this.sizeBytes));
  }

  /** Notes what is wrong, once for each code. */
  fault(fault: MappingFault): void {
    if (!this.faults.some((known) => known.code === fault.code)) this.faults.push(fault);
  }

  /** Closes the list: the rest up to the size is a hole. */
  finish(): readonly PlainExtent[] {
    if (this.#positionBytes < this.sizeBytes && this.extents.length >= MAX_EXTENTS_PER_ITEM) {
      this.fault({ kind: 'limit', code: 'ext-too-many-extents', message: `the content is in more than ${MAX_EXTENTS_PER_ITEM} pieces; the rest was not mapped` });
    }
    this.#padTo(this.sizeBytes);
    this.#flush();
    return this.extents;
  }

  #addInside(block: number, count: number, kind: 'data' | 'uninitialised'): void {
    const { overlay, blockSizeBytes, source } = this.#blocks;
    let next = block;
    const end = block + count;
    if (overlay !== null) {
      for (let i = this.#blocks.overlayIndex(block); i < overlay.blocks.length && overlay.blocks[i]! < end; i++) {
        const at = overlay.blocks[i]!;
        this.#push(kind, source.originOffset + next * blockSizeBytes, (at - next) * blockSizeBytes);
        if (overlay.escaped[i] === 1 && kind === 'data') this.escapedAt.push(this.#positionBytes);
        this.#push(kind, source.originOffset + overlay.journalBlocks[i]! * blockSizeBytes, blockSizeBytes);
        next = at + 1;
      }
    }
    this.#push(kind, source.originOffset + next * blockSizeBytes, (end - next) * blockSizeBytes);
  }

  #padTo(positionBytes: number): void {
    if (positionBytes > this.#positionBytes) this.#push('hole', -1, positionBytes - this.#positionBytes);
  }

  #push(kind: PlainExtent['kind'], offset: number, lengthBytes: number): void {
    const length = Math.min(lengthBytes, this.sizeBytes - this.#positionBytes);
    if (length <= 0) return;
    this.#positionBytes += length;
    const joins = this.#length > 0 && this.#kind === kind && (kind === 'hole' || this.#offset + this.#length === offset);
    if (joins) {
      this.#length += length;
      return;
    }
    this.#flush();
    this.#kind = kind;
    this.#offset = offset;
    this.#length = length;
  }

  #flush(): void {
    if (this.#length > 0) this.extents.push({ kind: this.#kind, sourceOffset: this.#offset, length: this.#length });
    this.#length = 0;
  }
}
