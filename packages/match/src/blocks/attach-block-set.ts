import { InternalError } from '@kerbside/bytes';
import { BLOCK_SET_BLOCK_BYTES, type BlockLookup, type SharedBlockSet } from './block-set.ts';
import { ANCHOR_FLAG, FILE_SIZE_BYTES, POSITION_MASK, RANK_ENTRIES } from './layout.ts';

/** Look-ups whose memory is asked for together, so that the waits for it overlap. */
const TOGETHER = 64;

/** Look-up in the tables of an open set, in any thread. Makes no copies. */
export function attachBlockSet(shared: SharedBlockSet): BlockLookup {
  return new TableLookup(shared);
}

class TableLookup implements BlockLookup {
  readonly facts: BlockLookup['facts'];
  readonly codeKey: Uint8Array;
  readonly #buckets: Uint32Array;
  readonly #bucketBits: number;
  readonly #keys: Uint32Array;
  readonly #tails: Uint8Array;
  readonly #places: Uint8Array;
  readonly #ranks: Uint32Array;
  readonly #anchors: Uint32Array;
  readonly #fileSizes: Uint8Array;
  readonly #fileBlocks: Uint32Array;
  readonly #batchKeys = new Uint32Array(TOGETHER);
  readonly #batchTails = new Uint8Array(TOGETHER);
  readonly #batchStarts = new Uint32Array(TOGETHER);
  readonly #batchEnds = new Uint32Array(TOGETHER);
  readonly #batchGuesses = new Uint32Array(TOGETHER);
  readonly #batchSeen = new Uint32Array(TOGETHER);

  constructor({ facts, codeKey, sections }: SharedBlockSet) {
    const section = (name: string): SharedArrayBuffer => {
      const found = sections[name];
      if (found === undefined) throw new InternalError('block-set-section-missing', `the shared block set has no ${name}`);
      return found;
    };
    this.facts = facts;
    this.codeKey = codeKey;
    this.#bucketBits = new Uint8Array(section('bucket-bits'))[0]!;
    this.#buckets = new Uint32Array(section('buckets'), 0, 2 ** this.#bucketBits + 1);
    this.#keys = new Uint32Array(section('keys'), 0, facts.blocks);
    this.#tails = new Uint8Array(section('tails'), 0, facts.blocks);
    this.#places = new Uint8Array(section('places'), 0, facts.blocks);
    this.#ranks = new Uint32Array(section('ranks'));
    this.#anchors = new Uint32Array(section('anchors'));
    this.#fileSizes = new Uint8Array(section('file-sizes'));
    this.#fileBlocks = new Uint32Array(section('file-blocks'));
  }

  find(codes: Uint8Array, count: number, numbers: Uint32Array, entries: Uint32Array): number {
    let found = 0;
    for (let from = 0; from < count; from += TOGETHER) {
      const size = Math.min(TOGETHER, count - from);
      this.#prepare(codes, from, size);
      for (let i = 0; i < size; i++) {
        const entry = this.#findIn(i);
        if (entry < 0) continue;
        numbers[found] = from + i;
        entries[found++] = entry;
      }
    }
    return found;
  }

  positionOf(entry: number): number {
    return this.#places[entry]! & POSITION_MASK;
  }

  anchorOf(entry: number): { readonly file: number; readonly position: number } | null {
    const places = this.#places;
    if ((places[entry]! & ANCHOR_FLAG) === 0) return null;
    const superblock = Math.floor(entry / RANK_ENTRIES);
    let rank = this.#ranks[superblock]!;
    for (let i = superblock * RANK_ENTRIES; i < entry; i++) rank += places[i]! >>> 7;
    const [file, position] = [this.#anchors[rank * 2], this.#anchors[rank * 2 + 1]];
    // Opening does not count the flags: a table that disagrees with them names no file, and ends no run.
    return file === undefined || position === undefined || file >= this.facts.files ? null : { file, position };
  }

  file(file: number): ReturnType<BlockLookup['file']> {
    if (!(file < this.facts.files)) throw new InternalError('block-set-no-such-file', `the block set has no file ${file}`);
    const sizeBytes = readSize(this.#fileSizes, file);
    return { sizeBytes, blocks: Math.floor(sizeBytes / BLOCK_SET_BLOCK_BYTES), indexedBlocks: this.#fileBlocks[file]! };
  }

  /**
   * Where each code of a batch would be, and a first touch of it. Codes are as good as random, so the
   * share of the way that a key lies between least and most is the share of the bucket before it.
   */
  #prepare(codes: Uint8Array, from: number, size: number): void {
    const bits = this.#bucketBits;
    const shift = 32 - bits;
    const buckets = this.#buckets;
    for (let i = 0, at = from * 8; i < size; i++, at += 8) {
      const high = ((codes[at]! << 24) | (codes[at + 1]! << 16) | (codes[at + 2]! << 8) | codes[at + 3]!) >>> 0;
      const low = ((codes[at + 4]! << 24) | (codes[at + 5]! << 16) | (codes[at + 6]! << 8) | codes[at + 7]!) >>> 0;
      const key = ((high << bits) | (low >>> shift)) >>> 0;
      const bucket = high >>> shift;
      const start = buckets[bucket]!;
      const end = buckets[bucket + 1]!;
      this.#batchKeys[i] = key;
      this.#batchTails[i] = (low >>> (24 - bits)) & 0xff;
      this.#batchStarts[i] = start;
      this.#batchEnds[i] = end;
      this.#batchGuesses[i] = start + Math.floor((key / 0x1_0000_0000) * (end - start));
    }
    const keys = this.#keys;
    for (let i = 0; i < size; i++) this.#batchSeen[i] = keys[this.#batchGuesses[i]!] ?? 0;
  }

  /** The entry of a code of the batch, or -1. */
  #findIn(i: number): number {
    const keys = this.#keys;
    const key = this.#batchKeys[i]!;
    const start = this.#batchStarts[i]!;
    const end = this.#batchEnds[i]!;
    let at = this.#batchGuesses[i]!;
    if (start === end) return -1;
    if (this.#batchSeen[i]! >= key) while (at > start && keys[at - 1]! >= key) at--;
    else while (at < end && keys[at]! < key) at++;
    for (; at < end && keys[at] === key; at++) if (this.#tails[at] === this.#batchTails[i]) return at;
    return -1;
  }
}

/** Length of a file of the set, by its number. */
export function readSize(sizes: Uint8Array, file: number): number {
  const at = file * FILE_SIZE_BYTES;
  return sizes[at]! + sizes[at + 1]! * 2 ** 8 + sizes[at + 2]! * 2 ** 16 + sizes[at + 3]! * 2 ** 24 + sizes[at + 4]! * 2 ** 32 + sizes[at + 5]! * 2 ** 40;
}
