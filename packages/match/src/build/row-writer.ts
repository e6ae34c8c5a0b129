import { copyBytes } from '../copy-bytes.ts';
import { DIGEST_AT, DIGEST_KINDS, LENGTH_OF_KIND } from '../digest-kinds.ts';
import {
  BLOCK_BYTES,
  RECORD_HAS_SIZE,
  RECORD_MORE_SIZES,
  RECORD_SIZE_UNSTATED,
} from '../compiled/layout.ts';
import type { RecordShape } from '../compiled/record-shape.ts';
import type { IndexEntries } from './index-entries.ts';
import { mergeRows, type MergedRow } from './merge-rows.ts';
import type { SetFileWriter } from './set-file-writer.ts';
import { SizeGatherer } from './size-gatherer.ts';
import { samePrimary, sortBucket } from './sort-bucket.ts';
import type { SpillBuckets } from './spill-buckets.ts';
import { HAS_SIZE, KINDS_MASK, SPILL_SHAPES, spillRowCode, spillRowSize } from './spill-row.ts';

const NO_SIZES: readonly number[] = [];

/** What writing the rows found out. */
export interface WrittenRows {
  rows: number;
  rowsWithoutSize: number;
  /** Rows by presence flags, 16 entries. */
  readonly byKinds: Float64Array;
  /** Rows by index of the category code as the collector numbered it. */
  readonly byCode: Float64Array;
  readonly sizes: SizeGatherer | null;
  /** Row and size, in pairs, for sizes beyond a row's first. */
  readonly moreSizes: number[];
}

/**
 * Writes the section `rows` from the spilled buckets, merging duplicates, and feeds the digest
 * indexes and the size gate on the way.
 */
export class RowWriter {
  readonly result: WrittenRows;
  readonly #writer: SetFileWriter;
  readonly #shape: RecordShape;
  readonly #codes: readonly (string | null)[];
  readonly #finalCode: Uint16Array;
  readonly #indexes: readonly (IndexEntries | null)[];
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  readonly #allKinds: number;
  #blockFill = 0;

  /**
   * @param codes category codes as the collector numbered them
   * @param finalCode their positions in the header's `categories`
   * @param indexes by kind index; null where no row has the kind
   */
  constructor(
    writer: SetFileWriter,
    shape: RecordShape,
    codes: readonly (string | null)[],
    finalCode: Uint16Array,
    indexes: readonly (IndexEntries | null)[],
  ) {
    this.#writer = writer;
    this.#shape = shape;
    this.#codes = codes;
    this.#finalCode = finalCode;
    this.#indexes = indexes;
    this.#allKinds = shape.digestAt.reduce((all, at, kind) => (at >= 0 ? all | (1 << kind) : all), 0);
    this.result = {
      rows: 0,
      rowsWithoutSize: 0,
      byKinds: new Float64Array(16),
      byCode: new Float64Array(codes.length),
      sizes: shape.sized ? new SizeGatherer() : null,
      moreSizes: [],
    };
  }

  /** Writes all rows. Calls `pause` between buckets so that the caller can stop or show progress. */
  async writeAll(spill: SpillBuckets, pause: () => Promise<void>): Promise<void> {
    let largest = 0;
    for (let bucket = 0; bucket < spill.bucketCount; bucket++) largest = Math.max(largest, spill.sizeOf(bucket));
    const loaded = Buffer.allocUnsafeSlow(largest);
    this.#writer.begin('rows', 'blocks');
    for (let bucket = 0; bucket < spill.bucketCount; bucket++) {
      const size = spill.sizeOf(bucket);
      if (size === 0) continue;
      spill.load(bucket, loaded);
      this.#writeBucket(loaded.subarray(0, size), bucket >>> 8);
      await pause();
    }
    if (this.#blockFill > 0) this.#writer.write(this.#block.subarray(0, this.#blockFill));
    this.#writer.end();
  }

  #writeBucket(bytes: Buffer, kind: number): void {
    const order = sortBucket(bytes, kind, this.#codes);
    for (let i = 0; i < order.length; ) {
      let end = i + 1;
      while (end < order.length && samePrimary(bytes, order[i]!, order[end]!, kind)) end++;
      if (end - i === 1) this.#writeSpilled(bytes, order[i]!);
      else for (const row of mergeRows(bytes, order.subarray(i, end))) this.#writeMerged(row);
      i = end;
    }
  }

  #writeSpilled(bytes: Buffer, at: number): void {
    const flags = bytes[at]!;
    const { digestAt } = SPILL_SHAPES[flags]!;
    const to = this.#startRecord(flags & KINDS_MASK, spillRowCode(bytes, at));
    for (let kind = 0; kind < DIGEST_KINDS.length; kind++) {
      if (digestAt[kind]! >= 0) this.#putDigest(kind, to, bytes, at + digestAt[kind]!);
    }
    this.#putSizes(to, spillRowSize(bytes, at), NO_SIZES, (flags & HAS_SIZE) === 0);
    this.#endRecord();
  }

  #writeMerged(row: MergedRow): void {
    const to = this.#startRecord(row.kinds, row.code);
    for (let kind = 0; kind < DIGEST_KINDS.length; kind++) {
      if ((row.kinds & (1 << kind)) !== 0) this.#putDigest(kind, to, row.digests, DIGEST_AT[kind]!);
    }
    this.#putSizes(to, row.sizesBytes[0] ?? -1, row.sizesBytes.slice(1), row.sizeUnstated);
    this.#endRecord();
  }

  #startRecord(kinds: number, code: number): number {
    const length = this.#shape.lengthBytes;
    if (this.#blockFill + length > BLOCK_BYTES) {
      this.#block.fill(0, this.#blockFill);
      this.#writer.write(this.#block);
      this.#blockFill = 0;
    }
    const to = this.#blockFill;
    const block = this.#block;
    const finalCode = this.#finalCode[code]!;
    if (kinds !== this.#allKinds) block.fill(0, to, to + length);
    block[to] = kinds;
    block[to + 1] = finalCode & 0xff;
    block[to + 2] = finalCode >>> 8;
    this.result.byKinds[kinds]!++;
    this.result.byCode[code]!++;
    return to;
  }

  #putDigest(kind: number, record: number, from: Uint8Array, at: number): void {
    copyBytes(from, at, LENGTH_OF_KIND[kind]!, this.#block, record + this.#shape.digestAt[kind]!);
    this.#indexes[kind]!.add(from, at, this.result.rows);
  }

  #putSizes(record: number, first: number, more: readonly number[], unstated: boolean): void {
    const { result } = this;
    if (unstated) {
      result.rowsWithoutSize++;
      this.#block[record]! |= RECORD_SIZE_UNSTATED;
    }
    if (this.#shape.sizeAt < 0) return;
    const at = record + this.#shape.sizeAt;
    if (first < 0) {
      this.#block.fill(0, at, at + 8);
      return;
    }
    this.#block[record]! |= RECORD_HAS_SIZE;
    this.#block.writeUInt32LE(first >>> 0, at);
    this.#block.writeUInt32LE(Math.floor(first / 0x1_0000_0000), at + 4);
    result.sizes!.add(first);
    if (more.length === 0) return;
    this.#block[record]! |= RECORD_MORE_SIZES;
    for (const size of more) {
      result.sizes!.add(size);
      result.moreSizes.push(result.rows, size);
    }
  }

  #endRecord(): void {
    this.#blockFill += this.#shape.lengthBytes;
    this.result.rows++;
  }
}
