/** How the byte values of a piece are spread. */
export interface ByteStatistics {
  readonly lengthBytes: number;
  /** How often each value occurs; valid until the next piece is measured. */
  readonly counts: Uint32Array;
  /** χ² of the values against an even spread, 255 degrees of freedom: 255 ± 23 for random bytes of any length. */
  readonly chiSquared: number;
  /**
   * χ² a byte. 8 − log2(1 + excess) is the collision entropy in bits a byte: 0 for random bytes, about
   * 1 at 7 bits, 16 at 4 bits (English text).
   */
  readonly excess: number;
}

/** Four tables side by side, one a byte of a word: equal bytes in a row would otherwise wait for one another's increment. */
const TABLES = new Uint32Array(4 * 256);
const COUNTS = new Uint32Array(256);

/** Longest piece that can be measured. */
const MAX_PIECE_BYTES = 64 * 1024;
/** Where a piece goes that does not begin at a whole word of its memory. */
const ALIGNED = new Uint32Array(MAX_PIECE_BYTES / 4);

/**
 * Counts the values of a piece. Not re-entrant: one table serves all calls of a thread.
 * @param piece up to 64 KiB; what is longer is not looked at
 */
export function measureBytes(piece: Uint8Array): ByteStatistics {
  const measured = piece.subarray(0, MAX_PIECE_BYTES);
  TABLES.fill(0);
  const words = wordsOf(measured);
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    TABLES[word & 0xff]! += 1;
    TABLES[256 + ((word >>> 8) & 0xff)]! += 1;
    TABLES[512 + ((word >>> 16) & 0xff)]! += 1;
    TABLES[768 + (word >>> 24)]! += 1;
  }
  for (let at = words.length * 4; at < measured.length; at++) TABLES[measured[at]!]! += 1;
  let squares = 0;
  for (let value = 0; value < 256; value++) {
    const count = TABLES[value]! + TABLES[256 + value]! + TABLES[512 + value]! + TABLES[768 + value]!;
    COUNTS[value] = count;
    squares += count * count;
  }
  const lengthBytes = measured.length;
  const chiSquared = lengthBytes === 0 ? 0 : (256 * squares) / lengthBytes - lengthBytes;
  return { lengthBytes, counts: COUNTS, chiSquared, excess: lengthBytes === 0 ? 0 : chiSquared / lengthBytes };
}

function wordsOf(piece: Uint8Array): Uint32Array {
  const words = piece.length >> 2;
  if (piece.byteOffset % 4 === 0) return new Uint32Array(piece.buffer, piece.byteOffset, words);
  new Uint8Array(ALIGNED.buffer).set(piece);
  return ALIGNED.subarray(0, words);
}
