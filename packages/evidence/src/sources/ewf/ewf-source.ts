import { NO_RANGES, requireInside, type ByteRange, type Problem } from '@kerbside/bytes';
import { EvidenceFiles } from '../evidence-files.ts';
import { ProblemLog } from '../problem-log.ts';
import { RangeSet } from '../range-set.ts';
import { readCarefully } from '../read-carefully.ts';
import type { SourceReader } from '../source-reader.ts';
import { createSummedBuffer, type SummedBuffer } from './adler32-simd.ts';
import { ChunkInflater } from './ewf-chunk.ts';
import { readEwfIndex, type EwfIndex } from './ewf-index.ts';
import { loadTable, type ChunkPlace, type LoadedTable } from './ewf-table.ts';

/** Tables kept loaded: 64 KiB each as EnCase writes them, 8 GiB of medium. */
const MAX_LOADED_TABLES = 16;
/** Bytes read from a segment in one go. */
const MAX_SPAN_BYTES = 1024 * 1024;
/** Unpacked chunks kept for the many small reads of a file-system walk. */
const MAX_CACHED_BYTES = 4 * 1024 * 1024;

/**
 * The medium inside an E01 image. Every chunk is checked before a byte of it is handed out; a chunk
 * that fails is zero-filled and comes back as an unread range. Memory does not grow with the image.
 */
export class EwfSource implements SourceReader {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readonly index: EwfIndex;
  /** Unread at acquisition, or found damaged so far. */
  readonly unreadable = new RangeSet();
  /** Chunks that failed so far. */
  chunksBad = 0;
  readonly #files: EvidenceFiles;
  readonly #chunkBytes: number;
  readonly #problems = new ProblemLog();
  readonly #tables = new Map<number, LoadedTable | null>();
  readonly #cache = new Map<number, Buffer>();
  readonly #maxCachedChunks: number;
  readonly #scratch: SummedBuffer;
  readonly #inflater: ChunkInflater;
  readonly #badChunks = new RangeSet();
  #span: { first: number; places: ChunkPlace[]; filled: boolean } = { first: 0, places: [], filled: false };

