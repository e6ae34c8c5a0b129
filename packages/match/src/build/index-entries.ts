import type { DigestAlgorithm } from '../known-set.ts';
import type { IndexFacts } from '../compiled/layout.ts';
import { filterBitsFor, filterMask, filterWord } from '../compiled/miss-filter.ts';
import type { SetFileWriter } from './set-file-writer.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { SpillBuckets } from './spill-buckets.ts';
import { sortByKey } from './sort-keys.ts';

/** Bytes of an entry in the temporary file: the digest's first 8 bytes as two words, and the row where it is not the position. */
const ORDERED_ENTRY_BYTES = 8;
const ENTRY_BYTES = 12;

/** Most leading bits that choose a bucket: key and bucket together then stay inside the 64 bits kept. */
const MAX_BUCKET_BITS = 28;

/** Words gathered before a write. */
const STAGE_WORDS = 16 * 1024;

/**
 * Collects (digest, row) pairs of one digest kind while rows are written, and writes the kind's
 * index sections. `ordered` is for the kind by which the rows are sorted: entry i is row i.
 */
export class IndexEntries {
  readonly kind: DigestAlgorithm;
  count = 0;
  readonly #ordered: boolean;
  readonly #spill: SpillBuckets;
  readonly #spoolPath: string;
  readonly #pool: ChunkPool;

  constructor(kind: DigestAlgorithm, ordered: boolean, spillPath: string, pool: ChunkPool) {
    this.kind = kind;
    this.#ordered = ordered;
    this.#spill = new SpillBuckets(spillPath, ordered ? 1 : 256, pool);
    this.#pool = pool;
    this.#spoolPath = `${spillPath}-keys`;
  }

  add(bytes: Uint8Array, at: number, row: number): void {
    const bucket = this.#ordered ? 0 : bytes[at]!;
    let to = this.#spill.reserve(bucket, this.#ordered ? ORDERED_ENTRY_BYTES : ENTRY_BYTES);
    const target = this.#spill.target;
    // Little-endian words of a big-endian digest, so that the words compare as the digest does.
    target[to++] = bytes[at + 3]!;
    target[to++] = bytes[at + 2]!;
    target[to++] = bytes[at + 1]!;
    target[to++] = bytes[at]!;
    target[to++] = bytes[at + 7]!;
    target[to++] = bytes[at + 6]!;
    target[to++] = bytes[at + 5]!;
    target[to++] = bytes[at + 4]!;
    if (!this.#ordered) {
      target[to++] = row & 0xff;
      target[to++] = (row >>> 8) & 0xff;
      target[to++] = (row >>> 16) & 0xff;
      target[to] = row >>> 24;
    }
    this.count++;
  }

  /** Writes `keys-K`, `buckets-K`, `filter-K` and, unless ordered, `refs-K`. */
  writeSections(writer: SetFileWriter): IndexFacts {
    const shape = makeIndexShape(this.count);
    const { starts } = shape;
    if (this.#ordered) this.#writeOrdered(writer, shape);
    else this.#writeSorted(writer, shape);
    for (let i = 1; i < starts.length; i++) starts[i] = starts[i]! + starts[i - 1]!;
    writer.begin(`buckets-${this.kind}`, 'whole');
    writer.write(new Uint8Array(starts.buffer));
    writer.end();
    writer.begin(`filter-${this.kind}`, 'whole');
    writer.write(new Uint8Array(shape.filter.buffer));
    writer.end();
    return { kind: this.kind, entries: this.count, bucketBits: shape.bucketBits, filterBits: shape.filterBits };
  }

  close(): void {
    this.#spill.close();
  }

  #writeOrdered(writer: SetFileWriter, shape: IndexShape): void {
    writer.begin(`keys-${this.kind}`, 'whole');
    const stage = new WordStage((bytes) => writer.write(bytes));
    for (const chunk of this.#spill.take(0)) {
      const words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
      for (let i = 0; i < words.length; i += 2) stage.add(addKey(words[i]!, words[i + 1]!, shape));
    }
    stage.flush();
    writer.end();
  }

