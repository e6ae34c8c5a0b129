/** Bits kept in one piece: 8 KiB of memory for 65,536 blocks, made when the first of them is added. */
const BITS_PER_PIECE = 65_536;

/** A set of block numbers of a volume of any size. */
export class BlockSet {
  readonly #pieces = new Map<number, Uint8Array>();

  /** Adds a block; false when it was there already. */
  add(block: number): boolean {
    const piece = Math.floor(block / BITS_PER_PIECE);
    let bits = this.#pieces.get(piece);
    if (bits === undefined) {
      bits = new Uint8Array(BITS_PER_PIECE / 8);
      this.#pieces.set(piece, bits);
    }
    const bit = block - piece * BITS_PER_PIECE;
    const mask = 1 << (bit & 7);
    if ((bits[bit >>> 3]! & mask) !== 0) return false;
    bits[bit >>> 3] = bits[bit >>> 3]! | mask;
    return true;
  }
}
