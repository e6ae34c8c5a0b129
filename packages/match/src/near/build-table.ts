import { BUCKET_BITS_PER_BLOCK, type Chunk } from './near-plan.ts';
import { LAST_OF_BUCKET } from './search-code.ts';

/** The table of one chunk and the hash numbers it leads to, as the file and the memory of a query hold them. */
export interface ChunkTable {
  /** For every 32 buckets two words: which of them hold a hash, a bit each, and where the first of those stands in `ids`. */
  readonly table: Uint32Array;
  /** Numbers of the hashes by bucket, rising within one; the last of each bucket is marked. */
  readonly ids: Uint32Array;
}

/** Bits of a number while it is sorted; its bucket stands above. */
const ID_BITS = 32 - BUCKET_BITS_PER_BLOCK;
const ID_MASK = 2 ** ID_BITS - 1;
const BUCKET_MASK = 2 ** BUCKET_BITS_PER_BLOCK - 1;

/** Up to here a block is sorted by insertion. */
const SHORT = 48;

/**
 * Sorts hashes into the buckets of a chunk: by counting into blocks of 32 buckets, then within each. Beside the
 * result this takes no memory that grows with the number of buckets.
 *
 * @param values the chunk's value in each hash, of at most 2^27
 */
export function buildTable({ width }: Chunk, values: Uint32Array): ChunkTable {
  if (values.length > ID_MASK) throw new RangeError(`${values.length} hashes are more than a table has numbers for`);
  const blocks = 2 ** (width - BUCKET_BITS_PER_BLOCK);
  const ids = new Uint32Array(values.length);
  const table = new Uint32Array(2 * blocks);
  // First word of an entry: where the block's next number goes. Second: where the block begins.
  for (let id = 0; id < values.length; id++) table[(values[id]! >>> BUCKET_BITS_PER_BLOCK) * 2]!++;
  for (let entry = 0, sum = 0; entry < table.length; entry += 2) {
    const here = table[entry]!;
    table[entry] = table[entry + 1] = sum;
    sum += here;
  }
  for (let id = 0; id < values.length; id++) {
    const value = values[id]!;
    ids[table[(value >>> BUCKET_BITS_PER_BLOCK) * 2]!++] = (((value & BUCKET_MASK) << ID_BITS) | id) >>> 0;
  }
  for (let entry = 0; entry < table.length; entry += 2) table[entry] = finishBlock(ids, table[entry + 1]!, table[entry]!);
  return { table, ids };
}

/** Sorts a block, leaves bare numbers in it, the last of each bucket marked, and says which buckets it has. */
function finishBlock(ids: Uint32Array, start: number, end: number): number {
  if (start === end) return 0;
  if (end - start > SHORT) ids.subarray(start, end).sort();
  else sortShort(ids, start, end);
  let present = 0;
  for (let i = start; i < end; i++) {
    const entry = ids[i]!;
    const bucket = entry >>> ID_BITS;
    present |= 1 << bucket;
    const isLast = i + 1 === end || ids[i + 1]! >>> ID_BITS !== bucket;
    ids[i] = isLast ? (entry & ID_MASK) + LAST_OF_BUCKET : entry & ID_MASK;
  }
  return present;
}

function sortShort(ids: Uint32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const entry = ids[i]!;
    let at = i;
    for (; at > start && ids[at - 1]! > entry; at--) ids[at] = ids[at - 1]!;
    ids[at] = entry;
  }
}
