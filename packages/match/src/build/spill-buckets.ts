import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';

/** Bytes gathered per bucket before they go to disk: 256 buckets then hold 8 MiB. */
const CHUNK_BYTES = 32 * 1024;

/**
 * Records sorted coarsely into numbered buckets on disk, in one temporary file, so that a build
 * needs memory for one bucket at a time and not for the whole list.
 *
 * The file is unlinked as soon as it is open where the system allows that, so that not even
 * `kill -9` leaves it behind.
 */
export class SpillBuckets {
  readonly #fd: number;
  readonly #path: string | null;
  readonly #chunks: (Buffer | undefined)[];
  readonly #fill: Int32Array;
  /** Per bucket: file offset and length of each chunk written, in turn. */
  readonly #written: (number[] | undefined)[];
  #fileEnd = 0;
  /** Where `reserve` made room: valid until the next call. */
  target: Buffer = Buffer.alloc(0);

  constructor(path: string, bucketCount: number) {
    this.#fd = openSync(path, 'wx+', 0o600);
    let left: string | null = path;
    try {
      unlinkSync(path);
      left = null;
    } catch {
      // Some systems keep open files in place; then close() removes it.
    }
    this.#path = left;
    this.#chunks = Array.from({ length: bucketCount });
    this.#written = Array.from({ length: bucketCount });
    this.#fill = new Int32Array(bucketCount);
  }

  get bucketCount(): number {
    return this.#fill.length;
  }

  /** Makes room for `length` bytes in the bucket; the caller writes them to `target` at the returned offset at once. */
  reserve(bucket: number, length: number): number {
    let chunk = this.#chunks[bucket];
    if (chunk === undefined) {
      chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      this.#chunks[bucket] = chunk;
    }
    let at = this.#fill[bucket]!;
    if (at + length > CHUNK_BYTES) {
      this.#flush(bucket, chunk, at);
      at = 0;
    }
    this.#fill[bucket] = at + length;
    this.target = chunk;
    return at;
  }

  /** Bytes in a bucket. */
  sizeOf(bucket: number): number {
    let size = this.#fill[bucket]!;
    const written = this.#written[bucket] ?? [];
    for (let i = 1; i < written.length; i += 2) size += written[i]!;
    return size;
  }

  /** Reads a whole bucket into the front of `into`, which must hold `sizeOf(bucket)` bytes; returns that many. */
  load(bucket: number, into: Buffer): number {
    let at = 0;
    const written = this.#written[bucket] ?? [];
    for (let i = 0; i < written.length; i += 2) {
      const length = written[i + 1]!;
      readFully(this.#fd, into, at, length, written[i]!);
      at += length;
    }
    const fill = this.#fill[bucket]!;
    this.#chunks[bucket]?.copy(into, at, 0, fill);
    return at + fill;
  }

  /** The bucket's bytes chunk by chunk in the order they came; records never straddle chunks. */
  *read(bucket: number): Generator<Buffer, void, void> {
    const written = this.#written[bucket] ?? [];
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (let i = 0; i < written.length; i += 2) {
      const length = written[i + 1]!;
      readFully(this.#fd, buffer, 0, length, written[i]!);
      yield buffer.subarray(0, length);
    }
    const fill = this.#fill[bucket]!;
    if (fill > 0) yield this.#chunks[bucket]!.subarray(0, fill);
  }

  /** Drops the memory of all buckets by writing what is left; for use between filling and reading. */
  flush(): void {
    for (const [bucket, chunk] of this.#chunks.entries()) {
      const fill = this.#fill[bucket]!;
      if (chunk !== undefined && fill > 0) this.#flush(bucket, chunk, fill);
      this.#fill[bucket] = 0;
      this.#chunks[bucket] = undefined;
    }
  }

  close(): void {
    closeSync(this.#fd);
    if (this.#path !== null) unlinkSync(this.#path);
  }

  #flush(bucket: number, chunk: Buffer, length: number): void {
    for (let done = 0; done < length; ) done += writeSync(this.#fd, chunk, done, length - done, this.#fileEnd + done);
    (this.#written[bucket] ??= []).push(this.#fileEnd, length);
    this.#fileEnd += length;
  }
}

function readFully(fd: number, into: Buffer, at: number, length: number, position: number): void {
  for (let done = 0; done < length; ) {
    const got = readSync(fd, into, at + done, length - done, position + done);
    if (got === 0) throw new Error('a temporary file of the build is shorter than what was written to it');
    done += got;
  }
}
