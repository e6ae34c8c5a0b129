/** Bits of {@link BlockMarks.of}. */
export const INDEXED = 1;
export const ANCHOR = 2;

/** Two marks for each block seen: whether the set has it, and whether its entry is an anchor. 2 bits a block. */
export class BlockMarks {
  readonly #bytes: Uint8Array;

  constructor(blocks: number) {
    this.#bytes = new Uint8Array(Math.ceil(blocks / 4));
  }

  isIndexed(block: number): boolean {
    return (this.#bytes[block >>> 2]! & (1 << ((block & 3) << 1))) !== 0;
  }

  /** Both marks: {@link INDEXED} and {@link ANCHOR}. */
  of(block: number): number {
    return (this.#bytes[block >>> 2]! >>> ((block & 3) << 1)) & 3;
  }

  setIndexed(block: number): void {
    this.#bytes[block >>> 2]! |= 1 << ((block & 3) << 1);
  }

  clearIndexed(block: number): void {
    this.#bytes[block >>> 2]! &= ~(1 << ((block & 3) << 1));
  }

  setAnchor(block: number): void {
    this.#bytes[block >>> 2]! |= 2 << ((block & 3) << 1);
  }
}