  #writeSorted(writer: SetFileWriter, shape: IndexShape): void {
    const keySpool = new SpillBuckets(this.#spoolPath, 1, this.#pool);
    try {
      writer.begin(`refs-${this.kind}`, 'blocks');
      const refs = new WordStage((bytes) => writer.write(bytes));
      const keys = new WordStage((bytes) => {
        const at = keySpool.reserve(0, bytes.length);
        keySpool.target.set(bytes, at);
      }, 1024);
      for (let bucket = 0; bucket < this.#spill.bucketCount; bucket++) {
        this.#sortBucket(bucket, (first, second, row) => {
          keys.add(addKey(first, second, shape));
          refs.add(row);
        });
      }
      refs.flush();
      keys.flush();
      writer.end();
      writer.begin(`keys-${this.kind}`, 'whole');
      for (const chunk of keySpool.take(0)) writer.write(chunk);
      writer.end();
    } finally {
      keySpool.close();
    }
  }

  #sortBucket(bucket: number, emit: (first: number, second: number, row: number) => void): void {
    const size = this.#spill.sizeOf(bucket);
    if (size === 0) return;
    const bytes = Buffer.allocUnsafeSlow(size);
    this.#spill.load(bucket, bytes);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, size / 4);
    const count = words.length / 3;
    const sortKeys = new Uint32Array(count);
    for (let i = 0; i < count; i++) sortKeys[i] = (words[i * 3]! << 8) | (words[i * 3 + 1]! >>> 24);
    const order = sortByKey(
      sortKeys,
      count,
      (a, b) => words[a * 3 + 1]! - words[b * 3 + 1]! || words[a * 3 + 2]! - words[b * 3 + 2]!,
    );
    for (const i of order) emit(words[i * 3]!, words[i * 3 + 1]!, words[i * 3 + 2]!);
  }
}

/** Four to eight digests a bucket: its keys then lie in one or two cache lines. */
export function bucketBitsFor(entries: number): number {
  return entries <= 8 ? 0 : Math.min(MAX_BUCKET_BITS, Math.ceil(Math.log2(entries / 8)));
}

/** The parts of an index that are made in memory. */
interface IndexShape {
  readonly bucketBits: number;
  readonly filterBits: number;
  /** Entry b + 1 counts bucket b until the counts are summed up. */
  readonly starts: Uint32Array;
  readonly filter: Uint32Array;
}

function makeIndexShape(entries: number): IndexShape {
  const bucketBits = bucketBitsFor(entries);
  const filterBits = filterBitsFor(entries);
  return { bucketBits, filterBits, starts: new Uint32Array(2 ** bucketBits + 1), filter: new Uint32Array(2 ** filterBits) };
}

/** Enters a digest in its bucket and the filter; returns its key, the 32 bits that follow those of the bucket. */
function addKey(first: number, second: number, { bucketBits, filterBits, starts, filter }: IndexShape): number {
  filter[filterWord(first, filterBits)]! |= filterMask(second);
  if (bucketBits === 0) {
    starts[1]!++;
    return first;
  }
  starts[(first >>> (32 - bucketBits)) + 1]!++;
  return ((first << bucketBits) | (second >>> (32 - bucketBits))) >>> 0;
}

/** Gathers 32-bit words and hands them on as bytes in larger pieces. */
class WordStage {
  readonly #words: Uint32Array;
  readonly #emit: (bytes: Uint8Array) => void;
  #fill = 0;

  constructor(emit: (bytes: Uint8Array) => void, words = STAGE_WORDS) {
    this.#words = new Uint32Array(words);
    this.#emit = emit;
  }

  add(word: number): void {
    this.#words[this.#fill++] = word;
    if (this.#fill === this.#words.length) this.flush();
  }

  flush(): void {
    if (this.#fill > 0) this.#emit(new Uint8Array(this.#words.buffer, 0, this.#fill * 4));
    this.#fill = 0;
  }
}
