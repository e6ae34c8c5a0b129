/**
 * How 256 bits are cut into chunks, and how far around each a query looks (perceptual-hash reference, §5.1).
 *
 * Chunk k has `widths[k]` bits and is searched within `radii[k]` bits. With Σ (radii[k] + 1) ≥ d + 1 any two hashes
 * within d bits agree within radii[k] in at least one chunk: otherwise each chunk would differ by at least
 * radii[k] + 1 bits, and all of them together by d + 1 or more. So nothing within d is missed.
 */

/** Bits of a hash. */
export const HASH_BITS = 256;

/** The widest distance a query may ask for; the recommended threshold of PDQ. The cost rises steeply beyond it. */
export const MAX_NEAR_RADIUS = 31;

/** Fewest and most chunks: 10 to 16 suit from a thousand to twenty million hashes. */
const MIN_CHUNKS = 10;
const MAX_CHUNKS = 16;

/** Buckets that share one entry of a table; see `near-layout.ts`. */
export const BUCKET_BITS_PER_BLOCK = 5;

/** Bytes of table a hash may cost, and what small sets may have in all: keeps an index below 130 bytes a hash. */
const TABLE_BYTES_PER_HASH = 40;
const SMALL_TABLES_BYTES = 2 * 1024 * 1024;

/** Cost of looking at one candidate, in visits to a table: its number and the hash lie in far memory, a table's entries side by side. */
const CANDIDATE_COST = 8;

/** A chunk of the bits: bit i of a hash is bit i % 32, from the least significant, of word i / 32. */
export interface Chunk {
  readonly firstBit: number;
  readonly width: number;
}

/** Cuts the bits into `m` chunks as even as can be, the wider ones first. */
export function cutChunks(m: number): Chunk[] {
  const narrow = Math.floor(HASH_BITS / m);
  const wider = HASH_BITS - narrow * m;
  let firstBit = 0;
  return Array.from({ length: m }, (_, k) => {
    const width = k < wider ? narrow + 1 : narrow;
    firstBit += width;
    return { firstBit: firstBit - width, width };
  });
}

/**
 * The search radius of each of `m` chunks for distance `radius`; -1 is a chunk that need not be looked at.
 * With s = ⌊d / m⌋ and a = d − m·s, a + 1 chunks get s and the others s − 1: the wider ones get the larger, as
 * fewer hashes share a value of them.
 */
export function radiiFor(m: number, radius: number): number[] {
  const s = Math.floor(radius / m);
  const larger = radius - m * s + 1;
  return Array.from({ length: m }, (_, k) => (k < larger ? s : s - 1));
}

/** How many chunks an index of `hashes` hashes is cut into: the number whose queries cost least within the memory allowed. */
export function chooseChunkCount(hashes: number): number {
  let best = MAX_CHUNKS;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let m = MAX_CHUNKS; m >= MIN_CHUNKS; m--) {
    const chunks = cutChunks(m);
    const tableBytes = chunks.reduce((sum, { width }) => sum + 8 * 2 ** (width - BUCKET_BITS_PER_BLOCK), 0);
    if (tableBytes > Math.max(SMALL_TABLES_BYTES, hashes * TABLE_BYTES_PER_HASH)) continue;
    const radii = radiiFor(m, MAX_NEAR_RADIUS);
    const cost = chunks.reduce((sum, { width }, k) => {
      const values = ballSize(width, radii[k]!);
      return sum + ballSize(width - BUCKET_BITS_PER_BLOCK, radii[k]!) + CANDIDATE_COST * hashes * (values / 2 ** width);
    }, 0);
    if (cost < bestCost) {
      best = m;
      bestCost = cost;
    }
  }
  return best;
}

/** Number of values within `radius` bits of a value of `width` bits. */
export function ballSize(width: number, radius: number): number {
  let size = 0;
  let layer = 1;
  for (let i = 0; i <= radius; i++) {
    size += layer;
    layer = (layer * (width - i)) / (i + 1);
  }
  return size;
}

/** A chunk's value in a hash of eight words that begins at `at`. */
export function chunkValue(words: Uint32Array, at: number, { firstBit, width }: Chunk): number {
  const word = at + (firstBit >>> 5);
  const shift = firstBit & 31;
  let value = words[word]! >>> shift;
  if (shift + width > 32) value |= words[word + 1]! << (32 - shift);
  return width === 32 ? value >>> 0 : value & (2 ** width - 1);
}
