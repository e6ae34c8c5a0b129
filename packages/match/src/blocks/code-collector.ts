import { RefusedError } from '@kerbside/bytes';
import type { SpillBuckets } from '../build/spill-buckets.ts';
import { POSITION_MODULUS } from './block-set.ts';
import { FileTable, readCodeHalf, type FileDigestKind } from './file-table.ts';
import { GrowingList } from './growing-list.ts';

/**
 * Buckets in which codes wait to be sorted, by their first 10 bits: at 1,000 million codes one holds
 * 12 MB.
 */
export const CODE_BUCKET_BITS = 10;

/**
 * A code as it waits:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | first 32 bits of the code, little-endian |
 * | 4 | 4 | last 32 bits |
 * | 8 | 4 | number of the block among all blocks seen; {@link ALLOWED} for a block of the allow-list |
 */
export const CODE_RECORD_BYTES = 12;

/** Stands for the number of a block that some allow-listed file holds. */
export const ALLOWED = 0xffff_ffff;

/**
 * Most blocks that one set is built from: 16 TiB of files, numbered with 32 bits. Each file begins on a
 * multiple of the position modulus, so that a block's number tells its position modulo that by itself.
 */
const MOST_BLOCKS = ALLOWED - 1;

/** Files with blocks, by the order in which they came. */
export interface BlockFiles {
  /** Number of the file's first block among all blocks seen; rising, and the number of all behind the last. */
  readonly firstBlocks: Uint32Array;
  /** Codes that the rules on content left of each. */
  readonly candidates: Uint32Array;
  /** 1 for a file whose codes are not to be used: a double of another, or not read to its end. */
  readonly unused: Uint8Array;
  /** Number of each in the file table. */
  readonly files: Uint32Array;
}

/** What of a file was left out while it was read, by rule. */
export type LeftOut = Record<string, number>;

/** What is known of a file when it has been read. */
export interface ReadFile {
  /** 8 bytes. */
  readonly code: Uint8Array;
  readonly kind: FileDigestKind;
  readonly sizeBytes: number;
  /** Whole blocks seen. */
  readonly blocks: number;
  readonly sparse: boolean;
  readonly leftOut: Readonly<LeftOut>;
}

/**
 * Takes codes of blocks file by file, and spills them for sorting. The order of calls for one file is
 * `startFile`, any number of `addCode` with rising positions, then `endFile` or `dropFile`.
 */
export class CodeCollector {
  readonly files = new FileTable();
  readonly leftOut: LeftOut = {};
  /** Blocks of the files that count, by whether the files are long enough to be indexed sparsely. */
  readonly seen = { dense: 0, sparse: 0 };
  /** Files of which another with the same content came before. */
  doubles = 0;

  readonly #spill: SpillBuckets;
  readonly #firstBlocks = new GrowingList((length) => new Uint32Array(length));
  readonly #candidates = new GrowingList((length) => new Uint32Array(length));
  readonly #unused = new GrowingList((length) => new Uint8Array(length));
  readonly #sparse = new GrowingList((length) => new Uint8Array(length));
  readonly #files = new GrowingList((length) => new Uint32Array(length));
  /** File by the first 53 bits of its code; what the map proposes is compared in full. */
  readonly #byCode = new Map<number, number>();
  #next = 0;
  #fileCandidates = 0;

  /** @param spill with 2^{@link CODE_BUCKET_BITS} buckets */
  constructor(spill: SpillBuckets) {
    this.#spill = spill;
  }

  startFile(): void {
    this.#fileCandidates = 0;
  }

  /** Takes the code at `at` of `codes` for the block at `position` of the current file. */
  addCode(codes: Uint8Array, at: number, position: number): void {
    const block = this.#next + position;
    if (block > MOST_BLOCKS) throw tooLarge();
    this.#spillCode(codes, at, block);
    this.#fileCandidates++;
  }

  /** Takes the code of a block that is not to be indexed, whatever files it is in. */
  allowCode(codes: Uint8Array, at: number): void {
    this.#spillCode(codes, at, ALLOWED);
  }

  /** Ends the current file. @returns false for a double of an earlier one */
  endFile(file: ReadFile): boolean {
    const high = readCodeHalf(file.code, 0);
    const low = readCodeHalf(file.code, 4);
    const key = high * 2 ** 21 + (low >>> 11);
    const before = this.#byCode.get(key);
    const double = before !== undefined && this.files.hasCode(before, high, low);
    if (double) {
      this.doubles++;
      if (file.blocks > 0) this.#endBlocks(file.blocks, before, true, file.sparse);
      return false;
    }
    const number = this.files.add(file.code, file.kind, file.sizeBytes);
    this.#byCode.set(key, number);
    this.seen[file.sparse ? 'sparse' : 'dense'] += file.blocks;
    for (const [rule, count] of Object.entries(file.leftOut)) this.leftOut[rule] = (this.leftOut[rule] ?? 0) + count;
    if (file.blocks > 0) this.#endBlocks(file.blocks, number, false, file.sparse);
    return true;
  }

  /** Forgets the current file, of which `blocks` blocks have been numbered. */
  dropFile(blocks: number): void {
    if (blocks > 0) this.#endBlocks(blocks, 0, true, false);
  }

  blockFiles(): BlockFiles {
    const firstBlocks = new Uint32Array(this.#firstBlocks.length + 1);
    firstBlocks.set(this.#firstBlocks.view());
    firstBlocks[this.#firstBlocks.length] = this.#next;
    return { firstBlocks, candidates: this.#candidates.view(), unused: this.#unused.view(), files: this.#files.view() };
  }

  /** Whether a file with blocks, by its number in `blockFiles`, is indexed sparsely. */
  isSparse(blockFile: number): boolean {
    return this.#sparse.view()[blockFile] === 1;
  }

  #endBlocks(blocks: number, file: number, unused: boolean, sparse: boolean): void {
    if (this.#next + blocks > MOST_BLOCKS) throw tooLarge();
    this.#firstBlocks.push(this.#next);
    this.#candidates.push(this.#fileCandidates);
    this.#unused.push(unused ? 1 : 0);
    this.#sparse.push(sparse ? 1 : 0);
    this.#files.push(file);
    this.#next = Math.ceil((this.#next + blocks) / POSITION_MODULUS) * POSITION_MODULUS;
  }

  #spillCode(codes: Uint8Array, at: number, block: number): void {
    const to = this.#spill.reserve((codes[at]! << 2) | (codes[at + 1]! >>> 6), CODE_RECORD_BYTES);
    const target = this.#spill.target;
    target[to] = codes[at + 3]!;
    target[to + 1] = codes[at + 2]!;
    target[to + 2] = codes[at + 1]!;
    target[to + 3] = codes[at]!;
    target[to + 4] = codes[at + 7]!;
    target[to + 5] = codes[at + 6]!;
    target[to + 6] = codes[at + 5]!;
    target[to + 7] = codes[at + 4]!;
    target[to + 8] = block & 0xff;
    target[to + 9] = (block >>> 8) & 0xff;
    target[to + 10] = (block >>> 16) & 0xff;
    target[to + 11] = block >>> 24;
  }
}

function tooLarge(): RefusedError {
  return new RefusedError('block-set-too-large', `one block set is built from at most ${MOST_BLOCKS} blocks (16 TiB of files): build several sets`);
}
