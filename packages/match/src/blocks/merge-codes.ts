import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFully } from '@kerbside/bytes';
import type { SpillBuckets } from '../build/spill-buckets.ts';
import { BlockMarks } from './block-marks.ts';
import { ALLOWED, CODE_BUCKET_BITS, CODE_RECORD_BYTES, type BlockFiles, type LeftOut } from './code-collector.ts';
import { fileOfBlock } from './file-of-block.ts';
import { SharedBlocks } from './shared-blocks.ts';
import { sortCodes } from './sort-codes.ts';

/** Sorted codes written and read at once: 768 KiB. */
const RECORDS_AT_ONCE = 64 * 1024;
const RECORD_WORDS = CODE_RECORD_BYTES / 4;

/** Codes in order, in a temporary file, each once; those whose block is not marked as indexed are to be passed over. */
export interface MergedCodes {
  readonly marks: BlockMarks;
  /** Pieces of records of three words: first and last half of the code, number of the block. Each is valid until the next. */
  pieces(): Generator<Uint32Array, void, void>;
  close(): void;
}

/**
 * Sorts the spilled codes bucket by bucket and decides which stay.
 *
 * @param path of the temporary file
 * @param blocks number of blocks seen
 */
export async function mergeCodes(
  spill: SpillBuckets,
  path: string,
  files: BlockFiles,
  leftOut: LeftOut,
  onBucket: (share: number) => void,
): Promise<MergedCodes> {
  const marks = new BlockMarks(files.firstBlocks[files.files.length]!);
  const shared = new SharedBlocks(files, leftOut);
  const sorted = new SortedFile(path);
  try {
    for (let bucket = 0; bucket < spill.bucketCount; bucket++) {
      mergeBucket(spill, bucket, files, marks, shared, sorted);
      onBucket((bucket + 1) / spill.bucketCount);
      if (bucket % 16 === 15) await nextTurn();
    }
    shared.settle(marks);
    sorted.flush();
  } catch (error) {
    sorted.close();
    throw error;
  }
  return { marks, pieces: () => sorted.pieces(), close: () => sorted.close() };
}

function mergeBucket(
  spill: SpillBuckets,
  bucket: number,
  files: BlockFiles,
  marks: BlockMarks,
  shared: SharedBlocks,
  sorted: SortedFile,
): void {
  const count = spill.sizeOf(bucket) / CODE_RECORD_BYTES;
  const high = new Uint32Array(count);
  const low = new Uint32Array(count);
  const blocks = new Uint32Array(count);
  let loaded = 0;
  for (const chunk of spill.take(bucket)) {
    loadChunk(new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4), loaded, high, low, blocks);
    loaded += chunk.length / CODE_RECORD_BYTES;
  }
  const order = sortCodes(high, low, count, CODE_BUCKET_BITS);
  for (let from = 0; from < count; ) {
    const first = order[from]!;
    const codeHigh = high[first]!;
    const codeLow = low[first]!;
    let to = from + 1;
    while (to < count && high[order[to]!] === codeHigh && low[order[to]!] === codeLow) to++;
    let block = blocks[first]!;
    if (to - from === 1) {
      if (block !== ALLOWED) marks.setIndexed(block);
    } else {
      block = mergeGroup(order, from, to, blocks, files, marks, shared);
    }
    if (block !== ALLOWED) sorted.add(codeHigh, codeLow, block);
    from = to;
  }
}

function loadChunk(words: Uint32Array, at: number, high: Uint32Array, low: Uint32Array, blocks: Uint32Array): void {
  for (let i = 0, to = at; i < words.length; i += RECORD_WORDS, to++) {
    high[to] = words[i]!;
    low[to] = words[i + 1]!;
    blocks[to] = words[i + 2]!;
  }
}

/** @returns the block that stays or may stay, {@link ALLOWED} when none does */
function mergeGroup(
  order: Uint32Array,
  from: number,
  to: number,
  blocks: Uint32Array,
  files: BlockFiles,
  marks: BlockMarks,
  shared: SharedBlocks,
): number {
  const used: number[] = [];
  let allowed = false;
  for (let i = from; i < to; i++) {
    const block = blocks[order[i]!]!;
    if (block === ALLOWED) allowed = true;
    else if (files.unused[fileOfBlock(files, block)] === 0) used.push(block);
  }
  if (used.length === 0) return ALLOWED;
  if (used.length === 1 && !allowed) {
    marks.setIndexed(used[0]!);
    return used[0]!;
  }
  const kept = shared.take(used, allowed);
  return kept < 0 ? ALLOWED : kept;
}

/** The temporary file of sorted codes, unlinked as soon as it is open where the system allows that. */
class SortedFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #buffer = new Uint32Array(RECORDS_AT_ONCE * RECORD_WORDS);
  #fill = 0;
  #bytes = 0;
  #unlinked = false;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'wx+', 0o600);
    try {
      unlinkSync(path);
      this.#unlinked = true;
    } catch {
      // Some systems keep open files in place; close() removes it then.
    }
  }

  add(high: number, low: number, block: number): void {
    const at = this.#fill;
    this.#buffer[at] = high;
    this.#buffer[at + 1] = low;
    this.#buffer[at + 2] = block;
    this.#fill = at + RECORD_WORDS;
    if (this.#fill === this.#buffer.length) this.flush();
  }

  flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#fill * 4);
    writeFully(this.#fd, bytes, this.#bytes);
    this.#bytes += bytes.length;
    this.#fill = 0;
  }

  *pieces(): Generator<Uint32Array, void, void> {
    const bytes = new Uint8Array(this.#buffer.buffer);
    for (let at = 0; at < this.#bytes; ) {
      const length = Math.min(bytes.length, this.#bytes - at);
      for (let done = 0; done < length; ) {
        const got = readSync(this.#fd, bytes, done, length - done, at + done);
        if (got === 0) throw new Error('a temporary file of the build is shorter than what was written to it');
        done += got;
      }
      at += length;
      yield this.#buffer.subarray(0, length / 4);
    }
  }

  close(): void {
    closeSync(this.#fd);
    if (!this.#unlinked) unlinkSync(this.#path);
  }
}
