import { inflateSync } from 'node:zlib';
import { openReusedInflater, type ReusedInflater } from './reused-inflater.ts';

/**
 * A chunk of EWF is a zlib stream, whose own Adler-32 zlib checks, or its bytes and their Adler-32
 * (little-endian).
 */

/** Streams up to this length are remembered with what they unpack to: chunks of one repeated byte make the same few bytes each time. */
const MAX_REMEMBERED_STREAM_BYTES = 512;

/**
 * Unpacks a zlib stream.
 * @param limit most bytes it may unpack to
 * @returns the bytes, or null when the stream is damaged or larger than `limit`
 */
export function inflateBounded(stream: Uint8Array, limit: number): Buffer | null {
  try {
    // Room for a little more than needed: zlib then ends in one pass.
    return inflateSync(stream, { chunkSize: limit + 64, maxOutputLength: limit });
  } catch {
    return null;
  }
}

/** Unpacks the chunks of one image. The returned bytes must not be written to and are good until the next call. */
export class ChunkInflater {
  readonly #limit: number;
  readonly #reused: ReusedInflater | null;
  #lastStream: Buffer | null = null;
  #lastBytes: Buffer | null = null;

  constructor(chunkBytes: number) {
    this.#limit = chunkBytes;
    this.#reused = openReusedInflater(chunkBytes);
  }

  /** The chunk's bytes, or null when its stream is damaged. */
  inflate(stream: Buffer): Buffer | null {
    if (stream.length > MAX_REMEMBERED_STREAM_BYTES) {
      return this.#reused === null ? inflateBounded(stream, this.#limit) : this.#reused.inflate(stream);
    }
    if (this.#lastStream?.equals(stream)) return this.#lastBytes;
    const bytes = inflateBounded(stream, this.#limit);
    this.#lastStream = Buffer.from(stream);
    this.#lastBytes = bytes;
    return bytes;
  }

  close(): void {
    this.#reused?.close();
  }
}
