import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { CHUNK_BYTES, type ChunkPool } from './chunk-pool.ts';

/** A full chunk: in memory, or at an offset of the temporary file. */
interface FullChunk {
  readonly memory: Buffer | null;
  readonly offset: number;
  readonly lengthBytes: number;
}

/**
 * Records sorted coarsely into numbered buckets, so that a build needs memory for one bucket at a
 * time and not for the whole list. What the pool has no room for goes to one temporary file, which
 * is unlinked as soon as it is open where the system allows that: not even `kill -9` leaves it behind.
 */
export class SpillBuckets {
  readonly #path: string;
  readonly #pool: ChunkPool;
  readonly #filling: (Buffer | undefined)[];
  readonly #fill: Int32Array;
  readonly #full: (FullChunk[] | undefined)[];
  #fd = -1;
  #unlinked = false;
  #fileEnd = 0;
  /** Where `reserve` made room: valid until the next call. */
  target: Buffer = Buffer.alloc(0);

  /** @param path of the temporary file, made when it is first needed */
  constructor(path: string, bucketCount: number, pool: ChunkPool) {
    this.#path = path;
    this.#pool = pool;
    this.#filling = Array.from({ length: bucketCount });
    this.#full = Array.from({ length: bucketCount });
    this.#fill = new Int32Array(bucketCount);
  }

  get bucketCount(): number {
    return this.#fill.length;
  }

  /** Makes room for `length` bytes in the bucket; the caller writes them to `target` at the returned offset at once. */
  reserve(bucket: number, length: number): number {
    let chunk = this.#filling[bucket];
    let at = this.#fill[bucket]!;
    if (chunk === undefined || at + length > CHUNK_BYTES) {
      if (chunk !== undefined) this.#setAside(bucket, chunk, at);
      chunk = this.#pool.take();
      this.#filling[bucket] = chunk;
      at = 0;
    }
    this.#fill[bucket] = at + length;
    this.target = chunk;
    return at;
  }

  /** Bytes in a bucket. */
  sizeOf(bucket: number): number {
    let size = this.#fill[bucket]!;
    for (const { lengthBytes } of this.#full[bucket] ?? []) size += lengthBytes;
    return size;
  }

  /** Moves a whole bucket into the front of `into`, which must hold `sizeOf(bucket)` bytes; the bucket is then empty. */
  load(bucket: number, into: Buffer): void {
    let at = 0;
    for (const chunk of this.take(bucket)) {
      chunk.copy(into, at);
      at += chunk.length;
    }
  }

  /**
   * Takes the bucket's bytes out chunk by chunk in the order they came; records never straddle
   * chunks. Each chunk is valid until the next is asked for.
   */
  *take(bucket: number): Generator<Buffer, void, void> {
    const full = this.#full[bucket] ?? [];
    const fill = this.#fill[bucket]!;
    const last = this.#filling[bucket];
    this.#full[bucket] = undefined;
    this.#filling[bucket] = undefined;
    this.#fill[bucket] = 0;
    for (const { memory, offset, lengthBytes } of full) {
      const chunk = memory ?? this.#pool.take();
      if (memory === null) readFully(this.#fd, chunk, lengthBytes, offset);
      yield chunk.subarray(0, lengthBytes);
      this.#pool.give(chunk, memory !== null);
    }
    if (last === undefined) return;
    yield last.subarray(0, fill);
    this.#pool.give(last, false);
  }

  /** Closes and removes the temporary file, if there is one. */
  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    if (!this.#unlinked) unlinkSync(this.#path);
    this.#fd = -1;
  }

  #setAside(bucket: number, chunk: Buffer, lengthBytes: number): void {
    const chunks = (this.#full[bucket] ??= []);
    if (this.#pool.mayKeep()) {
      chunks.push({ memory: chunk, offset: 0, lengthBytes });
      return;
    }
    if (this.#fd < 0) this.#openFile();
    for (let done = 0; done < lengthBytes; ) {
      done += writeSync(this.#fd, chunk, done, lengthBytes - done, this.#fileEnd + done);
    }
    chunks.push({ memory: null, offset: this.#fileEnd, lengthBytes });
    this.#fileEnd += lengthBytes;
    this.#pool.give(chunk, false);
  }

  #openFile(): void {
    this.#fd = openSync(this.#path, 'wx+', 0o600);
    try {
      unlinkSync(this.#path);
      this.#unlinked = true;
    } catch {
      // Some systems keep open files in place; close() removes it then.
    }
  }
}

function readFully(fd: number, into: Buffer, length: number, position: number): void {
  for (let done = 0; done < length; ) {
    const got = readSync(fd, into, done, length - done, position + done);
    if (got === 0) throw new Error('a temporary file of the build is shorter than what was written to it');
    done += got;
  }
}