  /** @throws RefusedError when the segments are not one whole image */
  constructor(paths: readonly string[]) {
    this.#files = new EvidenceFiles(paths);
    this.index = readEwfIndex(this.#files);
    const { media, acquisitionErrors } = this.index;
    this.sizeBytes = media.sizeBytes;
    this.#chunkBytes = media.chunkBytes;
    this.#maxCachedChunks = Math.max(2, Math.floor(MAX_CACHED_BYTES / media.chunkBytes));
    this.#scratch = createSummedBuffer(Math.max(MAX_SPAN_BYTES, 2 * media.chunkBytes + 64 * 1024));
    this.#inflater = new ChunkInflater(media.chunkBytes);
    for (const range of acquisitionErrors) this.unreadable.add(range.offset, range.length);
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    const length = target.byteLength;
    requireInside(this.sizeBytes, offset, length);
    if (length === 0) return NO_RANGES;
    const size = this.#chunkBytes;
    const end = offset + length;
    const firstChunk = Math.floor(offset / size);
    const lastChunk = Math.min(Math.floor((end - 1) / size), this.index.reachableChunks - 1);
    this.#span.filled = false;
    for (let chunk = firstChunk; chunk <= lastChunk; chunk++) {
      const chunkStart = chunk * size;
      const from = Math.max(offset, chunkStart);
      const to = Math.min(end, chunkStart + size);
      const isWhole = to - from === size || (from === chunkStart && to === this.sizeBytes);
      this.#copyChunk(chunk, lastChunk, target, from - offset, from - chunkStart, to - from, isWhole);
    }
    const reachableEnd = this.index.reachableChunks * size;
    if (end > reachableEnd) this.#leaveBeyondTables(target, offset, Math.max(offset, reachableEnd), end);
    if (this.unreadable.isEmpty) return NO_RANGES;
    const unread = this.unreadable.within(offset, length);
    // What an acquisition left in place of unread sectors (zeros, or a pattern) is not content either.
    for (const range of unread) target.fill(0, range.offset - offset, range.offset + range.length - offset);
    return unread.length === 0 ? NO_RANGES : unread;
  }

  /** Checks every copy of every chunk table, for a full verification. */
  checkAllTables(): void {
    for (const table of this.index.tables) {
      for (const head of table.heads) {
        loadTable(this.#files, { ...table, heads: [head] }, this.#chunkBytes, (problem) => this.#problems.add(problem));
      }
    }
  }

  takeProblems(): readonly Problem[] {
    return this.#problems.take();
  }

  close(): void {
    this.#files.close();
    this.#inflater.close();
    this.#tables.clear();
    this.#cache.clear();
  }

  #copyChunk(chunk: number, lastChunk: number, target: Uint8Array, targetAt: number, chunkAt: number, length: number, isWhole: boolean): void {
    const cached = this.#cache.get(chunk);
    if (cached !== undefined) {
      target.set(cached.subarray(chunkAt, chunkAt + length), targetAt);
      return;
    }
    if (!this.#badChunks.isEmpty && this.#badChunks.within(chunk, 1).length > 0) {
      target.fill(0, targetAt, targetAt + length);
      return;
    }
    const bytes = this.#chunk(chunk, lastChunk);
    if (bytes === null) {
      target.fill(0, targetAt, targetAt + length);
      return;
    }
    target.set(chunkAt === 0 && length === bytes.length ? bytes : bytes.subarray(chunkAt, chunkAt + length), targetAt);
    if (!isWhole) this.#remember(chunk, bytes);
  }

  /** The checked bytes of a chunk; good until the next call. */
  #chunk(chunk: number, lastChunk: number): Buffer | null {
    const span = this.#span;
    if (!span.filled || chunk < span.first || chunk >= span.first + span.places.length) {
      if (!this.#fillSpan(chunk, lastChunk)) return null;
    }
    const place = this.#span.places[chunk - this.#span.first]!;
    const at = place.position - this.#span.places[0]!.position;
    const scratch = this.#scratch;
    const expected = Math.min(this.#chunkBytes, this.sizeBytes - chunk * this.#chunkBytes);
    if (place.isCompressed) {
      const bytes = this.#inflater.inflate(scratch.bytes.subarray(at, at + place.length));
      if (bytes !== null && bytes.length >= expected) return bytes;
    } else {
      // The last chunk may be stored whole or cut to what the medium has.
      const length = Math.min(place.length - 4, this.#chunkBytes);
      if (length >= expected && scratch.adler32(at, length) === scratch.bytes.readUInt32LE(at + length)) return scratch.bytes.subarray(at, at + length);
    }
    this.#markBad(chunk, 'ewf-chunk-damaged', 'fails its checksum');
    return null;
  }

  /** Reads `chunk` and as many after it as stand next to it in the file, up to the span's size. */
  #fillSpan(chunk: number, lastChunk: number): boolean {
    const tableIndex = this.#tableIndexOf(chunk);
    const table = this.index.tables[tableIndex]!;
    const loaded = this.#loadedTable(tableIndex);
    const first = loaded?.place(chunk - table.firstChunk) ?? null;
    if (loaded === null || first === null) {
      this.#markBad(chunk, 'ewf-chunk-damaged', 'has no usable table entry');
      return false;
    }
    const places = [first];
    const stop = Math.min(lastChunk, table.firstChunk + table.chunkCount - 1);
    let end = first.position + first.length;
    for (let next = chunk + 1; next <= stop; next++) {
      const place = loaded.place(next - table.firstChunk);
      if (place === null || place.position !== end || end + place.length - first.position > MAX_SPAN_BYTES) break;
      places.push(place);
      end += place.length;
    }
    this.#span = { first: chunk, places, filled: false };
    const file = table.segment;
    const unread = readCarefully(
      (bytes, at, length, position) => this.#files.readAt(file, bytes, at, length, position),
      this.#scratch.bytes,
      0,
      end - first.position,
      first.position,
      512,
    );
    const firstUnread = unread[0];
    if (firstUnread !== undefined) {
      // Keep the chunks before the hole; the one that holds it is lost, the ones after it are read afresh.
      const sound = places.filter((place) => place.position + place.length <= firstUnread.offset).length;
      places.length = sound;
      if (sound === 0) {
        this.#markBad(chunk, 'ewf-chunk-unreadable', 'could not be read from the image file');
        return false;
      }
    }
    this.#span.filled = true;
    return true;
  }

  #markBad(chunk: number, code: string, what: string): void {
    const offset = chunk * this.#chunkBytes;
    const length = Math.min(this.#chunkBytes, this.sizeBytes - offset);
    this.chunksBad += 1;
    this.#badChunks.add(chunk, 1);
    this.unreadable.add(offset, length);
    this.#problems.add({
      kind: code === 'ewf-chunk-unreadable' ? 'medium' : 'malformed',
      code,
      message: `chunk ${chunk} of the E01 image ${what}; ${length} bytes at ${offset} count as unread`,
      where: { offset, length },
    });
  }

  #leaveBeyondTables(target: Uint8Array, offset: number, from: number, end: number): void {
    target.fill(0, from - offset, end - offset);
    this.unreadable.add(from, end - from);
  }

  #remember(chunk: number, bytes: Buffer): void {
    if (this.#cache.size >= this.#maxCachedChunks) this.#cache.delete(this.#cache.keys().next().value!);
    // The bytes lie in a buffer that the next chunk is written to, so they are copied out.
    this.#cache.set(chunk, Buffer.from(bytes));
  }

  #loadedTable(index: number): LoadedTable | null {
    const known = this.#tables.get(index);
    if (known !== undefined) return known;
    const loaded = loadTable(this.#files, this.index.tables[index]!, this.#chunkBytes, (problem) => this.#problems.add(problem));
    if (this.#tables.size >= MAX_LOADED_TABLES) this.#tables.delete(this.#tables.keys().next().value!);
    this.#tables.set(index, loaded);
    return loaded;
  }

  #tableIndexOf(chunk: number): number {
    const { tables } = this.index;
    let low = 0;
    let high = tables.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (tables[middle]!.firstChunk <= chunk) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
