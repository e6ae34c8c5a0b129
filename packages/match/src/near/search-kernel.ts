import { masksWith, bucketsNear } from './ball-masks.ts';
import { BUCKET_BITS_PER_BLOCK, chunkValue, radiiFor, type Chunk } from './near-plan.ts';
import {
  CHUNKS_AT, CHUNK_RECORD_BYTES, FOUND_AT, HIT_COUNT_AT, HITS_AT, makeSearchModule, MASKS_AT, MAX_MASKS_PER_CHUNK, MAX_MATCHES_PER_QUERY, QUERY_AT,
} from './search-code.ts';
import { PAGE_BYTES } from './wasm-module.ts';
import { compileModule, instantiate, makePrivateMemory, type SharedWasmMemory } from './wasm-runtime.ts';

/** Where one index lies in the shared memory, in bytes. */
export interface IndexPlaces {
  readonly hashesAt: number;
  /** By chunk: its table and the numbers it leads to. */
  readonly tablesAt: readonly number[];
  readonly idsAt: readonly number[];
}

/** The hits of a query: valid until the next. */
export interface KernelHits {
  /** All there are; only the first {@link MAX_MATCHES_PER_QUERY} are stored. */
  readonly total: number;
  readonly stored: number;
  /** Number of the hash and distance, in pairs. */
  readonly pairs: Uint32Array;
}

interface SearchExports {
  readonly gather: (foundEnd: number, idsAt: number, hashesAt: number, radius: number, chunk: number) => void;
  readonly visit: (value: number, masks: number, masksEnd: number, tableAt: number, wanted: number, foundEnd: number) => number;
}

/** Masks of one count of bits in the scratch memory. */
interface MaskRange {
  readonly from: number;
  readonly to: number;
}

/** Compiled once a thread, and only when the first index is attached. */
let program: object | null = null;

/** The search program of one thread on a shared index. */
export class SearchKernel {
  readonly #exports: SearchExports;
  readonly #scratch = makePrivateMemory(Math.ceil(MASKS_AT / PAGE_BYTES));
  readonly #masks = new Map<string, MaskRange>();
  #words: Uint32Array;
  #masksEnd = MASKS_AT;
  #preparedFor: readonly Chunk[] | null = null;
  #preparedRadius = -1;
  #radii: readonly number[] = [];

  constructor(index: SharedWasmMemory) {
    program ??= compileModule(makeSearchModule());
    this.#exports = instantiate(program, index, this.#scratch) as SearchExports;
    this.#words = new Uint32Array(this.#scratch.buffer);
  }

  /** Every hash within `radius` bits of `query`, each once. */
  search(query: Uint32Array, radius: number, chunks: readonly Chunk[], places: IndexPlaces): KernelHits {
    this.#prepare(query, radius, chunks);
    const radii = this.#radii;
    for (const [k, chunk] of chunks.entries()) {
      const reach = radii[k]!;
      if (reach < 0) continue;
      const value = chunkValue(query, 0, chunk);
      let end = FOUND_AT;
      for (let flipped = 0; flipped <= reach; flipped++) {
        const masks = this.#masksOf(chunk.width - BUCKET_BITS_PER_BLOCK, flipped);
        const wanted = bucketsNear(value & (2 ** BUCKET_BITS_PER_BLOCK - 1), reach - flipped);
        end = this.#exports.visit(value >>> BUCKET_BITS_PER_BLOCK, masks.from, masks.to, places.tablesAt[k]!, wanted, end);
      }
      this.#exports.gather(end, places.idsAt[k]!, places.hashesAt, radius, k);
    }
    const total = this.#words[HIT_COUNT_AT / 4]!;
    const stored = Math.min(total, MAX_MATCHES_PER_QUERY);
    return { total, stored, pairs: this.#words.subarray(HITS_AT / 4, HITS_AT / 4 + stored * 2) };
  }

  #prepare(query: Uint32Array, radius: number, chunks: readonly Chunk[]): void {
    const words = this.#words;
    for (let i = 0; i < 8; i++) words[QUERY_AT / 4 + i] = query[i]!;
    words[HIT_COUNT_AT / 4] = 0;
    if (this.#preparedFor === chunks && this.#preparedRadius === radius) return;
    this.#preparedFor = chunks;
    this.#preparedRadius = radius;
    this.#radii = radiiFor(chunks.length, radius);
    for (const [k, { firstBit, width }] of chunks.entries()) {
      const at = (CHUNKS_AT + k * CHUNK_RECORD_BYTES) / 4;
      words.fill(0, at, at + 8);
      for (let bit = firstBit; bit < firstBit + width; bit++) words[at + (bit >>> 5)]! |= 1 << (bit & 31);
      words[at + 8] = this.#radii[k]!;
    }
  }

  #masksOf(width: number, bits: number): MaskRange {
    const key = `${width} ${bits}`;
    const known = this.#masks.get(key);
    if (known !== undefined) return known;
    const masks = masksWith(width, bits);
    if (masks.length > MAX_MASKS_PER_CHUNK) throw new RangeError(`${masks.length} masks are more than a search has room for`);
    const range = { from: this.#masksEnd, to: this.#masksEnd + masks.length * 4 };
    const missing = range.to - this.#scratch.buffer.byteLength;
    if (missing > 0) {
      this.#scratch.grow(Math.ceil(missing / PAGE_BYTES));
      this.#words = new Uint32Array(this.#scratch.buffer);
    }
    this.#words.set(masks, range.from / 4);
    this.#masksEnd = range.to;
    this.#masks.set(key, range);
    return range;
  }
}
