import { CODE_BYTES } from '@kerbside/bytes';
import type { AskBatch } from './askable-set.ts';
import { CODE_KINDS } from './item-record.ts';

/**
 * Codes of rows of a set in memory, to be met by the codes of items. Codes are as good as random, so their
 * first bits choose a bucket of about one row; in front of the buckets stands one bit for each sixteenth
 * of a bucket, which alone answers for most codes that are not there.
 */
export interface RowTable {
  readonly rows: number;
  /** Bits of the kinds that some row has codes of. */
  readonly kinds: number;
  /**
   * Rows whose codes agree with an item's in every kind that both have, and in at least one.
   * @param codeAt where the item's code of each kind stands in `item`, -1 where it has none
   * @param onRow called with the row's category, once or more for the same row
   */
  match(item: Uint8Array, codeAt: readonly number[], itemKinds: number, onRow: (category: number) => void): void;
}

const FILTER_BITS_MORE = 4;
const MAX_BUCKET_BITS = 24;

/** Gathers rows and makes them a table; used for one round after the other. */
export class RowTableBuilder {
  readonly #capacity: number;
  readonly #first: readonly Uint32Array[];
  readonly #second: readonly Uint32Array[];
  readonly #kinds: Uint8Array;
  readonly #categories: Uint16Array;
  #rows = 0;

  /** @param capacity most rows of a round; 27 bytes of memory each, and 10 more in the table for each kind */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#first = CODE_KINDS.map(() => new Uint32Array(capacity));
    this.#second = CODE_KINDS.map(() => new Uint32Array(capacity));
    this.#kinds = new Uint8Array(capacity);
    this.#categories = new Uint16Array(capacity);
  }

  get rows(): number {
    return this.#rows;
  }

  clear(): void {
    this.#rows = 0;
  }

  /** Takes rows of a batch from `from` on. @returns the first that found no room */
  add(batch: AskBatch, from: number): number {
    const taken = Math.min(batch.count - from, this.#capacity - this.#rows);
    for (let i = 0; i < taken; i++) {
      const row = this.#rows + i;
      let kinds = batch.kinds[from + i]!;
      for (let kind = 0; kind < CODE_KINDS.length; kind++) {
        const column = batch.codes[kind]!;
        if ((kinds & (1 << kind)) === 0) continue;
        if (column === null) {
          kinds &= ~(1 << kind);
          continue;
        }
        const at = (from + i) * CODE_BYTES;
        this.#first[kind]![row] = wordAt(column, at);
        this.#second[kind]![row] = wordAt(column, at + 4);
      }
      this.#kinds[row] = kinds;
      this.#categories[row] = batch.categories[from + i]!;
    }
    this.#rows += taken;
    return from + taken;
  }

  build(): RowTable {
    const rows = this.#rows;
    const kindsOf = this.#kinds;
    const categories = this.#categories;
    const [firsts, seconds] = [this.#first, this.#second];
    const indexes = CODE_KINDS.map((_kind, kind) => indexOf(firsts[kind]!, kindsOf, 1 << kind, rows));

    const agrees = (row: number, item: Uint8Array, codeAt: readonly number[], itemKinds: number): boolean => {
      for (let kind = 0; kind < CODE_KINDS.length; kind++) {
        if ((itemKinds & kindsOf[row]! & (1 << kind)) === 0) continue;
        const at = codeAt[kind]!;
        if (firsts[kind]![row] !== wordAt(item, at) || seconds[kind]![row] !== wordAt(item, at + 4)) return false;
      }
      return true;
    };

    return {
      rows,
      kinds: indexes.reduce((bits, index, kind) => (index === null ? bits : bits | (1 << kind)), 0),
      match(item, codeAt, itemKinds, onRow) {
        for (let kind = 0; kind < CODE_KINDS.length; kind++) {
          const index = indexes[kind]!;
          if (index === null || (itemKinds & (1 << kind)) === 0) continue;
          const first = wordAt(item, codeAt[kind]!);
          const place = first >>> index.filterShift;
          if ((index.filter[place >>> 5]! & (1 << (place & 31))) === 0) continue;
          const bucket = first >>> index.bucketShift;
          for (let i = index.starts[bucket]!; i < index.starts[bucket + 1]!; i++) {
            const row = index.order[i]!;
            if (firsts[kind]![row] === first && agrees(row, item, codeAt, itemKinds)) onRow(categories[row]!);
          }
        }
      },
    };
  }
}

interface KindIndex {
  readonly bucketShift: number;
  readonly filterShift: number;
  readonly filter: Uint32Array;
  readonly starts: Uint32Array;
  readonly order: Uint32Array;
}

/** Rows of one kind by the first bits of their codes; null when there are none. */
function indexOf(first: Uint32Array, kinds: Uint8Array, bit: number, rows: number): KindIndex | null {
  let count = 0;
  for (let row = 0; row < rows; row++) count += (kinds[row]! & bit) === 0 ? 0 : 1;
  if (count === 0) return null;
  const bucketBits = Math.min(MAX_BUCKET_BITS, Math.max(1, Math.ceil(Math.log2(count))));
  const bucketShift = 32 - bucketBits;
  const filterShift = bucketShift - FILTER_BITS_MORE;
  const filter = new Uint32Array(Math.ceil(2 ** (bucketBits + FILTER_BITS_MORE) / 32));
  const starts = new Uint32Array(2 ** bucketBits + 1);
  for (let row = 0; row < rows; row++) {
    if ((kinds[row]! & bit) === 0) continue;
    const code = first[row]!;
    const bucket = code >>> bucketShift;
    starts[bucket + 1] = starts[bucket + 1]! + 1;
    const place = code >>> filterShift;
    filter[place >>> 5] = filter[place >>> 5]! | (1 << (place & 31));
  }
  for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket] = starts[bucket]! + starts[bucket - 1]!;
  const next = starts.slice();
  const order = new Uint32Array(count);
  for (let row = 0; row < rows; row++) {
    if ((kinds[row]! & bit) === 0) continue;
    const bucket = first[row]! >>> bucketShift;
    order[next[bucket]!] = row;
    next[bucket] = next[bucket]! + 1;
  }
  return { bucketShift, filterShift, filter, starts, order };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
